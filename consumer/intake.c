#include "consumer/intake.h"

#include <math.h>
#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "model/spec.h"

#define YEAR_2000_MS (HISTORY_START / USEC_PER_MS)
#define SEQ_MAX      (INT64_C(1) << 53)

static const char queue_prefix[] = "executions.";

enum feed feed_of(const char *topic)
{
    static const struct {
        const char *name;
        enum feed feed;
    } feeds[] = {
        {"commands", FEED_COMMANDS},     {"tasks", FEED_TASKS}, {"status", FEED_STATUS},
        {"heartbeats", FEED_HEARTBEATS}, {"logs", FEED_LOGS},
    };

    for (size_t i = 0; i < ARRAY_LEN(feeds); i++)
        if (strcmp(topic, feeds[i].name) == 0)
            return feeds[i].feed;
    return text_starts(topic, queue_prefix) ? FEED_EXECUTIONS : FEED_NONE;
}

const char *queue_of(const char *topic)
{
    return topic + strlen(queue_prefix);
}

const char *refusal_name(enum dead_reason r)
{
    return enum_name(&dead_reason_enum, (int)r);
}

/* --- judging --- */

struct judge {
    struct intake *in;
    struct arena *memory;
    int partitions;
};

static void refuse(const struct judge *j, enum dead_reason r, const char *detail)
{
    if (j->in->refusal != REFUSED_NOT)
        return; /* the first reason stands */
    j->in->refusal = r;
    j->in->detail = detail;
}

static void check_id(const struct judge *j, struct uuid execution)
{
    int64_t ms = execution_id_ms(execution);

    if (uuid_version(execution) != 8)
        refuse(j, REFUSED_BAD_ID,
               arena_printf(j->memory, "version %d instead of 8", uuid_version(execution)));
    else if (ms < YEAR_2000_MS)
        refuse(j, REFUSED_BAD_ID, "its time is before 2000");
    else if (ms > (j->in->message.timestamp + USEC_PER_DAY) / USEC_PER_MS)
        refuse(j, REFUSED_BAD_ID, "its time is more than a day ahead");
}

/* `id`: the task's, or the execution's of logs. */
static void check_place(const struct judge *j, struct uuid id)
{
    int right = partition_of(id, j->partitions);

    if (right != j->in->message.partition && !fault_planted("placed-anywhere"))
        refuse(j, REFUSED_MISPLACED, arena_printf(j->memory, "belongs in partition %d", right));
}

static void check_range(const struct judge *j, const char *what, int64_t value, int64_t min,
                        int64_t max)
{
    if (value < min || value > max)
        refuse(j, REFUSED_LIMITS,
               arena_printf(j->memory, "%s: %jd is outside %jd-%jd", what, (intmax_t)value,
                            (intmax_t)min, (intmax_t)max));
}

static void check_text(const struct judge *j, const char *what, const char *text, int max)
{
    if (text != NULL)
        check_range(j, what, (int64_t)strlen(text), 0, max);
}

static void check_created(const struct judge *j, const struct execution_created *r)
{
    struct error why;

    check_id(j, r->execution_id);
    check_place(j, r->task_id);
    if (lifecycle_check_created(r, &why) != RC_OK)
        refuse(j, REFUSED_LIMITS, arena_strdup(j->memory, why.text));
}

static void check_status(const struct judge *j, const struct execution_status *r)
{
    struct error why;

    check_id(j, r->execution_id);
    check_place(j, r->task_id);
    if (lifecycle_check(r, &why) != RC_OK)
        refuse(j, REFUSED_LIMITS, arena_strdup(j->memory, why.text));
}

static void check_heartbeat(const struct judge *j, const struct heartbeat *r)
{
    check_id(j, r->execution_id);
    check_range(j, "attempt", r->attempt, 1, ATTEMPT_MAX);
    if (r->progress.is_set)
        check_range(j, "progress", r->progress.value, 0, 100);
    check_text(j, "message bytes", r->message, MESSAGE_MAX_BYTES);
    check_text(j, "worker name bytes", r->worker.name, NAME_MAX_BYTES);
}

