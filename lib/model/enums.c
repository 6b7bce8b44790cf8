#include "model/enums.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* clang-format off */
static const char *const status_symbols[] = {
    "PENDING", "WAITING", "RUNNING", "CANCELLING", "RETRYING", "SUCCEEDED", "FAILED", "TIMED_OUT", "LOST",
    "CANCELLED", "MISSED", "SKIPPED", "UNKNOWN",
};
static const char *const trigger_symbols[] = {
    "UNKNOWN", "SCHEDULED", "CATCH_UP", "BACKFILL", "MANUAL", "RETRY", "CHAIN", "EXTERNAL",
};
static const char *const reason_symbols[] = {
    "NONE", "CALENDAR", "WINDOW", "DELETED", "PAUSED", "SKIP_NEXT", "MISFIRE", "START_DEADLINE", "NO_QUEUE", "OVERLAP",
    "QUEUE_FULL", "RUN_TIMEOUT", "FINISH_BY", "HEARTBEAT", "CANCEL_REQUESTED", "EXIT_CODE", "SIGNAL", "WORKER_SHUTDOWN",
    "WORKER_ERROR", "RETRY", "RELEASED", "TZDATA", "EDITED", "UNKNOWN",
};
static const char *const task_state_symbols[] = {"ACTIVE", "PAUSED", "DELETED", "UNKNOWN"};
static const char *const command_kind_symbols[] = {
    "PUT_TASK", "DELETE_TASK", "PAUSE_TASK", "RESUME_TASK", "TRIGGER_TASK", "SKIP_NEXT", "CANCEL_EXECUTION",
    "RETRY_EXECUTION", "BACKFILL", "PUT_OBJECT", "DELETE_OBJECT",
};
static const char *const resume_gap_symbols[] = {"NONE", "LAST", "ALL"};
static const char *const outcome_result_symbols[] = {"ACCEPTED", "REJECTED", "UNKNOWN"};
static const char *const outcome_code_symbols[] = {
    "OK", "CREATED", "UPDATED", "UNCHANGED", "NOT_FOUND", "DELETED", "STALE_REVISION", "INVALID_SPEC", "NO_QUEUE",
    "MISPLACED", "UNSUPPORTED", "OVERLAP", "NOT_PAUSED", "UNKNOWN",
};
static const char *const dst_symbols[] = {"NONE", "MOVED", "REPEATED"};
static const char *const misfire_symbols[] = {"LAST", "NONE", "ALL"};
static const char *const overlap_symbols[] = {"ALLOW", "SKIP", "QUEUE_ONE", "QUEUE_ALL", "CANCEL_OTHER"};
static const char *const then_on_symbols[] = {"SUCCEEDED", "FAILED", "ENDED"};
static const char *const calendar_mode_symbols[] = {"EXCLUDE", "ONLY"};
static const char *const log_level_symbols[] = {"INFO", "DEBUG", "WARN", "ERROR"};
static const char *const log_stream_symbols[] = {"LOG", "STDOUT", "STDERR"};
static const char *const signal_symbols[] = {"CANCEL", "UNKNOWN"};
static const char *const dead_reason_symbols[] = {
    "none", "undecodable", "unexpected record", "bad execution id", "misplaced", "over limits", "newer schema", "unreadable batch",
    "data error",
};
static const char *const dialect_symbols[] = {"AUTO", "QUARTZ", "VIXIE", "OCPS"};
static const char *const dst_gap_symbols[] = {"RUN_AFTER", "SKIP"};
static const char *const dst_overlap_symbols[] = {"FIRST", "BOTH"};

#define ENUM(variable, type, list, end, other) \
    _Static_assert(ARRAY_LEN(list) == (end), "a symbol of " type " is missing"); \
    const struct enum_type variable = {.name = (type), .symbols = (list), .count = (end), .fallback = (other)}

