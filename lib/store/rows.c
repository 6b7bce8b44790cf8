#include "store/rows.h"

/* clang-format off */
#define AT(member) offsetof(ROW, member)
#define OR_NULL true

#define ROW struct execution_row
static const struct column execution_columns[] = {
    {"execution_id",        COLUMN_UUID,    AT(execution_id),        GROUP_KEY,       false},
    {"task_id",             COLUMN_UUID,    AT(task_id),             GROUP_KEY,       false},
    {"parent_execution_id", COLUMN_UUID,    AT(parent_execution_id), GROUP_DESCRIBED, OR_NULL},
    {"worker_incarnation",  COLUMN_UUID,    AT(worker_incarnation),  GROUP_LIFE,      OR_NULL},
    {"blocked_by",          COLUMN_UUID,    AT(blocked_by),          GROUP_LIFE,      OR_NULL},
    {"created_at",          COLUMN_TIME,    AT(created_at),          GROUP_DESCRIBED, OR_NULL},
    {"scheduled_at",        COLUMN_TIME,    AT(scheduled_at),        GROUP_ORIGIN,    OR_NULL},
    {"trigger",             COLUMN_SMALL,   AT(trigger),             GROUP_ORIGIN,    OR_NULL},
    {"revision",            COLUMN_INT,     AT(revision),            GROUP_ORIGIN,    OR_NULL},
    {"queue",               COLUMN_TEXT,    AT(queue),               GROUP_ORIGIN,    OR_NULL},
    {"status_from",         COLUMN_LONG,    AT(status_from),         GROUP_ORIGIN,    OR_NULL},
    {"due_at",              COLUMN_TIME,    AT(due_at),              GROUP_DESCRIBED, OR_NULL},
    {"started_at",          COLUMN_TIME,    AT(started_at),          GROUP_LIFE,      OR_NULL},
    {"finished_at",         COLUMN_TIME,    AT(finished_at),         GROUP_LIFE,      OR_NULL},
    {"status_at",           COLUMN_TIME,    AT(status_at),           GROUP_LIFE,      OR_NULL},
    {"next_attempt_at",     COLUMN_TIME,    AT(next_attempt_at),     GROUP_LIFE,      OR_NULL},
    {"start_by",            COLUMN_TIME,    AT(start_by),            GROUP_DESCRIBED, OR_NULL},
    {"finish_by",           COLUMN_TIME,    AT(finish_by),           GROUP_ORIGIN,    OR_NULL},
    {"run_timeout_ms",      COLUMN_LONG,    AT(run_timeout_ms),      GROUP_DESCRIBED, OR_NULL},
    {"heartbeat_ms",        COLUMN_LONG,    AT(heartbeat_ms),        GROUP_DESCRIBED, OR_NULL},
    {"nominal_local",       COLUMN_LOCAL,   AT(nominal_local),       GROUP_DESCRIBED, OR_NULL},
    {"exit_code",           COLUMN_OPT_INT, AT(exit_code),           GROUP_LIFE,      OR_NULL},
    {"attempt",             COLUMN_SMALL,   AT(attempt),             GROUP_LIFE,      false},
    {"created_attempt",     COLUMN_SMALL,   AT(created_attempt),     GROUP_ORIGIN,    OR_NULL},
    {"max_attempts",        COLUMN_SMALL,   AT(max_attempts),        GROUP_ORIGIN,    OR_NULL},
    {"waited",              COLUMN_BOOL,    AT(waited),              GROUP_ORIGIN,    false},
    {"retry_on",            COLUMN_SMALL,   AT(retry_on),            GROUP_ORIGIN,    OR_NULL},
    {"retry_multiplier",    COLUMN_INT,     AT(retry_multiplier),    GROUP_ORIGIN,    OR_NULL},
    {"retry_first_ms",      COLUMN_LONG,    AT(retry_first_ms),      GROUP_ORIGIN,    OR_NULL},
    {"retry_max_ms",        COLUMN_LONG,    AT(retry_max_ms),        GROUP_ORIGIN,    OR_NULL},
    {"retry_jitter_ms",     COLUMN_LONG,    AT(retry_jitter_ms),     GROUP_ORIGIN,    OR_NULL},
    {"status",              COLUMN_SMALL,   AT(status),              GROUP_LIFE,      false},
    {"reason",              COLUMN_SMALL,   AT(reason),              GROUP_LIFE,      OR_NULL},
    {"dst",                 COLUMN_SMALL,   AT(dst),                 GROUP_DESCRIBED, OR_NULL},
    {"cancel_requested",    COLUMN_BOOL,    AT(cancel_requested),    GROUP_LIFE,      false},
    {"contradicted",        COLUMN_BOOL,    AT(contradicted),        GROUP_LIFE,      false},
    {"zone",                COLUMN_TEXT,    AT(zone),                GROUP_DESCRIBED, OR_NULL},
    {"tzdata",              COLUMN_TEXT,    AT(tzdata),              GROUP_DESCRIBED, OR_NULL},
    {"worker",              COLUMN_TEXT,    AT(worker),              GROUP_LIFE,      OR_NULL},
    {"message",             COLUMN_TEXT,    AT(message),             GROUP_LIFE,      OR_NULL},
    {"content_type",        COLUMN_TEXT,    AT(content_type),        GROUP_DESCRIBED, OR_NULL},
    {"labels",              COLUMN_TEXT,    AT(labels),              GROUP_DESCRIBED, OR_NULL},
    {"payload",             COLUMN_BYTES,   AT(payload),             GROUP_DESCRIBED, OR_NULL},
    {.name = NULL},
};
static const struct column stray_columns[] = {
    {"execution_id",        COLUMN_UUID,    AT(execution_id),        GROUP_KEY,  false},
    {"task_id",             COLUMN_UUID,    AT(task_id),             GROUP_KEY,  false},
    {"worker_incarnation",  COLUMN_UUID,    AT(worker_incarnation),  GROUP_LIFE, OR_NULL},
    {"blocked_by",          COLUMN_UUID,    AT(blocked_by),          GROUP_LIFE, OR_NULL},
    {"started_at",          COLUMN_TIME,    AT(started_at),          GROUP_LIFE, OR_NULL},
    {"finished_at",         COLUMN_TIME,    AT(finished_at),         GROUP_LIFE, OR_NULL},
    {"status_at",           COLUMN_TIME,    AT(status_at),           GROUP_LIFE, OR_NULL},
    {"next_attempt_at",     COLUMN_TIME,    AT(next_attempt_at),     GROUP_LIFE, OR_NULL},
    {"exit_code",           COLUMN_OPT_INT, AT(exit_code),           GROUP_LIFE, OR_NULL},
    {"attempt",             COLUMN_SMALL,   AT(attempt),             GROUP_LIFE, false},
    {"status",              COLUMN_SMALL,   AT(status),              GROUP_LIFE, false},
    {"reason",              COLUMN_SMALL,   AT(reason),              GROUP_LIFE, OR_NULL},
    {"cancel_requested",    COLUMN_BOOL,    AT(cancel_requested),    GROUP_LIFE, false},
    {"contradicted",        COLUMN_BOOL,    AT(contradicted),        GROUP_LIFE, false},
    {"worker",              COLUMN_TEXT,    AT(worker),              GROUP_LIFE, OR_NULL},
    {"message",             COLUMN_TEXT,    AT(message),             GROUP_LIFE, OR_NULL},
    {.name = NULL},
};
#undef ROW

