/*
 * The table of all commands. Order: as help lists them.
 */
#include "api/api.h"
#include "cli/client/options.h"
#include "cli/import/import.h"
#include "cli/schedule/ask.h"
#include "cli/schedule/next.h"
#include "cli/services/options.h"
#include "cli/shared/subcommand.h"
#include "cli/worker/run.h"
#include "cli/worker/work.h"
#include "consumer/consumer.h"
#include "scheduler/scheduler.h"

#define KAFKA    "brokers topic.prefix partitions"
#define DATABASE "database"

const struct subcommand subcommands[] = {
    {
        .name = "scheduler",
        .operands = "",
        .common = KAFKA " kafka.session_timeout kafka.transaction_timeout state.dir log.level",
        .parts = {{scheduler_settings, sizeof(struct scheduler_config)}},
        .signals = SIGNALS_STOP,
        .run = run_scheduler,
        .summary = "Decide what is due and publish it.",
        .more =
            "Start it as often as wanted: instances share the partitions, and take over from one "
            "that dies.\nExit code 75: start me again.",
    },
    {
        .name = "consumer",
        .operands = "",
        .common = KAFKA
        " " DATABASE " kafka.session_timeout kafka.transaction_timeout topic.replication log.level",
        .parts = {{consumer_settings, sizeof(struct consumer_config)},
                  {api_settings, sizeof(struct api_config)},
                  {consumer_options, sizeof(struct consumer_options)}},
        .signals = SIGNALS_STOP,
        .run = run_consumer,
        .summary = "Keep the history in PostgreSQL, and serve it over HTTP.",
    },
    {
        .name = "api",
        .operands = "",
        .common = KAFKA " " DATABASE
                        " database.schema kafka.transaction_timeout topic.replication log.level",
        .parts = {{api_settings, sizeof(struct api_config)}},
        .signals = SIGNALS_STOP,
        .run = run_api,
        .summary = "Serve the HTTP API alone, as often as wanted.",
    },
    {
        .name = "work",
        .operands = "-- COMMAND [ARGUMENT...] | --shell",
        .operands_max = OPERANDS_ANY,
        .common = "brokers topic.prefix kafka.session_timeout log.level",
        .parts = {{work_settings, sizeof(struct work_config)},
                  {command_settings, sizeof(struct command_options)}},
        .signals = SIGNALS_OWN,
        .run = run_work,
        .summary = "Run the executions of a queue as commands on this machine.",
        .more =
            "The payload is on standard input, what the execution is in CRONOBS_* variables; "
            "what the command\nprints is its log, exit code 0 is success.\n"
            "The first SIGTERM or SIGINT takes no new work and waits for the commands, the second "
            "sends them\nSIGTERM, the third SIGKILL. SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and "
            "SIGWINCH are passed on to them.",
    },
    {
        .name = "run",
        .operands = "-- COMMAND [ARGUMENT...]",
        .operands_max = OPERANDS_ANY,
        .common = "brokers topic.prefix state.dir url log.level",
        .parts = {{run_settings, sizeof(struct run_config)},
                  {command_settings, sizeof(struct command_options)}},
        .signals = SIGNALS_OWN,
        .run = run_run,
        .summary = "Run a command that your own cron starts, and report on it.",
        .more =
            "To whoever starts it, it is the command: standard input, what is printed, exit code, death by a signal and\nsignals that are sent to it are passed on as they are. The run is an execution of the task with its log. The command\nruns whether brokers and API can be reached or not; what could not be reported waits in the spool for the next run.\n\n  0 3 * * *  cronobs run --task nightly-backup --timeout 2h -- /opt/backup.sh",
    },
    {
        .name = "import crontab",
        .operands = "FILE|-",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{import_settings, sizeof(struct import_config)}},
        .run = run_import_crontab,
        .summary = "Make tasks of the lines of a crontab.",
        .more =
            "Lines are read as crond reads them; a comment `# key: NAME` above a line names its "
            "task. Import the\nfile again after a change: what is the same stays as it is. Exit "
            "code 1: some lines were refused, the\nothers went in. That a line will always be "
            "refused is said by what it holds: `# cronobs: ignore LINE`.\n\n"
            "  crontab -l | cronobs import crontab - --source web1 --dry-run\n"
            "  cronobs import crontab /etc/crontab --system --prune --ignore '@reboot root "
            "/usr/sbin/x'",
    },
    {
        .name = "task list",
        .operands = "",
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {task_list_options, sizeof(struct task_list_options)}},
        .run = run_task_list,
        .summary = "List what is scheduled.",
    },
    {
        .name = "task show",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {task_options, sizeof(struct task_options)}},
        .run = run_task_show,
        .summary = "Show one task.",
        .more = "TASK is a key, project~key, or an id.",
    },
    {
        .name = "task gaps",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {task_options, sizeof(struct task_options)},
                  {gap_options, sizeof(struct gap_options)}},
        .run = run_task_gaps,
        .summary = "List the instants that were not fired, and why, the newest first.",
    },
    {
        .name = "task put",
        .operands = "TASK [FILE|-]",
        .operands_min = 1,
        .operands_max = 2,
        .common = "url",
        .parts = {{put_options, sizeof(struct put_options)}},
        .run = run_task_put,
        .summary = "Create a task, or replace what it is.",
        .more =
            "From options, or from a FILE that holds the whole task as the API has it (docs/http-api.md). To put the same\nagain changes nothing. With --patch what is not given stays; a list is one thing: --schedule replaces the\nschedules, --exclude those rules. --command keeps the env, the input and the shell of the command before.\n\n  cronobs task put hello --schedule '*/5 * * * *' --zone Europe/Berlin --command 'echo hello'\n  cronobs task put report --schedule '0 8-17 * * *' --exclude 'weekday SAT,SUN' --exclude 'hours 12:00-13:00' --jitter 5m\n  cronobs task put extract --schedule '0 2 * * *' --then load --then alarm:failed\n  cronobs task put report --patch --queue reports",
    },
    {
        .name = "task pause",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {task_options, sizeof(struct task_options)},
                  {pause_options, sizeof(struct action_options)}},
        .run = run_task_pause,
        .summary = "Fire nothing more until it is resumed.",
    },
    {
        .name = "task resume",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {task_options, sizeof(struct task_options)},
                  {resume_options, sizeof(struct action_options)}},
        .run = run_task_resume,
        .summary = "End a pause.",
    },
    {
        .name = "task trigger",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {task_options, sizeof(struct task_options)},
                  {trigger_options, sizeof(struct action_options)}},
        .run = run_task_trigger,
        .summary = "Run it once, now.",
        .more =
            "With --wait the exit code says whether it succeeded: 0, else 1; 69: it had not ended when --timeout was over.",
    },
    {
        .name = "task skip-next",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {task_options, sizeof(struct task_options)}},
        .run = run_task_skip_next,
        .summary = "Leave out the next instant that is due.",
        .more =
            "Asked twice, two are left out. Says which. Until then `cronobs upcoming` and `task show` say so; in the history it is\n"
            "SKIPPED.",
    },
    {
        .name = "task backfill",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {task_options, sizeof(struct task_options)},
                  {backfill_options, sizeof(struct backfill_options)}},
        .run = run_task_backfill,
        .summary = "Run the instants of a past range, whatever became of them.",
        .more =
            "Those that the task has now, each an execution of its own, --max-concurrency of the task at once; the others wait,\n"
            "a thousand at most. A longer range is asked for in parts: with --wait each as soon as there is room.\n\n"
            "  cronobs task backfill report --from 2026-11-01 --to 2026-11-08 --dry-run",
    },
    {
        .name = "task delete",
        .operands = "TASK",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {task_options, sizeof(struct task_options)}},
        .run = run_task_delete,
        .summary = "Delete it; its history stays.",
    },
    {
        .name = "execution list",
        .operands = "",
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {execution_list_options, sizeof(struct execution_list_options)}},
        .run = run_execution_list,
        .summary = "List what has happened, the newest first.",
    },
    {
        .name = "execution show",
        .operands = "ID",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)}},
        .run = run_execution_show,
        .summary = "Show one execution and all that was reported about it.",
    },
    {
        .name = "execution logs",
        .operands = "ID",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{logs_options, sizeof(struct logs_options)}},
        .run = run_execution_logs,
        .summary = "Print what it printed.",
        .more =
            "A line that comes in pieces (a prompt, a bar) is printed as one, with all its bytes. On a terminal what "
            "moves the\ncursor is shown as \\xHH, and each state of a bar that goes back (\\r) is on a line of its own.",
    },
    {
        .name = "execution cancel",
        .operands = "ID",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)}},
        .run = run_execution_cancel,
        .summary = "End it: at once if nobody has begun it, else by telling its worker.",
        .more =
            "A worker has a grace to stop it (scheduler.cancel_grace). With --wait the exit code says whether it was\n"
            "cancelled: 0, else 1, as of one that was faster; 69: it had not ended when --timeout was over.",
    },
    {
        .name = "execution retry",
        .operands = "ID",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{write_options, sizeof(struct write_options)},
                  {retry_options, sizeof(struct action_options)}},
        .run = run_execution_retry,
        .summary = "Run one that is over again, as an execution of its own.",
        .more =
            "With the payload that it had, and the task as it is now. With --wait the exit code says whether it succeeded:\n"
            "0, else 1; 69: it had not ended when --timeout was over.",
    },
    {
        .name = "queue workers",
        .operands = "QUEUE",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)}},
        .run = run_queue_workers,
        .summary = "Say who works for a queue, what each runs, and when it was last heard of.",
        .more = "Known are those that have reported on its executions within a day, or run one.",
    },
    {
        .name = "upcoming",
        .operands = "",
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {upcoming_options, sizeof(struct upcoming_options)}},
        .run = run_upcoming,
        .summary = "List what is due next.",
        .more =
            "What somebody has asked to skip (task skip-next) is in the list, and says by whom.",
    },
    {
        .name = "forecast",
        .operands = "",
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {forecast_options, sizeof(struct forecast_options)}},
        .run = run_forecast,
        .summary =
            "Say how tight a day will be: firings by the hour, peaks and what makes them, quiet slots.",
        .more =
            "By the tasks that are active now, and all that their schedules name, also what is to be skipped. A bar is an hour, its\n"
            "figure the firings in it and in its fullest minute; a peak is a minute. The quietest slots are quarters of an hour, in\n"
            "brackets their firings.\n\n"
            "  cronobs forecast --day 2026-12-24 --zone Europe/Berlin\n"
            "  cronobs forecast --if '0 3 * * *'",
    },
    {
        .name = "why",
        .operands = "TASK [AT]",
        .operands_min = 1,
        .operands_max = 2,
        .common = "url",
        .parts = {{why_options, sizeof(struct why_options)}},
        .run = run_why,
        .summary = "Say whether a task ran at an instant, and if not, why.",
        .more =
            "AT is an instant (2026-11-29T14:20:00+01:00, -2h) or a time on the clock of the task's zone (2026-11-29T14:20);\n"
            "without it the last one that was due. Names the rule, who set it and when, and the records that say so.\n\n"
            "With --from or --to all instants of a range are held against what became of them, by the revisions that were\n"
            "in force: a line for each difference. Exit code 1: something has no explanation.\n\n"
            "  cronobs why report 2026-12-25T09:00\n"
            "  cronobs why report --from -7d",
    },
    {
        .name = "command show",
        .operands = "ID",
        .operands_min = 1,
        .operands_max = 1,
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {command_show_options, sizeof(struct command_show_options)}},
        .run = run_command_show,
        .summary = "Say what became of a change.",
    },
    {
        .name = "dead-letter list",
        .operands = "",
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)},
                  {dead_letter_options, sizeof(struct dead_letter_options)}},
        .run = run_dead_letter_list,
        .summary = "List what lay in the log and could not be used, the newest first.",
    },
    {
        .name = "dead-letter show",
        .operands = "TOPIC PARTITION OFFSET",
        .operands_min = 3,
        .operands_max = 3,
        .common = "url",
        .parts = {{view_options, sizeof(struct view_options)}},
        .run = run_dead_letter_show,
        .summary = "Show one of them, with the beginning of its bytes.",
    },
    {
        .name = "explain",
        .operands = "EXPR",
        .operands_max = OPERANDS_ANY,
        .common = "",
        .parts = {{ask_options, sizeof(struct ask_options)}},
        .run = run_explain,
        .summary = "Say in words what a schedule means, and when it is due. Needs no server.",
        .more = "EXPR as for `cronobs next`. How often: the most on one day (days on which the "
                "clock changes left aside), the\nmost in one month, and all of the twelve calendar "
                "months that begin with the one of --from. Exit code 64: it is\nno expression.",
    },
    {
        .name = "next",
        .operands = "EXPR | --batch",
        .operands_max = OPERANDS_ANY,
        .common = "",
        .parts = {{ask_options, sizeof(struct ask_options)},
                  {next_options, sizeof(struct next_options)}},
        .run = run_next,
        .summary = "Say when a schedule is due. Needs no server.",
        .more =
            "EXPR is a cron expression, a macro, @every or @at (docs/scheduling.md), in quotes. Exit "
            "code 1 and `none`: it is\nnot due any more. Exit code 64: it is no expression.\n\n"
            "  cronobs next --zone Europe/Berlin --from 2027-03-27 '30 2 * * *'\n\n"
            "With --batch every line of standard input is a question, and has one line of answer:\n\n"
            "  EXPR <tab> ZONE <tab> FROM <tab> COUNT [<tab> DIALECT [<tab> DST_GAP [<tab> "
            "DST_OVERLAP]]]\n\n"
            "FROM is RFC 3339. The answer is the instants later than FROM, in UTC, with blanks "
            "between; `none`; or `error\nCOLUMN TEXT` (column 0: it is not EXPR that is wrong). "
            "Fields at the end may be left out, ZONE may be empty.",
    },
    {
        .name = "topics plan",
        .operands = "",
        .common = KAFKA " topic.replication",
        .parts = {{topics_options, sizeof(struct topics_options)}},
        .run = run_topics_plan,
        .summary = "Say what `topics apply` would do.",
    },
    {
        .name = "topics apply",
        .operands = "",
        .common = KAFKA " topic.replication",
        .parts = {{topics_options, sizeof(struct topics_options)}},
        .run = run_topics_apply,
        .summary = "Make the topics, and mend those that are not as they should be.",
        .more = "The number of partitions is fixed for ever by the first call.",
    },
    {
        .name = "topics skip",
        .operands = "TOPIC PARTITION OFFSET",
        .operands_min = 3,
        .operands_max = 3,
        .common = DATABASE " " KAFKA,
        .parts = {{skip_options, sizeof(struct skip_options)}},
        .run = run_topics_skip,
        .summary = "Say where reading of a partition that stands goes on: a decision that only a "
                   "person may take.",
        .more =
            "TOPIC is without the prefix: status, commands, executions.default. In the scheduler's "
            "state and in the tables\nreading goes on at OFFSET; what lies before it and was not "
            "read is left out, by every later rebuild, too. /readyz\nand the log name the "
            "partitions that stand, and why; there it is taken up within 10 s, without a "
            "restart.\nAn OFFSET behind the partition's end is refused: what is yet to come cannot be left out.\n\n"
            "TOPIC state: the record at OFFSET is taken back. A task that cannot be read is "
            "forgotten by the scheduler; an\nunreadable Watermark gives way to the last one that "
            "can be read.\n\n"
            "Only for a partition that stands, or with schedulers stopped: a scheduler that reads "
            "it on would not notice.",
    },
    {
        .name = "db migrate",
        .operands = "",
        .common = DATABASE,
        .run = run_db_migrate,
        .summary = "Make the database, its tables and roles, or bring them up to date.",
    },
    {
        .name = "db verify",
        .operands = "",
        .common = DATABASE " database.schema",
        .parts = {{verify_options, sizeof(struct db_options)}},
        .run = run_db_verify,
        .summary = "Print a digest of every table, and of all of them.",
    },
    {
        .name = "db rebuild",
        .operands = "",
        .common = DATABASE " " KAFKA,
        .parts = {{rebuild_options, sizeof(struct db_options)}},
        .run = run_db_rebuild,
        .summary = "Read the topics again into tables beside the live ones, compare, and swap.",
        .more = "Consumers and readers go on meanwhile. Says `digest equal`, or names the "
                "tables that differ (exit code 1). Whatever fails leaves the live tables as they "
                "were, and so does a topic that no longer holds all that the tables do, unless "
                "--accept-loss is given. Needs as much room again as the tables take.\n\n"
                "With --until the live tables have no part in it: the history as it was known at "
                "that instant, in a schema of its own. Each partition is read up to its first "
                "record that the broker stamped later. `cronobs api --database-schema NAME` "
                "shows it, read-only; `cronobs db drop NAME` drops it.",
    },
    {
        .name = "db drop",
        .operands = "SCHEMA",
        .operands_min = 1,
        .operands_max = 1,
        .common = DATABASE,
        .run = run_db_drop,
        .summary = "Drop tables that `db rebuild --until` made.",
    },
    {
        .name = "demo history",
        .operands = "",
        .common = KAFKA " topic.replication",
        .run = run_demo_history,
        .summary = "Make the topics of a new installation, with a past in them.",
        .more =
            "Sixty days of four projects, as the scheduler would have decided them: for looking "
            "at, before anything is\nstarted. Where there are topics already, nothing is done.",
    },
    {
        .name = "demo job",
        .operands = "",
        .common = "",
        .run = run_demo_job,
        .summary = "Act as the program behind a task of that past.",
        .more = "For `cronobs work --queue batch -- cronobs demo job`: prints, takes its time and "
                "fails as runs of\n$CRONOBS_TASK_KEY did.",
    },
    {
        .name = "help",
        .operands = "[COMMAND...]",
        .operands_max = 2,
        .common = "",
        .run = run_help,
        .summary = "Say what the commands do.",
    },
    {
        .name = "completion",
        .operands = "bash|zsh|fish",
        .operands_min = 1,
        .operands_max = 1,
        .common = "",
        .run = run_completion,
        .summary = "Print a script that completes commands and options.",
        .more = "bash: source <(cronobs completion bash)\n"
                "zsh:  source <(cronobs completion zsh)\n"
                "fish: cronobs completion fish | source",
    },
    {
        .name = "docs",
        .operands = "cli|configuration|policies|scheduling",
        .operands_min = 1,
        .operands_max = 1,
        .common = "",
        .run = run_docs,
        .summary = "Print docs/cli.md or docs/configuration.md, made from the program's tables.",
        .more =
            "`cronobs docs scheduling < docs/scheduling.md` prints that page with its examples "
            "worked out anew,\nand `cronobs docs policies < docs/policies.md` that one with its time lines.",
    },
    {.name = NULL},
};
