/*
 * tables.c - one table a record: a line says what a field is called, what it is, where it lies, and why.
 *
 * A test holds these lines to schemas/avro: names, types, order, documentation.
 */
#include "model/tables.h"

#include <string.h>

#include "base/arena.h"

/* clang-format off */

/* Rows. Q: required, O: optional ("_E": an enumeration, "_R": a record inside, "_A": an array of records). */
#define ROW(s, m, t, ...) .name = #m, .type = FIELD_##t, .offset = offsetof(struct s, m), __VA_ARGS__
#define Q(s, m, t, text)          {ROW(s, m, t, .doc = text)}
#define O(s, m, t, text)          {ROW(s, m, t, .optional = true, .doc = text)}
#define Q_E(s, m, type, text)     {ROW(s, m, ENUM, .of = &type, .doc = text)}
#define O_E(s, m, type, text)     {ROW(s, m, ENUM, .optional = true, .of = &type, .doc = text)}
#define Q_R(s, m, type, text)     {ROW(s, m, RECORD, .of = &type, .doc = text)}
#define O_R(s, m, type, text)     {ROW(s, m, RECORD_PTR, .optional = true, .of = &type, .doc = text)}
#define Q_A(s, m, n, type, text)  {ROW(s, m, ARRAY, .count_offset = offsetof(struct s, n), .of = &type, .doc = text)}
#define O_A(s, m, n, type, text)  {ROW(s, m, ARRAY, .optional = true, .count_offset = offsetof(struct s, n), .of = &type, .doc = text)}
#define Q_T(s, m, n, text)        {ROW(s, m, TEXT_COUNTED, .count_offset = offsetof(struct s, n), .doc = text)}
#define END                       {.name = NULL}

#define RECORD(variable, struct_name, avro_name, number, list, text) \
    const struct record_type variable = {.name = (avro_name), .kind = (number), .size = sizeof(struct struct_name), \
                                         .fields = (list), .doc = text}
#define PART(variable, struct_name, avro_name, list, text) \
    static RECORD(variable, struct_name, avro_name, 0, list, text)

/* --- what a task is --- */

static const struct field schedule_fields[] = {
    Q  (schedule_spec, expression, TEXT, "Cron expression, macro, @every or @at (docs/scheduling.md)."),
    O  (schedule_spec, zone, TEXT, "IANA time zone; absent: the expression's own, else UTC."),
    Q_E(schedule_spec, dialect, dialect_enum, "Grammar that the expression is read in."),
    Q_E(schedule_spec, dst_gap, dst_gap_enum, "A wall time skipped by a clock change: run after the gap, or not."),
    Q_E(schedule_spec, dst_overlap, dst_overlap_enum, "A wall time that comes twice: run the first time, or both times."),
    END
};
PART(schedule_type, schedule_spec, "Schedule", schedule_fields, "When a task is due; the instants of all its schedules are joined.");

static const struct field calendar_rule_fields[] = {
    Q(calendar_rule, kind, TEXT, "date, range, yearly, weekday, nth_weekday or hours."),
    Q(calendar_rule, value, TEXT, "As the kind asks: 2026-12-24, 2026-12-24/2027-01-06, 12-25, SAT, MON#2, 12:00-13:00."),
    END
};
PART(calendar_rule_type, calendar_rule, "CalendarRule", calendar_rule_fields, "A set of local dates or hours.");

static const struct field calendar_fields[] = {
    Q  (calendar_spec, name, TEXT, "Name of the calendar that was inlined."),
    Q_E(calendar_spec, mode, calendar_mode_enum, "Leave these dates out, or keep only these."),
    Q_A(calendar_spec, rules, rule_count, calendar_rule_type, "What the calendar holds."),
    END
};
RECORD(calendar_type, calendar_spec, "Calendar", 0, calendar_fields, "Dates on which a task is not due, or the only ones on which it is.");