#define ROW struct event_row
#define EVENT_COLUMNS(report, place) \
    {"execution_id",       COLUMN_UUID,    AT(execution_id),       GROUP_KEY,    false},   \
    {"task_id",            COLUMN_UUID,    AT(task_id),            GROUP_KEY,    false},   \
    {"event_id",           COLUMN_UUID,    AT(event_id),           report,       false},   \
    {"worker_incarnation", COLUMN_UUID,    AT(worker_incarnation), GROUP_ORIGIN, OR_NULL}, \
    {"blocked_by",         COLUMN_UUID,    AT(blocked_by),         GROUP_ORIGIN, OR_NULL}, \
    {"received_at",        COLUMN_TIME,    AT(received_at),        GROUP_ORIGIN, false},   \
    {"occurred_at",        COLUMN_TIME,    AT(occurred_at),        GROUP_REST,   OR_NULL}, \
    {"next_attempt_at",    COLUMN_TIME,    AT(next_attempt_at),    GROUP_REST,   OR_NULL}, \
    {"kafka_offset",       COLUMN_LONG,    AT(kafka_offset),       place,        false},   \
    {"kafka_partition",    COLUMN_INT,     AT(kafka_partition),    GROUP_REST,   false},   \
    {"exit_code",          COLUMN_OPT_INT, AT(exit_code),          GROUP_ORIGIN, OR_NULL}, \
    {"attempt",            COLUMN_SMALL,   AT(attempt),            report,       false},   \
    {"status",             COLUMN_SMALL,   AT(status),             report,       false},   \
    {"reason",             COLUMN_SMALL,   AT(reason),             GROUP_ORIGIN, OR_NULL}, \
    {"if_unclaimed",       COLUMN_BOOL,    AT(if_unclaimed),       GROUP_ORIGIN, false},   \
    {"moved",              COLUMN_BOOL,    AT(moved),              GROUP_LIFE,   false},   \
    {"worker",             COLUMN_TEXT,    AT(worker),             GROUP_ORIGIN, OR_NULL}, \
    {"message",            COLUMN_TEXT,    AT(message),            GROUP_ORIGIN, OR_NULL}, \
    {"result",             COLUMN_BYTES,   AT(result),             GROUP_REST,   OR_NULL}, \
    {.name = NULL}