ENUM(status_enum,         "Status",        status_symbols,         STATUS_COUNT,         STATUS_UNKNOWN);
ENUM(trigger_enum,        "Trigger",       trigger_symbols,        TRIGGER_COUNT,        TRIGGER_UNKNOWN);
ENUM(reason_enum,         "Reason",        reason_symbols,         REASON_COUNT,         REASON_UNKNOWN);
ENUM(task_state_enum,     "TaskStatus",    task_state_symbols,     TASK_STATE_COUNT,     TASK_STATE_UNKNOWN);
ENUM(command_kind_enum,   "CommandKind",   command_kind_symbols,   COMMAND_KIND_COUNT,   COMMAND_PUT_TASK);
ENUM(resume_gap_enum,     "ResumeGap",     resume_gap_symbols,     RESUME_COUNT,         RESUME_NONE);
ENUM(outcome_result_enum, "OutcomeResult", outcome_result_symbols, OUTCOME_RESULT_COUNT, OUTCOME_RESULT_UNKNOWN);
ENUM(outcome_code_enum,   "OutcomeCode",   outcome_code_symbols,   OUTCOME_CODE_COUNT,   CODE_UNKNOWN);
ENUM(dst_enum,            "Dst",           dst_symbols,            DST_COUNT,            DST_NONE);
ENUM(misfire_enum,        "MisfirePolicy", misfire_symbols,        MISFIRE_COUNT,        MISFIRE_LAST);
ENUM(overlap_enum,        "OverlapPolicy", overlap_symbols,        OVERLAP_COUNT,        OVERLAP_ALLOW);
ENUM(then_on_enum,        "ThenOn",        then_on_symbols,        THEN_COUNT,           THEN_SUCCEEDED);
ENUM(calendar_mode_enum,  "CalendarMode",  calendar_mode_symbols,  CALENDAR_MODE_COUNT,  CALENDAR_EXCLUDE);
ENUM(log_level_enum,      "LogLevel",      log_level_symbols,      LINE_LEVEL_COUNT,     LINE_INFO);
ENUM(log_stream_enum,     "LogStream",     log_stream_symbols,     STREAM_COUNT,         STREAM_LOG);
ENUM(signal_enum,         "Signal",        signal_symbols,         SIGNAL_KIND_COUNT,    SIGNAL_UNKNOWN);
ENUM(dead_reason_enum,    "DeadReason",    dead_reason_symbols,  REFUSED_COUNT,        REFUSED_NOT);
ENUM(dialect_enum,        "Dialect",       dialect_symbols,        DIALECT_COUNT,        DIALECT_AUTO);
ENUM(dst_gap_enum,        "DstGap",        dst_gap_symbols,        DST_GAP_COUNT,        DST_GAP_RUN_AFTER);
ENUM(dst_overlap_enum,    "DstOverlap",    dst_overlap_symbols,    DST_OVERLAP_COUNT,    DST_OVERLAP_FIRST);
/* clang-format on */

const char *enum_name(const struct enum_type *type, int value)
{
    return value < 0 || value >= type->count ? type->symbols[type->fallback] : type->symbols[value];
}

static enum rc no_such_symbol(const struct enum_type *type, const char *name, struct error *err)
{
    SCOPED_BUF list = {0};

    for (int i = 0; i < type->count; i++)
        buf_printf(&list, "%s%s", i > 0 ? ", " : "", type->symbols[i]);
    return error_set(err, RC_INVALID, "'%.60s' is not one of %s", name == NULL ? "" : name,
                     buf_text(&list));
}

enum rc enum_find(const struct enum_type *type, const char *name, bool any_case, int *ret,
                  struct error *err)
{
    for (int i = 0; name != NULL && i < type->count; i++) {
        bool same = any_case ? strcasecmp(name, type->symbols[i]) == 0
                             : strcmp(name, type->symbols[i]) == 0;

        if (same) {
            *ret = i;
            return RC_OK;
        }
    }
    return no_such_symbol(type, name, err);
}

bool status_is_open(enum status s)
{
    return s < STATUS_SUCCEEDED;
}

bool status_is_final(enum status s)
{
    return s >= STATUS_SUCCEEDED && s < STATUS_UNKNOWN;
}