static const struct field window_fields[] = {
    O(window_spec, from, INSTANT, "Nothing is due before it."),
    O(window_spec, until, INSTANT, "Nothing is due from then on."),
    O(window_spec, daily_from, TEXT, "HH:MM from which instants count each day."),
    O(window_spec, daily_to, TEXT, "HH:MM until which they count, itself left out; overnight if it is earlier."),
    O(window_spec, zone, TEXT, "IANA time zone of the daily hours; absent: UTC."),
    END
};
PART(window_type, window_spec, "Window", window_fields, "When a task is active.");

static const struct field misfire_fields[] = {
    Q_E(misfire_spec, policy, misfire_enum, "Which of the missed instants are made up for."),
    Q  (misfire_spec, after_ms, DURATION, "An instant is missed when it is decided later than this past due."),
    Q  (misfire_spec, window_ms, DURATION, "Instants older than this are never made up for."),
    Q  (misfire_spec, limit, INT, "At most so many of the newest are made up for."),
    END
};
PART(misfire_type, misfire_spec, "Misfire", misfire_fields, "What happens to instants that nobody could fire in time.");

static const struct field retry_fields[] = {
    Q(retry_spec, max_attempts, INT, "Attempts of one execution in all; 1: no retry."),
    Q(retry_spec, first_delay_ms, DURATION, "Wait before the second attempt."),
    Q(retry_spec, max_delay_ms, DURATION, "Longest wait between two attempts."),
    Q(retry_spec, jitter_ms, DURATION, "Up to so much is added to each wait."),
    Q(retry_spec, multiplier, DOUBLE, "Each further wait is so many times the one before."),
    O(retry_spec, on, TEXT, "Comma list of FAILED, TIMED_OUT, LOST; absent: all three."),
    END
};
PART(retry_type, retry_spec, "Retry", retry_fields, "When a failed execution is tried again.");

static const struct field then_fields[] = {
    O  (then_spec, project, TEXT, "Key of its project; absent: the project of the task itself."),
    Q  (then_spec, task, TEXT, "Key of the task that follows."),
    Q_E(then_spec, on, then_on_enum, "SUCCEEDED; FAILED: also TIMED_OUT, LOST and MISSED; ENDED: each of these, and CANCELLED."),
    END
};
RECORD(then_type, then_spec, "Then", 0, then_fields, "A task that is set off when an execution has ended, with all its attempts.");

static const struct field task_spec_fields[] = {
    Q  (task_spec, key, TEXT, "Name within the project, never changed: [a-z0-9][a-z0-9._-]{0,199}."),
    Q  (task_spec, project, TEXT, "Key of the project."),
    O  (task_spec, title, TEXT, "What people call it."),
    O  (task_spec, description, TEXT, "What it is for."),
    Q  (task_spec, labels, PAIRS, "Free labels, at most 32."),
    Q  (task_spec, queue, TEXT, "Executions go to topic executions.<queue>."),
    O  (task_spec, payload, BYTES, "Handed to the worker as it is, at most 64 KiB."),
    O  (task_spec, content_type, TEXT, "Media type of the payload."),
    Q_A(task_spec, schedules, schedule_count, schedule_type, "When it is due, at most 16; none: by hand only."),
    Q_A(task_spec, calendars, calendar_count, calendar_type, "Dates left out or kept, inlined."),
    O_R(task_spec, window, window_type, "When the task is active; absent: always."),
    Q  (task_spec, jitter_ms, DURATION, "Due times are spread over so much; 0: not at all."),
    Q_R(task_spec, misfire, misfire_type, "What happens to missed instants."),
    Q_E(task_spec, overlap, overlap_enum, "What happens to an instant while max_concurrency executions are unfinished."),
    Q  (task_spec, max_concurrency, INT, "Unfinished executions from which the overlap policy holds."),
    Q_R(task_spec, retry, retry_type, "When a failed execution is tried again."),
    O  (task_spec, start_deadline_ms, DURATION, "Not started so long after due: MISSED, never run late; absent: off."),
    O  (task_spec, run_timeout_ms, DURATION, "Longest run of one attempt, from RUNNING; absent: off."),
    O  (task_spec, finish_by_ms, DURATION, "The execution ends so long after due, with all its attempts; absent: off."),
    O  (task_spec, heartbeat_ms, DURATION, "Workers send a heartbeat this often; silent for four times that: LOST; absent: off."),
    O  (task_spec, pause_after_failures, INT, "Failed executions in a row that pause the task; absent: off."),
    O_A(task_spec, then, then_count, then_type, "Tasks that its executions set off when they end, at most 16; absent: none."),
    END
};
RECORD(task_spec_type, task_spec, "TaskSpec", 0, task_spec_fields, "What a task is and when it is due; complete, so that a revision stands for itself.");