static const struct column event_columns[] = {EVENT_COLUMNS(GROUP_KEY, GROUP_ORIGIN)};
static const struct column repeat_columns[] = {EVENT_COLUMNS(GROUP_ORIGIN, GROUP_KEY)};
#undef ROW

#define ROW struct heartbeat_row
static const struct column heartbeat_columns[] = {
    {"execution_id",       COLUMN_UUID,      AT(execution_id),       GROUP_KEY,  false},
    {"task_id",            COLUMN_UUID,      AT(task_id),            GROUP_KEY,  false},
    {"worker_incarnation", COLUMN_UUID,      AT(worker_incarnation), GROUP_REST, OR_NULL},
    {"received_at",        COLUMN_TIME,      AT(received_at),        GROUP_REST, false},
    {"occurred_at",        COLUMN_TIME,      AT(occurred_at),        GROUP_REST, OR_NULL},
    {"attempt",            COLUMN_SMALL,     AT(attempt),            GROUP_REST, false},
    {"progress",           COLUMN_OPT_SMALL, AT(progress),           GROUP_REST, OR_NULL},
    {"worker",             COLUMN_TEXT,      AT(worker),             GROUP_REST, OR_NULL},
    {"message",            COLUMN_TEXT,      AT(message),            GROUP_REST, OR_NULL},
    {.name = NULL},
};
#undef ROW

#define ROW struct rollup_row
static const struct column rollup_columns[] = {
    {"task_id", COLUMN_UUID,  AT(task_id), GROUP_KEY,  false},
    {"bucket",  COLUMN_TIME,  AT(bucket),  GROUP_KEY,  false},
    {"status",  COLUMN_SMALL, AT(status),  GROUP_KEY,  false},
    {"count",   COLUMN_LONG,  AT(count),   GROUP_REST, false},
    {"run_ms",  COLUMN_LONG,  AT(run_ms),  GROUP_REST, false},
    {.name = NULL},
};
static const struct column rollup_all_columns[] = {
    {"bucket",          COLUMN_TIME,  AT(bucket),          GROUP_KEY,  false},
    {"kafka_partition", COLUMN_SMALL, AT(kafka_partition), GROUP_KEY,  false},
    {"status",          COLUMN_SMALL, AT(status),          GROUP_KEY,  false},
    {"count",           COLUMN_LONG,  AT(count),           GROUP_REST, false},
    {"run_ms",          COLUMN_LONG,  AT(run_ms),          GROUP_REST, false},
    {.name = NULL},
};
#undef ROW

