/*
 * enums.h - every enumeration of the wire, in the wire's order. Names: model/enums.c (one table each).
 *
 * The first symbol is what a zeroed struct means; symbols are only added at the end.
 */
#ifndef MODEL_ENUMS_H
#define MODEL_ENUMS_H

#include "base/error.h"
#include "cron/policy.h"

/* A name table: names[value] for 0 <= value < count. */
struct enum_type {
    const char *name; /* of the Avro enum */
    const char *const *symbols;
    int count;
    int fallback; /* what an unknown symbol of a newer writer reads as */
};

/* clang-format off */

/* Open ones < 5, SUCCEEDED = 5, other final ones > 5: the database's codes and indexes rest on it. */
enum status {
    STATUS_PENDING, STATUS_WAITING, STATUS_RUNNING, STATUS_CANCELLING, STATUS_RETRYING,
    STATUS_SUCCEEDED, STATUS_FAILED, STATUS_TIMED_OUT, STATUS_LOST, STATUS_CANCELLED, STATUS_MISSED, STATUS_SKIPPED,
    STATUS_UNKNOWN,
    STATUS_COUNT
};

enum trigger {
    TRIGGER_UNKNOWN, TRIGGER_SCHEDULED, TRIGGER_CATCH_UP, TRIGGER_BACKFILL, TRIGGER_MANUAL, TRIGGER_RETRY, TRIGGER_CHAIN, TRIGGER_EXTERNAL,
    TRIGGER_COUNT
};

/* Why something is as it is: statuses, skips, gaps. One table for all (planner's checks in this order first). */
enum reason {
    REASON_NONE, REASON_CALENDAR, REASON_WINDOW, REASON_DELETED, REASON_PAUSED, REASON_SKIP_NEXT, REASON_MISFIRE,
    REASON_START_DEADLINE, REASON_NO_QUEUE, REASON_OVERLAP, REASON_QUEUE_FULL,
    REASON_RUN_TIMEOUT, REASON_FINISH_BY, REASON_HEARTBEAT, REASON_CANCEL_REQUESTED, REASON_EXIT_CODE, REASON_SIGNAL,
    REASON_WORKER_SHUTDOWN, REASON_WORKER_ERROR, REASON_RETRY, REASON_RELEASED, REASON_TZDATA, REASON_EDITED, REASON_UNKNOWN,
    REASON_COUNT
};

enum task_state { TASK_ACTIVE, TASK_PAUSED, TASK_DELETED, TASK_STATE_UNKNOWN, TASK_STATE_COUNT };

enum command_kind {
    COMMAND_PUT_TASK, COMMAND_DELETE_TASK, COMMAND_PAUSE_TASK, COMMAND_RESUME_TASK, COMMAND_TRIGGER_TASK, COMMAND_SKIP_NEXT,
    COMMAND_CANCEL_EXECUTION, COMMAND_RETRY_EXECUTION, COMMAND_BACKFILL, COMMAND_PUT_OBJECT, COMMAND_DELETE_OBJECT,
    COMMAND_KIND_COUNT
};

enum resume_gap { RESUME_NONE, RESUME_LAST, RESUME_ALL, RESUME_COUNT };
enum outcome_result { OUTCOME_ACCEPTED, OUTCOME_REJECTED, OUTCOME_RESULT_UNKNOWN, OUTCOME_RESULT_COUNT };

enum outcome_code {
    CODE_OK, CODE_CREATED, CODE_UPDATED, CODE_UNCHANGED, CODE_NOT_FOUND, CODE_DELETED, CODE_STALE_REVISION, CODE_INVALID_SPEC,
    CODE_NO_QUEUE, CODE_MISPLACED, CODE_UNSUPPORTED, CODE_OVERLAP, CODE_NOT_PAUSED, CODE_UNKNOWN,
    OUTCOME_CODE_COUNT
};

enum misfire_policy { MISFIRE_LAST, MISFIRE_NONE, MISFIRE_ALL, MISFIRE_COUNT };
enum overlap_policy { OVERLAP_ALLOW, OVERLAP_SKIP, OVERLAP_QUEUE_ONE, OVERLAP_QUEUE_ALL, OVERLAP_CANCEL_OTHER, OVERLAP_COUNT };
/* Which ends of an execution set another task off. */
enum then_on { THEN_SUCCEEDED, THEN_FAILED, THEN_ENDED, THEN_COUNT };
enum log_line_level { LINE_INFO, LINE_DEBUG, LINE_WARN, LINE_ERROR, LINE_LEVEL_COUNT };
enum log_stream { STREAM_LOG, STREAM_STDOUT, STREAM_STDERR, STREAM_COUNT };
/* Why a record is put aside: on no wire, but in the column dead_letter.reason, as it is spelt here. */
enum dead_reason {
    REFUSED_NOT, REFUSED_UNDECODABLE, REFUSED_UNEXPECTED, REFUSED_BAD_ID, REFUSED_MISPLACED, REFUSED_LIMITS,
    REFUSED_NEWER,      /* of a later release */
    REFUSED_UNREADABLE, /* a batch that the bus could not unpack: no record, no bytes */
    REFUSED_DATA,       /* found by the database, when the record was stored alone */
    REFUSED_COUNT
};

enum signal_kind { SIGNAL_CANCEL, SIGNAL_UNKNOWN, SIGNAL_KIND_COUNT };

extern const struct enum_type status_enum, trigger_enum, reason_enum, task_state_enum, command_kind_enum, resume_gap_enum,
    outcome_result_enum, outcome_code_enum, dst_enum, misfire_enum, overlap_enum, then_on_enum, calendar_mode_enum, log_level_enum,
    log_stream_enum, signal_enum, dead_reason_enum, dialect_enum, dst_gap_enum, dst_overlap_enum;

/* clang-format on */

const char *enum_name(const struct enum_type *type, int value);
/* Finds a symbol, any case when `any_case`; RC_INVALID names the allowed ones. */
MUST_CHECK enum rc enum_find(const struct enum_type *type, const char *name, bool any_case,
                             int *ret, struct error *err);

bool status_is_open(enum status s);
bool status_is_final(enum status s); /* SUCCEEDED and above */

#endif