/* --- commands --- */

static const struct field put_task_fields[] = {
    Q_R(put_task, spec, task_spec_type, "The task as it shall be."),
    END
};
PART(put_task_type, put_task, "PutTask", put_task_fields, "Creates the task or replaces its specification.");

static const struct field no_fields[] = {END};
static const struct record_type delete_task_type = {.name = "DeleteTask", .fields = no_fields, .doc = "Ends the task; its history stays."};
static const struct record_type skip_next_type = {.name = "SkipNext", .fields = no_fields, .doc = "Leaves out the next due instant."};

static const struct field pause_task_fields[] = {
    O(pause_task, until, INSTANT, "Resumes by itself then; absent: until resumed."),
    END
};
PART(pause_task_type, pause_task, "PauseTask", pause_task_fields, "Instants pass unfired until the task is resumed.");

static const struct field resume_task_fields[] = {
    Q_E(resume_task, gap, resume_gap_enum, "Which of the instants that passed are made up for, within the misfire window and limit."),
    END
};
PART(resume_task_type, resume_task, "ResumeTask", resume_task_fields, "Ends a pause.");

static const struct field chain_link_fields[] = {
    Q(chain_link, parent_execution_id, ID, "The execution that has ended."),
    Q(chain_link, ended_at, INSTANT, "When it ended: then this one is due."),
    Q(chain_link, depth, INT, "How many links of the chain lie behind, this one counted: the 33rd is refused."),
    Q(chain_link, spent, INT, "How many of the 10,000 executions that one may set off in all are not left to this one, itself counted; 10,001: it is refused."),
    END
};
PART(chain_link_type, chain_link, "ChainLink", chain_link_fields, "The end of another task's execution.");

static const struct field trigger_task_fields[] = {
    O(trigger_task, payload, BYTES, "In place of the task's own; absent: the task's own."),
    Q(trigger_task, ignore_overlap, BOOL, "Run even while others of the task are unfinished."),
    O_R(trigger_task, chain, chain_link_type, "What set it off; absent: somebody asks for it."),
    END
};
RECORD(trigger_task_type, trigger_task, "TriggerTask", 0, trigger_task_fields, "One execution now, whatever the schedule says.");

static const struct field cancel_execution_fields[] = {
    Q(cancel_execution, execution_id, ID, "The execution."),
    END
};
PART(cancel_execution_type, cancel_execution, "CancelExecution", cancel_execution_fields, "Ends an unfinished execution.");

static const struct field retry_execution_fields[] = {
    Q(retry_execution, execution_id, ID, "The finished execution."),
    Q(retry_execution, scheduled_at, INSTANT, "Its scheduled instant."),
    O(retry_execution, payload, BYTES, "Its payload."),
    END
};
PART(retry_execution_type, retry_execution, "RetryExecution", retry_execution_fields, "Runs a finished execution again, as a new one.");

static const struct field backfill_fields[] = {
    Q(backfill_task, from, INSTANT, "Instants after this one"),
    Q(backfill_task, to, INSTANT, "and up to this one, at most 1,000."),
    END
};
PART(backfill_type, backfill_task, "Backfill", backfill_fields, "Fires the instants of a past range.");