#define ROW struct log_batch_row
static const struct column log_batch_columns[] = {
    {"execution_id", COLUMN_UUID,         AT(execution_id), GROUP_KEY,  false},
    {"task_id",      COLUMN_UUID,         AT(task_id),      GROUP_KEY,  false},
    {"writer",       COLUMN_UUID,         AT(writer),       GROUP_KEY,  false},
    {"received_at",  COLUMN_TIME,         AT(received_at),  GROUP_REST, false},
    {"first_seq",    COLUMN_LONG,         AT(first_seq),    GROUP_KEY,  false},
    {"day",          COLUMN_DAY,          AT(received_at),  GROUP_KEY,  false},
    {"attempt",      COLUMN_SMALL,        AT(attempt),      GROUP_KEY,  false},
    {"levels",       COLUMN_SMALL,        AT(levels),       GROUP_REST, false},
    {"escaped",      COLUMN_NUMBERS,      AT(escaped),      GROUP_REST, OR_NULL},
    {"unfinished",   COLUMN_NUMBERS,      AT(unfinished),   GROUP_REST, OR_NULL},
    {"at",           COLUMN_LINE_TIMES,   AT(lines),        GROUP_REST, false},
    {"level",        COLUMN_LINE_LEVELS,  AT(lines),        GROUP_REST, false},
    {"stream",       COLUMN_LINE_STREAMS, AT(lines),        GROUP_REST, false},
    {"message",      COLUMN_LINE_TEXTS,   AT(lines),        GROUP_REST, false},
    {.name = NULL},
};
#undef ROW

#define ROW struct log_writer_row
static const struct column log_writer_columns[] = {
    {"execution_id", COLUMN_UUID,   AT(execution_id), GROUP_KEY,  false},
    {"task_id",      COLUMN_UUID,   AT(task_id),      GROUP_KEY,  false},
    {"writer",       COLUMN_UUID,   AT(writer),       GROUP_KEY,  false},
    {"attempt",      COLUMN_SMALL,  AT(attempt),      GROUP_KEY,  false},
    {"next_seq",     COLUMN_LONG,   AT(next_seq),     GROUP_REST, false},
    {"gaps",         COLUMN_RANGES, AT(gaps),         GROUP_REST, OR_NULL},
    {"debug",        COLUMN_LONG,   AT(levels[LINE_DEBUG]), GROUP_REST, false},
    {"info",         COLUMN_LONG,   AT(levels[LINE_INFO]), GROUP_REST, false},
    {"warn",         COLUMN_LONG,   AT(levels[LINE_WARN]), GROUP_REST, false},
    {"error",        COLUMN_LONG,   AT(levels[LINE_ERROR]), GROUP_REST, false},
    {.name = NULL},
};
#undef ROW

