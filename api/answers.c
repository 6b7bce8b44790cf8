#include "api/answers.h"

#include "api/resources/execution_view.h"
#include "store/read_chains.h"
#include "store/read_skips.h"
#include "store/read_tasks.h"

/* clang-format off */
const struct answer_type api_answers[] = {
    /* what several of them hold */
    {"Recent",            .members = "execution_id:id status:Status run_ms?:int"},
    {"Lint",              .members = "schedule?:int pointer?:text code:text column?:int text:text"},
    {"ClockNote",         .members = "schedule:int at:instant text:text"},
    {"Reachable",         .members = "reachable:bool why?:text"},

    /* tasks */
    {"Parent",            .row = &parent_type},
    {"Follower",          .row = &follower_type},
    {"Pause",             .row = &pause_type, .except = "task_id"},
    {"Skip",              .row = &skip_wish_type, .except = "task_id skip_until"},
    {"Task",              .row = &task_type, .except = "labels spec kafka_offset",
                          .members = "next_at?:instant skip_until?:instant skip?:Skip paused?:Pause spec:TaskSpec words?:text[] recent?:Recent[] after?:Parent[] absent?:Follower[]"},
    {"TaskList",          .members = "items:Task[] next?:text"},
    {"Revision",          .row = &task_revision_type, .except = "spec", .members = "spec:TaskSpec"},
    {"RevisionNote",      .row = &task_revision_type, .except = "spec"},
    {"RevisionList",      .members = "items:Revision[] next?:text"},
    {"Gap",               .row = &gap_type},
    {"GapList",           .members = "items:Gap[] next?:text"},
    {"Outcome",           .members = "command_id:id task_id:id result:OutcomeResult|'PENDING' code?:OutcomeCode message?:text revision?:int execution_id?:id "
                                     "clock_changes?:ClockNote[] lints?:Lint[]"},
    {"Change",            .members = "pointer:text from?:any to?:any"},
    {"DraftInstant",      .members = "schedule:int at:instant local:offset zone:text due_at:instant dst:Dst skip?:Skip"},
    {"LeftOut",           .members = "schedule:int at:instant local:offset zone:text by:text pointer:text"},
    {"Draft",             .members = "task_id:id result:OutcomeCode revision:int state:TaskStatus changes:Change[] schedules:Explained[] next:DraftInstant[] "
                                     "left_out:LeftOut[] left_out_to:instant clock_changes:ClockNote[] lints:Lint[]"},

    {"BackfillInstant",   .members = "execution_id?:id scheduled_at:instant local:offset zone:text dst:Dst"},
    {"BackfillDraft",     .members = "task_id:id project:text key:text state:TaskStatus revision:int from:instant to:instant items:BackfillInstant[] count:int more:bool limit:int "
                                     "at_once:int next?:instant"},

    /* commands */
    {"Command",           .row = &command_view_type, .except = "result", .members = "result:OutcomeResult|'PENDING'"},

    /* what is to come, counts */
    {"Planned",           .members = "task_id:id project:text key:text title?:text scheduled_at:instant due_at:instant local:offset zone:text dst:Dst skip?:Skip"},
    {"Upcoming",          .members = "state?:TaskStatus from:instant complete:bool items:Planned[]"},
    {"Day",               .members = "day?:text from:instant to:instant total:int run_ms:int counts:{Status} planned?:int gaps?:{Reason}"},
    {"Days",              .members = "tz:text unit:text kept_from?:text items:Day[]"},
    {"ForecastTask",      .members = "task_id:id project:text key:text title?:text"},
    {"ForecastPart",      .members = "schedule:text firings:int tasks:int examples:ForecastTask[]"},
    {"ForecastPeak",      .members = "at:instant local:offset firings:int tasks:int by:ForecastPart[] more:bool"},
    {"ForecastHour",      .members = "at:instant local:offset firings:int most:int most_at:instant"},
    {"ForecastQuiet",     .members = "at:instant local:offset to:instant firings:int"},
    {"WhatIf",            .members = "expression:text zone:text minutes:int most?:int most_at?:instant most_local?:offset later_by?:int later_most?:int"},
    {"Forecast",          .members = "day:text tz:text from:instant to:instant since:instant at:instant tasks:int due:int paused:int firings:int complete:bool hours:ForecastHour[] "
                                     "peaks:ForecastPeak[] quiet:ForecastQuiet[] what_if?:WhatIf minutes:int[]"},
    {"Late",              .members = "executions:int tasks:int oldest_due_at?:instant"},
    {"Step",              .members = "from:instant counts:{Status}"},
    {"Summary",           .members = "at:instant late_after_ms:int open:{Status} late:Late day:{Status} failing_tasks:int tasks:{TaskStatus} steps:Step[] complete:bool"},
    {"LastFailure",       .members = "execution_id:id status:Status at:instant message?:text"},
    {"FailingTask",       .members = "task_id:id project?:text key?:text title?:text counts:{Status} in_a_row:int since:instant last:LastFailure recent:Recent[]"},
    {"Failing",           .members = "items:FailingTask[] tasks:int complete:bool"},

    /* history */
    {"Heartbeat",         .row = &heartbeat_type, .except = "execution_id task_id"},
    {"Execution",         .row = &execution_type, .except = EXECUTION_INNER,
                          .members = "project?:text key?:text title?:text run_ms?:int usual_ms?:int progress?:int progress_message?:text heartbeat_at?:instant heartbeat?:Heartbeat"},
    {"ExecutionList",     .members = "items:Execution[] next?:text complete?:bool"},
    {"ExecutionEvent",    .row = &event_type},
    {"ExecutionEventList", .members = "items:ExecutionEvent[] next?:text"},
    {"Evidence",          .members = "topic:text partition?:int offset?:int at?:instant local?:offset text:text"},
    {"Verdict",           .members = "at:instant local:offset due_at?:instant answer:'RAN'|'RUNS'|'WAITS'|'DID_NOT_RUN'|'NOT_FIRED'|'NOT_SCHEDULED'|'TO_COME'|'UNDECIDED'|'UNSTORED'|'NOT_KEPT'|"
                                     "'UNEXPLAINED' rule?:Reason text:text details:text[] evidence:Evidence[] before?:instant after?:instant revision?:RevisionNote gap?:Gap execution?:Execution"},
    {"Why",               .members = "task_id:id project:text key:text state:TaskStatus tz:text now:instant note?:text items:Verdict[]"},
    {"AuditLine",         .members = "at:instant local:offset to?:instant kind:'DID_NOT_RUN'|'NOT_FIRED'|'MISSING'|'EXTRA'|'TWICE'|'MISCOUNTED' count:int explained:bool rule?:Reason "
                                     "execution_id?:id revision?:int text:text"},
    {"AuditTotals",       .members = "expected:int ran:int open:int did_not_run:int not_fired:int undecided:int not_kept:int missing:int extra:int twice:int others:int"},
    {"Audit",             .members = "task_id:id project:text key:text state:TaskStatus tz:text now:instant from:instant to:instant totals:AuditTotals items:AuditLine[] next?:text"},
    {"LogLine",           .members = "attempt:int writer:id seq:int at?:instant received_at:instant level:LogLevel stream:LogStream message:text escaped?:bool unfinished?:bool"},
    {"LogPage",           .members = "items:LogLine[] attempt?:int writer?:id last?:int prev?:text next:text more:bool"},
    {"LogWriter",         .members = "attempt:int writer:id last:int worker?:text lines:int missing:pair[] levels?:{LogLevel}"},
    {"LogWriters",        .members = "items:LogWriter[]"},
    {"LogMatch",          .members = "line:int at?:instant level:LogLevel stream:LogStream message:text"},
    {"LogMatches",        .members = "items:LogMatch[] attempt?:int writer?:id last?:int matches:int scanned:int next?:text"},

    /* what was put aside */
    {"DeadLetter",        .members = "topic:text partition:int offset:int last_offset?:int at?:instant reason:text detail?:text key?:text key_base64?:text bytes?:int sha256?:text "
                                     "value?:text value_base64?:text"},
    {"DeadLetterList",    .members = "items:DeadLetter[] next?:text"},

    /* schedules and zones */
    {"ScheduleLint",      .members = "code:text column?:int text:text"},
    {"ClockChange",       .members = "at:instant local:local several:bool effect:'SKIPS'|'MOVES'|'ONCE'|'TWICE' text:text"},
    {"Frequency",         .members = "per_day:int per_month:int per_year:int"},
    {"Occurrence",        .members = "at:instant local:offset dst:Dst nominal?:local"},
    {"Explained",         .members = "expression:text canonical:text description:text zone:text class:'FIXED_TIME'|'INTERVAL' lints:ScheduleLint[] clock_changes:ClockChange[] "
                                     "frequency:Frequency next:Occurrence[]"},
    {"ZoneSpan",          .members = "from?:instant offset_s:int"},
    {"ZoneRules",         .members = "name:text tzdata:text spans:ZoneSpan[]"},
    {"ZoneNames",         .members = "tzdata:text items:text[]"},

    /* the installation */
    {"QueueGroup",        .members = "name:text members?:int lag?:int"},
    {"Queue",             .members = "name:text topic:text partitions:int open?:{Status} more?:bool oldest_due_at?:instant group?:QueueGroup"},
    {"QueueList",         .members = "items:Queue[]"},
    {"QueueRun",          .members = "execution_id:id task_id:id project?:text key?:text title?:text status:Status attempt:int scheduled_at?:instant started_at?:instant progress?:int "
                                     "progress_message?:text heartbeat_at?:instant"},
    {"QueueWorker",       .members = "worker:text incarnation:id since:instant seen_at:instant running:int finished:int runs:QueueRun[]"},
    {"QueueWorkers",      .members = "queue:text group?:QueueGroup from:instant items:QueueWorker[] complete:bool"},
    {"Watermark",         .members = "at?:instant written_at:instant age_ms:int"},
    {"PartitionProblem",  .members = "kind:'STALLED'|'STANDING'|'UNREACHABLE'|'UNOWNED'|'UNSTORED'|'LOST' topic:text by?:text seconds?:int offset?:int offsets?:int why?:text cure?:text"},
    {"Partition",         .members = "partition:int scheduler?:text consumer?:text watermark?:Watermark lag?:int problems:PartitionProblem[]"},
    {"Lateness",          .members = "from:instant fired:int p50_ms?:int p99_ms?:int"},
    {"DeadLetterCount",   .members = "count:int more:bool newest_at?:instant"},
    {"TopicRetention",    .members = "topic:text policy:text ms?:int"},
    {"Retention",         .members = "history_from?:instant logs_from?:instant topics:TopicRetention[]"},
    {"Versions",          .members = "cronobs:text schema?:int postgresql?:text"},
    {"NodeTzdata",        .members = "node:text tzdata:text"},
    {"System",            .members = "at:instant database:Reachable broker:Reachable versions:Versions tzdata:NodeTzdata[] lateness?:Lateness dead_letters?:DeadLetterCount "
                                     "retention:Retention partitions:Partition[]"},
    {"Session",           .members = "auth:'none' can:text[]"},

    /* an import */
    {"ImportEntry",       .members = "line:int key:text task_id:id schedule:text zone:text user?:text next_at?:instant command:text result:text why?:text hint?:text"},
    {"ImportNote",        .members = "line?:int column?:int key?:text text:text why:text hint?:text"},
    {"ImportSetting",     .members = "line:int name:text entries:int"},
    {"ImportVanished",    .members = "key:text deleted:bool why?:text"},
    {"ImportCounts",      .members = "read:int new:int known:int created:int updated:int unchanged:int pending:int refused:int unknown:int ignored:int"},
    {"ImportReport",      .members = "source:text project:text queue:text zone:text dry_run:bool asked:bool entries:ImportEntry[] refused:ImportNote[] ignored:ImportNote[] "
                                     "settings:ImportSetting[] notes:ImportNote[] vanished:ImportVanished[] counts:ImportCounts"},
    {.name = NULL},
};