static const struct field object_fields[] = {
    Q(object_body, kind, TEXT, "project, group, calendar, key or alert_route."),
    Q(object_body, key, TEXT, "Name of the object, never changed."),
    O(object_body, json, TEXT, "Its content, a JSON text."),
    END
};
PART(put_object_type, object_body, "PutObject", object_fields, "Stores an object that is no task.");
PART(delete_object_type, object_body, "DeleteObject", object_fields, "Removes an object that is no task.");

static const struct record_type *const command_bodies[] = {
    [COMMAND_PUT_TASK] = &put_task_type,
    [COMMAND_DELETE_TASK] = &delete_task_type,
    [COMMAND_PAUSE_TASK] = &pause_task_type,
    [COMMAND_RESUME_TASK] = &resume_task_type,
    [COMMAND_TRIGGER_TASK] = &trigger_task_type,
    [COMMAND_SKIP_NEXT] = &skip_next_type,
    [COMMAND_CANCEL_EXECUTION] = &cancel_execution_type,
    [COMMAND_RETRY_EXECUTION] = &retry_execution_type,
    [COMMAND_BACKFILL] = &backfill_type,
    [COMMAND_PUT_OBJECT] = &put_object_type,
    [COMMAND_DELETE_OBJECT] = &delete_object_type,
};
_Static_assert(ARRAY_LEN(command_bodies) == COMMAND_KIND_COUNT, "a body is missing");
static const struct union_type command_body_union = {.branches = command_bodies, .count = COMMAND_KIND_COUNT, .kinds = &command_kind_enum};

static const struct field command_fields[] = {
    Q(command, command_id, ID, "Random, or computed from an idempotency key; a repeated one has no second effect."),
    Q(command, task_id, ID, "The task it is about; also the key of the message."),
    Q(command, actor, TEXT, "Who asks."),
    O(command, expected_revision, OPT_INT, "Refused unless the task has this revision; 0: unless there is no such task; -1: unless there is one."),
    O(command, reason, TEXT, "Why, in words."),
    {.name = "body", .type = FIELD_UNION, .offset = offsetof(struct command, body), .count_offset = offsetof(struct command, kind),
     .of = &command_body_union, .doc = "What shall be done."},
    END
};
static RECORD(command_type, command, "Command", RECORD_COMMAND, command_fields, "Somebody wants a task changed. Topic commands, key task id.");

/* --- tasks --- */

static const struct field task_revision_fields[] = {
    Q  (task_revision, task_id, ID, "The task; also the key of the message."),
    Q  (task_revision, revision, INT, "1, 2, ...; never starts anew, a deletion is a revision too."),
    Q_E(task_revision, state, task_state_enum, "State from effective_at on."),
    Q  (task_revision, effective_at, INSTANT, "Instants up to this one belong to the revision before."),
    O  (task_revision, command_id, ID, "The command that made it; absent: the scheduler itself did."),
    Q  (task_revision, actor, TEXT, "Who asked for it."),
    O  (task_revision, reason, TEXT, "Why, in words."),
    Q_R(task_revision, spec, task_spec_type, "The task as it is from then on."),
    END
};
static RECORD(task_revision_type, task_revision, "TaskRevision", RECORD_TASK_REVISION, task_revision_fields, "A task as it is from some instant on. Topic tasks, key task id.");

static const struct field command_outcome_fields[] = {
    Q  (command_outcome, command_id, ID, "The command."),
    Q  (command_outcome, task_id, ID, "The task; also the key of the message."),
    Q_E(command_outcome, result, outcome_result_enum, "Whether it was carried out."),
    Q_E(command_outcome, code, outcome_code_enum, "What came of it, for programs."),
    O  (command_outcome, message, TEXT, "What came of it, for people."),
    O  (command_outcome, revision, INT, "The task's revision afterwards."),
    O  (command_outcome, execution_id, ID, "The execution that it made."),
    O  (command_outcome, skip_until, INSTANT, "Instants of the task's schedules up to here are skipped afterwards; absent: none."),
    END
};
static RECORD(command_outcome_type, command_outcome, "CommandOutcome", RECORD_COMMAND_OUTCOME, command_outcome_fields, "What came of a command, exactly one each. Topic tasks, key task id.");