#define ROW struct task_row
static const struct column task_columns[] = {
    {"task_id",      COLUMN_UUID,  AT(task_id),      GROUP_KEY,  false},
    {"revision",     COLUMN_INT,   AT(revision),     GROUP_REST, false},
    {"state",        COLUMN_SMALL, AT(state),        GROUP_REST, false},
    {"effective_at", COLUMN_TIME,  AT(effective_at), GROUP_REST, OR_NULL},
    {"received_at",  COLUMN_TIME,  AT(received_at),  GROUP_REST, false},
    {"project",      COLUMN_TEXT,  AT(project),      GROUP_REST, false},
    {"key",          COLUMN_TEXT,  AT(key),          GROUP_REST, false},
    {"title",        COLUMN_TEXT,  AT(title),        GROUP_REST, OR_NULL},
    {"queue",        COLUMN_TEXT,  AT(queue),        GROUP_REST, OR_NULL},
    {"labels",       COLUMN_JSONB, AT(labels),       GROUP_REST, OR_NULL},
    {"spec",         COLUMN_JSON,  AT(spec),         GROUP_REST, false},
    {"kafka_offset", COLUMN_LONG,  AT(kafka_offset), GROUP_REST, false},
    {.name = NULL},
};
static const struct column task_revision_columns[] = {
    {"task_id",      COLUMN_UUID,  AT(task_id),      GROUP_KEY,  false},
    {"revision",     COLUMN_INT,   AT(revision),     GROUP_KEY,  false},
    {"state",        COLUMN_SMALL, AT(state),        GROUP_REST, false},
    {"effective_at", COLUMN_TIME,  AT(effective_at), GROUP_REST, OR_NULL},
    {"received_at",  COLUMN_TIME,  AT(received_at),  GROUP_REST, false},
    {"command_id",   COLUMN_UUID,  AT(command_id),   GROUP_REST, OR_NULL},
    {"actor",        COLUMN_TEXT,  AT(actor),        GROUP_REST, OR_NULL},
    {"reason",       COLUMN_TEXT,  AT(reason),       GROUP_REST, OR_NULL},
    {"spec",         COLUMN_JSON,  AT(spec),         GROUP_REST, false},
    {.name = NULL},
};
#undef ROW

#define ROW struct command_row
static const struct column command_columns[] = {
    {"command_id",        COLUMN_UUID,    AT(command_id),        GROUP_KEY,  false},
    {"task_id",           COLUMN_UUID,    AT(task_id),           GROUP_KEY,  false},
    {"kind",              COLUMN_SMALL,   AT(kind),              GROUP_REST, false},
    {"expected_revision", COLUMN_OPT_INT, AT(expected_revision), GROUP_REST, OR_NULL},
    {"received_at",       COLUMN_TIME,    AT(received_at),       GROUP_REST, false},
    {"kafka_partition",   COLUMN_INT,     AT(kafka_partition),   GROUP_REST, false},
    {"kafka_offset",      COLUMN_LONG,    AT(kafka_offset),      GROUP_REST, false},
    {"misplaced",         COLUMN_BOOL,    AT(misplaced),         GROUP_REST, false},
    {"actor",             COLUMN_TEXT,    AT(actor),             GROUP_REST, OR_NULL},
    {"reason",            COLUMN_TEXT,    AT(reason),            GROUP_REST, OR_NULL},
    {"body",              COLUMN_JSON,    AT(body),              GROUP_REST, OR_NULL},
    {.name = NULL},
};
static const struct column outcome_columns[] = {
    {"command_id",        COLUMN_UUID,  AT(command_id),      GROUP_KEY,  false},
    {"task_id",           COLUMN_UUID,  AT(task_id),         GROUP_KEY,  false},
    {"result",            COLUMN_SMALL, AT(result),          GROUP_REST, false},
    {"code",              COLUMN_SMALL, AT(code),            GROUP_REST, false},
    {"revision",          COLUMN_INT,   AT(revision),        GROUP_REST, OR_NULL},
    {"execution_id",      COLUMN_UUID,  AT(execution_id),    GROUP_REST, OR_NULL},
    {"outcome_at",        COLUMN_TIME,  AT(received_at),     GROUP_REST, false},
    {"outcome_partition", COLUMN_INT,   AT(kafka_partition), GROUP_REST, false},
    {"outcome_offset",    COLUMN_LONG,  AT(kafka_offset),    GROUP_REST, false},
    {"outcome_misplaced", COLUMN_BOOL,  AT(misplaced),       GROUP_REST, false},
    {"message",           COLUMN_TEXT,  AT(message),         GROUP_REST, OR_NULL},
    {.name = NULL},
};
#undef ROW