const struct answer_route api_answer_routes[] = {
    {HTTP_GET,    "/v1/tasks",                                  "TaskList"},
    {HTTP_GET,    "/v1/tasks/:task",                            "Task"},
    {HTTP_PUT,    "/v1/tasks/:task",                            "Outcome|Draft"},
    {HTTP_PATCH,  "/v1/tasks/:task",                            "Outcome"},
    {HTTP_DELETE, "/v1/tasks/:task",                            "Outcome"},
    {HTTP_POST,   "/v1/tasks/:task:pause",                      "Outcome"},
    {HTTP_POST,   "/v1/tasks/:task:resume",                     "Outcome"},
    {HTTP_POST,   "/v1/tasks/:task:trigger",                    "Outcome"},
    {HTTP_POST,   "/v1/tasks/:task:skip-next",                  "Outcome"},
    {HTTP_POST,   "/v1/tasks/:task:backfill",                   "Outcome|BackfillDraft"},
    {HTTP_GET,    "/v1/tasks/:task/revisions",                  "RevisionList"},
    {HTTP_GET,    "/v1/tasks/:task/gaps",                       "GapList"},
    {HTTP_GET,    "/v1/tasks/:task/upcoming",                   "Upcoming"},
    {HTTP_GET,    "/v1/tasks/:task:why",                        "Why|Audit"},
    {HTTP_GET,    "/v1/tasks/:task/days",                       "Days"},
    {HTTP_GET,    "/v1/upcoming",                               "Upcoming"},
    {HTTP_GET,    "/v1/forecast",                               "Forecast"},
    {HTTP_GET,    "/v1/days",                                   "Days"},
    {HTTP_GET,    "/v1/summary",                                "Summary"},
    {HTTP_GET,    "/v1/failing",                                "Failing"},
    {HTTP_GET,    "/v1/executions",                             "ExecutionList"},
    {HTTP_GET,    "/v1/executions/:execution",                  "Execution"},
    {HTTP_POST,   "/v1/executions/:execution:cancel",           "Outcome"},
    {HTTP_POST,   "/v1/executions/:execution:retry",            "Outcome"},
    {HTTP_GET,    "/v1/executions/:execution/events",           "ExecutionEventList"},
    {HTTP_GET,    "/v1/executions/:execution/logs",             "LogPage"},
    {HTTP_GET,    "/v1/executions/:execution/logs:writers",     "LogWriters"},
    {HTTP_GET,    "/v1/executions/:execution/logs:search",      "LogMatches"},
    {HTTP_GET,    "/v1/executions/:execution/logs.txt",         NULL},
    {HTTP_GET,    "/v1/dead-letters",                           "DeadLetterList"},
    {HTTP_GET,    "/v1/dead-letters/:topic/:partition/:offset", "DeadLetter"},
    {HTTP_GET,    "/v1/stream",                                 NULL},
    {HTTP_GET,    "/v1/commands/:command",                      "Command"},
    {HTTP_POST,   "/v1/schedules:explain",                      "Explained"},
    {HTTP_GET,    "/v1/zones",                                  "ZoneNames|ZoneRules"},
    {HTTP_GET,    "/v1/queues",                                 "QueueList"},
    {HTTP_GET,    "/v1/queues/:queue/workers",                  "QueueWorkers"},
    {HTTP_POST,   "/v1/crontabs:import",                        "ImportReport"},
    {HTTP_GET,    "/v1/system",                                 "System"},
    {HTTP_GET,    "/v1/session",                                "Session"},
    {.pattern = NULL},
};
/* clang-format on */