static const struct field schedule_gap_fields[] = {
    Q  (schedule_gap, task_id, ID, "The task; also the key of the message."),
    Q  (schedule_gap, revision, INT, "The revision whose instants they were."),
    Q  (schedule_gap, from, INSTANT, "Scheduled instants after this one"),
    Q  (schedule_gap, to, INSTANT, "and up to this one were passed over."),
    Q  (schedule_gap, count, INT, "How many there were, counted to 10,000."),
    Q  (schedule_gap, more, BOOL, "There were more than that."),
    Q_E(schedule_gap, reason, reason_enum, "Why they were passed over."),
    END
};
static RECORD(schedule_gap_type, schedule_gap, "ScheduleGap", RECORD_SCHEDULE_GAP, schedule_gap_fields, "Due instants that were not fired, and why. Topic tasks, key task id.");

/* --- executions --- */

static const struct field execution_created_fields[] = {
    Q  (execution_created, execution_id, ID, "The execution, the same for each of its attempts."),
    Q  (execution_created, task_id, ID, "The task; also the key of the message."),
    Q  (execution_created, task_key, TEXT, "Key of the task."),
    Q  (execution_created, project, TEXT, "Key of the project."),
    Q  (execution_created, revision, INT, "Revision of the task that it belongs to."),
    Q  (execution_created, attempt, INT, "1, 2, ...: to be named in each report."),
    Q  (execution_created, max_attempts, INT, "How many attempts there may be."),
    Q_E(execution_created, trigger, trigger_enum, "What made it."),
    Q  (execution_created, scheduled_at, INSTANT, "The instant that the schedule names, or that of the command."),
    Q  (execution_created, due_at, INSTANT, "scheduled_at with jitter."),
    O  (execution_created, nominal_local, LOCAL, "Wall time that the schedule names; absent: made by hand."),
    O  (execution_created, zone, TEXT, "Time zone of the schedule."),
    O  (execution_created, tzdata, TEXT, "Release of the time zone data."),
    Q_E(execution_created, dst, dst_enum, "What a clock change did to it."),
    O  (execution_created, start_by, INSTANT, "Not to be started after this."),
    O  (execution_created, finish_by, INSTANT, "Not to be tried again after this."),
    O  (execution_created, run_timeout_ms, DURATION, "TIMED_OUT so long after RUNNING."),
    O  (execution_created, heartbeat_ms, DURATION, "Send a heartbeat this often."),
    O  (execution_created, parent_execution_id, ID, "The execution that this one runs again or follows."),
    Q  (execution_created, status_partition, INT, "Partition of status and heartbeats that reports go to."),
    O  (execution_created, payload, BYTES, "What to work on."),
    O  (execution_created, content_type, TEXT, "Media type of the payload."),
    Q  (execution_created, labels, PAIRS, "Labels of the task."),
    Q  (execution_created, status_from, LONG, "Offset in its partition of status from which reports count."),
    O_R(execution_created, retry, retry_type, "When a failed attempt is followed by another one; absent: never."),
    Q  (execution_created, waited, BOOL, "It waited for others: its life begins with the report WAITING at status_from."),
    END
};
static RECORD(execution_created_type, execution_created, "ExecutionCreated", RECORD_EXECUTION_CREATED, execution_created_fields, "Work to be done now. Topic executions.<queue>, key task id.");

/* --- status, heartbeats, logs, control --- */

static const struct field worker_fields[] = {
    Q(worker_ref, name, TEXT, "What people call the worker."),
    Q(worker_ref, incarnation, ID, "Random, new with each start of the process."),
    END
};
PART(worker_type, worker_ref, "Worker", worker_fields, "Who works.");