#define ROW struct skip_row
static const struct column task_skip_columns[] = {
    {"task_id",        COLUMN_UUID, AT(task_id),      GROUP_KEY,  false},
    {"skip_until",     COLUMN_TIME, AT(skip_until),   GROUP_REST, false},
    {"outcome_offset", COLUMN_LONG, AT(kafka_offset), GROUP_REST, false},
    {.name = NULL},
};
#undef ROW

#define ROW struct gap_row
static const struct column gap_columns[] = {
    {"task_id",     COLUMN_UUID,  AT(task_id),     GROUP_KEY,  false},
    {"revision",    COLUMN_INT,   AT(revision),    GROUP_KEY,  false},
    {"from_at",     COLUMN_TIME,  AT(from_at),     GROUP_KEY,  false},
    {"reason",      COLUMN_SMALL, AT(reason),      GROUP_KEY,  false},
    {"to_at",       COLUMN_TIME,  AT(to_at),       GROUP_REST, false},
    {"received_at", COLUMN_TIME,  AT(received_at), GROUP_REST, false},
    {"count",       COLUMN_INT,   AT(count),       GROUP_REST, false},
    {"more",        COLUMN_BOOL,  AT(more),        GROUP_REST, false},
    {.name = NULL},
};
#undef ROW

#define ROW struct dead_letter_row
static const struct column dead_letter_columns[] = {
    {"topic",        COLUMN_TEXT,  AT(topic),        GROUP_KEY,  false},
    {"part",         COLUMN_INT,   AT(part),         GROUP_KEY,  false},
    {"kafka_offset", COLUMN_LONG,  AT(kafka_offset), GROUP_KEY,  false},
    {"last_offset",  COLUMN_LONG,  AT(last_offset),  GROUP_REST, OR_NULL},
    {"received_at",  COLUMN_TIME,  AT(received_at),  GROUP_REST, OR_NULL},
    {"reason",       COLUMN_TEXT,  AT(reason),       GROUP_REST, false},
    {"detail",       COLUMN_TEXT,  AT(detail),       GROUP_REST, OR_NULL},
    {"key",          COLUMN_BYTES, AT(key),          GROUP_REST, OR_NULL},
    {"value",        COLUMN_BYTES, AT(value),        GROUP_REST, OR_NULL},
    {"value_len",    COLUMN_LONG,  AT(value_len),    GROUP_REST, OR_NULL},
    {"value_sha256", COLUMN_BYTES, AT(value_sha256), GROUP_REST, OR_NULL},
    {.name = NULL},
};
#undef ROW

const struct row_type
    execution_type     = {"execution",           execution_columns,     sizeof(struct execution_row)},
    stray_type         = {"stray_execution",     stray_columns,         sizeof(struct execution_row)},
    event_type         = {"execution_event",     event_columns,         sizeof(struct event_row)},
    repeat_type        = {"execution_repeat",    repeat_columns,        sizeof(struct event_row)},
    heartbeat_type     = {"execution_heartbeat", heartbeat_columns,     sizeof(struct heartbeat_row)},
    rollup_type        = {"execution_rollup",    rollup_columns,        sizeof(struct rollup_row)},
    rollup_all_type    = {"rollup_all",          rollup_all_columns,    sizeof(struct rollup_row)},
    log_batch_type     = {"log_batch",           log_batch_columns,     sizeof(struct log_batch_row)},
    log_writer_type    = {"log_writer",          log_writer_columns,    sizeof(struct log_writer_row)},
    task_type          = {"task",                task_columns,          sizeof(struct task_row)},
    task_revision_type = {"task_revision",       task_revision_columns, sizeof(struct task_row)},
    command_type       = {"command",             command_columns,       sizeof(struct command_row)},
    outcome_type       = {"command",             outcome_columns,       sizeof(struct command_row)},
    task_skip_type     = {"task_skip",           task_skip_columns,     sizeof(struct skip_row)},
    gap_type           = {"schedule_gap",        gap_columns,           sizeof(struct gap_row)},
    dead_letter_type   = {"dead_letter",         dead_letter_columns,   sizeof(struct dead_letter_row)};
/* clang-format on */