static void check_log(const struct judge *j, const struct log_batch *r)
{
    size_t bytes = 0;

    check_id(j, r->execution_id);
    check_place(j, r->execution_id);
    check_range(j, "attempt", r->attempt, 1, ATTEMPT_MAX);
    check_range(j, "first_seq", r->first_seq, 1, SEQ_MAX);
    check_range(j, "lines", (int64_t)r->line_count, 0, LOG_LINES_MAX);
    for (size_t i = 0; i < r->line_count; i++) {
        check_range(j, "message bytes", (int64_t)r->lines[i].message_len, 0, LOG_MESSAGE_MAX);
        bytes += r->lines[i].message_len;
    }
    check_range(j, "bytes", (int64_t)bytes, 0, LOG_BYTES_MAX);
}

static void check_revision(const struct judge *j, const struct task_revision *r)
{
    check_place(j, r->task_id);
    check_range(j, "revision", r->revision, 1, INT32_MAX);
    check_text(j, "key bytes", r->spec.key, SPEC_KEY_MAX);
    check_text(j, "project bytes", r->spec.project, SPEC_KEY_MAX);
    check_text(j, "queue bytes", r->spec.queue, NAME_MAX_BYTES);
    check_text(j, "title bytes", r->spec.title, SPEC_TITLE_MAX);
    check_text(j, "actor bytes", r->actor, NOTE_MAX_BYTES);
    check_text(j, "reason bytes", r->reason, NOTE_MAX_BYTES);
    if (!isfinite(r->spec.retry.multiplier))
        refuse(j, REFUSED_LIMITS, "multiplier: not a number");
}

/* The scheduler rejects a misplaced command where it finds it: both are taken, and marked. */
static void mark_place(const struct judge *j, struct uuid task)
{
    j->in->is_misplaced = partition_of(task, j->partitions) != j->in->message.partition;
}

static void check_outcome(const struct judge *j, const struct command_outcome *r)
{
    mark_place(j, r->task_id);
    check_range(j, "revision", r->revision, 0, INT32_MAX);
    check_text(j, "message bytes", r->message, MESSAGE_MAX_BYTES);
}

static void check_gap(const struct judge *j, const struct schedule_gap *r)
{
    check_place(j, r->task_id);
    check_range(j, "revision", r->revision, 1, INT32_MAX);
    check_range(j, "count", r->count, 1, GAP_COUNT_MAX);
    if (r->from >= r->to)
        refuse(j, REFUSED_LIMITS, "its range is empty");
}

static bool belongs(enum feed feed, enum record_kind kind)
{
    switch (feed) {
    case FEED_COMMANDS:
        return kind == RECORD_COMMAND;
    case FEED_TASKS:
        return kind == RECORD_TASK_REVISION || kind == RECORD_COMMAND_OUTCOME ||
               kind == RECORD_SCHEDULE_GAP;
    case FEED_EXECUTIONS:
        return kind == RECORD_EXECUTION_CREATED;
    case FEED_STATUS:
        return kind == RECORD_EXECUTION_STATUS;
    case FEED_HEARTBEATS:
        return kind == RECORD_HEARTBEAT;
    case FEED_LOGS:
        return kind == RECORD_LOG_BATCH;
    default:
        return false;
    }
}

static void judge_record(const struct judge *j)
{
    const void *r = j->in->record;

    if (!belongs(j->in->feed, j->in->kind)) {
        refuse(j, REFUSED_UNEXPECTED,
               arena_printf(j->memory, "%s", record_type_of(j->in->kind)->name));
        return;
    }
    switch (j->in->kind) {
    case RECORD_EXECUTION_CREATED:
        check_created(j, r);
        return;
    case RECORD_EXECUTION_STATUS:
        check_status(j, r);
        return;
    case RECORD_HEARTBEAT:
        check_heartbeat(j, r);
        return;
    case RECORD_LOG_BATCH:
        check_log(j, r);
        return;
    case RECORD_TASK_REVISION:
        check_revision(j, r);
        return;
    case RECORD_COMMAND_OUTCOME:
        check_outcome(j, r);
        return;
    case RECORD_SCHEDULE_GAP:
        check_gap(j, r);
        return;
    case RECORD_COMMAND: /* stored whatever it asks */
        mark_place(j, ((const struct command *)r)->task_id);
        return;
    default:
        return;
    }
}