static const struct field execution_status_fields[] = {
    Q  (execution_status, event_id, ID, "Random and the same when a report is sent again; the scheduler's are computed."),
    Q  (execution_status, execution_id, ID, "The execution."),
    Q  (execution_status, task_id, ID, "The task; also the key of the message."),
    Q  (execution_status, attempt, INT, "The attempt that is reported on."),
    Q_E(execution_status, status, status_enum, "What the execution is now."),
    Q  (execution_status, if_unclaimed, BOOL, "RUNNING counts only if nobody has claimed the execution before."),
    Q_E(execution_status, reason, reason_enum, "Why, for programs."),
    Q  (execution_status, occurred_at, INSTANT, "By the reporter's clock: shown, never decides."),
    O_R(execution_status, worker, worker_type, "Who reports; absent exactly when the scheduler speaks, which is known by its event id."),
    O  (execution_status, message, TEXT, "Why, for people; at most 4 KiB."),
    O  (execution_status, exit_code, OPT_INT, "Exit code of the process."),
    O  (execution_status, result, BYTES, "What came out, at most 64 KiB."),
    O  (execution_status, next_attempt_at, INSTANT, "With RETRYING: when the attempt begins; shown, never decides."),
    O  (execution_status, blocked_by, ID, "With SKIPPED or WAITING: the unfinished execution in the way."),
    O  (execution_status, scheduled_at, INSTANT, "Of an execution without ExecutionCreated: its scheduled instant."),
    O_E(execution_status, trigger, trigger_enum, "Of an execution without ExecutionCreated: what made it."),
    O  (execution_status, revision, INT, "Of an execution without ExecutionCreated: the task's revision."),
    O  (execution_status, queue, TEXT, "Of an execution without ExecutionCreated: the task's queue."),
    END
};
static RECORD(execution_status_type, execution_status, "ExecutionStatus", RECORD_EXECUTION_STATUS, execution_status_fields, "A report on an execution. Topic status, partition status_partition, key task id.");

static const struct field heartbeat_fields[] = {
    Q  (heartbeat, execution_id, ID, "The execution."),
    Q  (heartbeat, task_id, ID, "The task; also the key of the message."),
    Q  (heartbeat, attempt, INT, "The attempt."),
    Q_R(heartbeat, worker, worker_type, "Who works on it."),
    Q  (heartbeat, occurred_at, INSTANT, "By the worker's clock: shown, never decides."),
    O  (heartbeat, progress, OPT_INT, "Percent done."),
    O  (heartbeat, message, TEXT, "What it is doing."),
    END
};
static RECORD(heartbeat_type, heartbeat, "Heartbeat", RECORD_HEARTBEAT, heartbeat_fields, "A worker is alive. Topic heartbeats, partition status_partition, key task id.");

static const struct field log_line_fields[] = {
    Q  (log_line, at, INSTANT, "By the worker's clock."),
    Q_E(log_line, level, log_level_enum, "How serious it is."),
    Q_E(log_line, stream, log_stream_enum, "Where it came from."),
    Q_T(log_line, message, message_len, "One line without its end, at most 16 KiB."),
    END
};
PART(log_line_type, log_line, "LogLine", log_line_fields, "One line of a log.");

static const struct field log_mark_fields[] = {
    Q  (log_mark, line, INT, "Number of the line in its batch; the first is 1."),
    Q  (log_mark, unfinished, BOOL, "No line end followed the message: what comes next on its stream is the same line."),
    Q  (log_mark, escaped, BOOL, "Some of its bytes were no UTF-8: \\xHH stands for each."),
    END
};
PART(log_mark_type, log_mark, "LogMark", log_mark_fields, "What a reader of a line's message has to know.");

static const struct field log_batch_fields[] = {
    Q  (log_batch, execution_id, ID, "The execution; also the key of the message."),
    Q  (log_batch, task_id, ID, "The task."),
    Q  (log_batch, attempt, INT, "The attempt."),
    Q  (log_batch, writer, ID, "Incarnation of the process that writes; all its batches of an execution go to one partition."),
    Q  (log_batch, first_seq, LONG, "Number of the first line here; a writer's first line of an attempt is 1."),
    Q_A(log_batch, lines, line_count, log_line_type, "At most 1,000, or 256 KiB in all."),
    Q_A(log_batch, marks, mark_count, log_mark_type, "Of the lines that need one, ascending."),
    END
};
static RECORD(log_batch_type, log_batch, "LogBatch", RECORD_LOG_BATCH, log_batch_fields, "Lines of a log, in order. Topic logs, key execution id.");

static const struct field execution_signal_fields[] = {
    Q  (execution_signal, execution_id, ID, "The execution; also the key of the message."),
    Q  (execution_signal, task_id, ID, "The task."),
    Q  (execution_signal, attempt, INT, "The attempt."),
    Q_E(execution_signal, signal, signal_enum, "What the worker shall do."),
    Q  (execution_signal, requested_at, INSTANT, "When it was asked for."),
    O  (execution_signal, actor, TEXT, "Who asked for it."),
    O  (execution_signal, reason, TEXT, "Why, in words."),
    END
};
static RECORD(execution_signal_type, execution_signal, "ExecutionSignal", RECORD_EXECUTION_SIGNAL, execution_signal_fields, "A word to the worker of an execution. Topic control, key execution id.");

/* --- state --- */

static const struct field recent_command_fields[] = {
    Q(recent_command, command_id, ID, "A command that was decided."),
    Q(recent_command, at, INSTANT, "Its broker time."),
    END
};
PART(recent_command_type, recent_command, "RecentCommand", recent_command_fields, "Remembered, so that its repetition has no effect.");

static const struct field task_state_fields[] = {
    Q  (task_state_record, task_id, ID, "The task."),
    Q  (task_state_record, revision, INT, "Its revision."),
    Q_E(task_state_record, state, task_state_enum, "Its state."),
    Q  (task_state_record, effective_at, INSTANT, "Since when."),
    Q  (task_state_record, floor, INSTANT, "Largest scheduled instant decided so far."),
    O  (task_state_record, paused_until, INSTANT, "Resumes by itself then."),
    Q_A(task_state_record, recent, recent_count, recent_command_type, "Commands of the last 24 hours, at most 256."),
    Q_R(task_state_record, spec, task_spec_type, "What it is."),
    Q  (task_state_record, spec_since, INT, "The revision that brought the spec."),
    O  (task_state_record, skip_until, INSTANT, "Instants scheduled up to here are skipped."),
    END
};
static RECORD(task_state_type, task_state_record, "TaskState", RECORD_TASK_STATE, task_state_fields, "The scheduler's memory of a task. Topic state, key task/<task id>.");

static const struct field run_state_fields[] = {
    Q(run_state, task_id, ID, "The task."),
    Q(run_state, consecutive_failures, INT, "Failed executions since the last one that succeeded."),
    END
};
static RECORD(run_state_type, run_state, "RunState", RECORD_RUN_STATE, run_state_fields, "The scheduler's counters of a task. Topic state, key run/<task id>.");