static struct bytes copy_bytes(struct bytes b, struct arena *memory)
{
    if (b.data == NULL)
        return b;
    return (struct bytes){arena_memdup(memory, b.data, b.len), b.len};
}

static bool is_newer(const struct intake *in)
{
    enum record_kind kinds[RECORD_KIND_END];
    size_t count = 0;

    for (int kind = 1; kind < RECORD_KIND_END; kind++)
        if (belongs(in->feed, (enum record_kind)kind))
            kinds[count++] = (enum record_kind)kind;
    return codec_is_newer(in->message.value, kinds, count);
}

static void decode(struct judge *j)
{
    struct error err = {.rc = RC_OK};
    enum rc rc;

    /* A decoded record takes up to 16 times its frame (log lines of four bytes each); more is an attack. */
    arena_limit(j->memory, j->in->message.value.len * 32 + 65536);
    rc = codec_decode(j->in->message.value, j->memory, &j->in->kind, &j->in->record, &err);
    arena_limit(j->memory, 0);
    if (rc != RC_OK)
        refuse(j, is_newer(j->in) ? REFUSED_NEWER : REFUSED_UNDECODABLE,
               arena_strdup(j->memory, err.text));
    else
        judge_record(j);
}

static const uint8_t *sum_of(struct bytes b, struct arena *memory)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t *digest = arena_alloc(memory, SHA256_SIZE);

    sha256_add(sum, b.data, b.len);
    sha256_finish(sum, digest);
    return digest;
}

/* What a few hundred bytes of the log unpack to may be hundreds of megabytes: looked at where it lies, never copied. */
static void take_oversized(const struct judge *j, struct bytes value)
{
    j->in->sha256 = sum_of(value, j->memory);
    j->in->message.value = copy_bytes((struct bytes){value.data, DEAD_VALUE_KEPT}, j->memory);
    refuse(j, REFUSED_LIMITS,
           arena_printf(j->memory, "value bytes: %zu is over %d", value.len, CODEC_FRAME_MAX));
}

struct intake intake_take(const struct message *m, int partitions, struct arena *memory)
{
    struct intake in = {.message = *m,
                        .feed = feed_of(m->topic),
                        .last_offset = m->offset,
                        .value_len = m->value.len};
    struct judge j = {&in, memory, partitions};
    const struct bytes key = {m->key.data, MIN(m->key.len, (size_t)DEAD_KEY_KEPT)};

    in.message.key = copy_bytes(key, memory);
    if (m->value.data == NULL) {
        refuse(&j, REFUSED_UNDECODABLE, "has no value");
    } else if (m->value.len > CODEC_FRAME_MAX) {
        take_oversized(&j, m->value);
    } else {
        in.message.value = copy_bytes(m->value, memory);
        decode(&j);
    }
    return in;
}

bool intake_must_stop(const struct intake *in)
{
    return in->refusal == REFUSED_NEWER &&
           (in->feed == FEED_COMMANDS || in->feed == FEED_TASKS || in->feed == FEED_EXECUTIONS);
}

const uint8_t *intake_sha256(const struct intake *in, struct arena *memory)
{
    return in->sha256 != NULL ? in->sha256 : sum_of(in->message.value, memory);
}

struct intake intake_unreadable(const struct message *m, int64_t last_offset, const char *code)
{
    return (struct intake){.message = *m,
                           .feed = feed_of(m->topic),
                           .refusal = REFUSED_UNREADABLE,
                           .detail = code,
                           .last_offset = last_offset};
}