static const struct field open_execution_fields[] = {
    Q  (open_execution, execution_id, ID, "The execution."),
    Q  (open_execution, task_id, ID, "The task."),
    Q  (open_execution, revision, INT, "Revision of the task that it belongs to."),
    Q  (open_execution, attempt, INT, "Its attempt now."),
    Q_E(open_execution, status, status_enum, "Its status as far as status was read."),
    Q  (open_execution, scheduled_at, INSTANT, "The instant that the schedule names."),
    Q  (open_execution, due_at, INSTANT, "scheduled_at with jitter."),
    O  (open_execution, start_by, INSTANT, "MISSED unless started by then."),
    O  (open_execution, finish_by, INSTANT, "Not tried again after this."),
    O  (open_execution, claimed_at, INSTANT, "Broker time of the RUNNING that moved it last."),
    O  (open_execution, run_timeout_ms, DURATION, "TIMED_OUT so long after that."),
    O  (open_execution, heartbeat_ms, DURATION, "A heartbeat is expected this often."),
    O  (open_execution, next_attempt_at, INSTANT, "The attempt begins then; of a failed one: another follows."),
    O  (open_execution, claimant, ID, "Incarnation of the worker that claimed it last."),
    Q_E(open_execution, trigger, trigger_enum, "What made it."),
    Q  (open_execution, queue, TEXT, "Where it was sent."),
    Q  (open_execution, max_attempts, INT, "How many attempts there may be."),
    Q_E(open_execution, proposed, status_enum, "The scheduler's own proposal that was not read back yet; PENDING: none."),
    Q  (open_execution, status_from, LONG, "Offset in its partition of status from which reports count."),
    Q  (open_execution, unsent, BOOL, "Its attempt is not in the queue yet."),
    O  (open_execution, nominal_local, LOCAL, "Wall time that the schedule names; absent: made by hand."),
    O  (open_execution, zone, TEXT, "Time zone of the schedule."),
    Q_E(open_execution, dst, dst_enum, "What a clock change did to it."),
    O  (open_execution, payload, BYTES, "What to work on, where that is not what its revision says."),
    O  (open_execution, parent_execution_id, ID, "The execution that this one runs again or follows."),
    Q  (open_execution, spec_since, INT, "The revision that brought the spec that it was made under."),
    Q_E(open_execution, cancelled, reason_enum, "Why it is to be cancelled; NONE: it is not."),
    Q  (open_execution, waited, BOOL, "It waits for others, or did."),
    O  (open_execution, cancel_by, INSTANT, "While CANCELLING: CANCELLED unless its worker says so by then."),
    Q  (open_execution, chain_depth, INT, "Links of the chain that lie behind it; 0: no other task's end made it."),
    Q  (open_execution, chain_spent, INT, "How many of the 10,000 executions that one may set off in all are not left to this one."),
    END
};
static RECORD(open_execution_type, open_execution, "OpenExecution", RECORD_OPEN_EXECUTION, open_execution_fields, "The scheduler's memory of an unfinished execution. Topic state, key open/<execution id>.");

static const struct field watermark_fields[] = {
    Q(watermark, due, INSTANT, "Each instant of the partition up to (due, task_id) has its execution or its reason in the log."),
    Q(watermark, task_id, ID, "See due."),
    Q(watermark, commands_next, LONG, "Next offset of commands in this partition."),
    Q(watermark, status_next, LONG, "Next offset of status in this partition."),
    Q(watermark, tzdata, TEXT, "Release of the time zone data that was used."),
    Q(watermark, writer, TEXT, "transactional.id of the scheduler that wrote it."),
    END
};
static RECORD(watermark_type, watermark, "Watermark", RECORD_WATERMARK, watermark_fields, "How far a partition is decided; first record of each transaction. Topic state, key watermark.");

static const struct record_type *const record_types[RECORD_KIND_END] = {
    [RECORD_COMMAND] = &command_type,
    [RECORD_TASK_REVISION] = &task_revision_type,
    [RECORD_COMMAND_OUTCOME] = &command_outcome_type,
    [RECORD_SCHEDULE_GAP] = &schedule_gap_type,
    [RECORD_EXECUTION_CREATED] = &execution_created_type,
    [RECORD_EXECUTION_STATUS] = &execution_status_type,
    [RECORD_HEARTBEAT] = &heartbeat_type,
    [RECORD_LOG_BATCH] = &log_batch_type,
    [RECORD_EXECUTION_SIGNAL] = &execution_signal_type,
    [RECORD_TASK_STATE] = &task_state_type,
    [RECORD_RUN_STATE] = &run_state_type,
    [RECORD_OPEN_EXECUTION] = &open_execution_type,
    [RECORD_WATERMARK] = &watermark_type,
};

/* clang-format on */

const struct record_type *record_type_of(enum record_kind kind)
{
    return kind < RECORD_COMMAND || kind >= RECORD_KIND_END ? NULL : record_types[kind];
}
