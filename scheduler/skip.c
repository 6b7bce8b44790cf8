#include "scheduler/skip.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "codec/codec.h"
#include "scheduler/state.h"

enum { POLL_MS = 100, FLUSH_MS = 30000, ENDS_MS = 10000 };
static const usec_t READ_WITHIN = 60 * USEC_PER_SEC;

struct search { /* through state[p] */
    const struct bus_position *to;
    bool is_repeated;
    struct arena *memory; /* of what is kept */
    const struct watermark *watermark;
    struct bytes key; /* of the record at to->offset, where that is asked for */
    bool is_found;
    int64_t newer_at; /* a later record of that key; 0: none */
};

bool skip_concerns_scheduler(const char *topic)
{
    return strcmp(topic, "commands") == 0 || strcmp(topic, "status") == 0 ||
           strcmp(topic, "state") == 0;
}

enum rc skip_check_end(struct bus *bus, const char *prefix, const struct bus_position *to,
                       struct error *err)
{
    static const struct bus_consumer_config config = {.isolation = BUS_UNCOMMITTED};
    SCOPED(text) char *topic = xasprintf("%s%s", prefix, to->topic);
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    int64_t ends[2];

    TRY(bus_consumer_new(bus, &config, &c, err));
    TRY(bus_query_ends(c, topic, to->partition, ENDS_MS, ends, err));
    if (to->offset <= ends[1])
        return RC_OK;
    error_set(err, RC_INVALID,
              "OFFSET: %" PRId64 " lies behind the end of %s[%d], which is %" PRId64, to->offset,
              topic, to->partition, ends[1]);
    return error_hint(err, "%" PRId64 " leaves out all that is there; what is yet to come stays",
                      ends[1]);
}

/* --- what the state holds --- */

static void take_key(struct search *s, const struct bus_event *e)
{
    if (e->offset == s->to->offset) {
        s->key = (struct bytes){arena_memdup(s->memory, e->key.data, e->key.len), e->key.len};
        s->is_found = true;
    } else if (s->is_found && e->key.len == s->key.len &&
               memcmp(e->key.data, s->key.data, e->key.len) == 0) {
        s->newer_at = e->offset;
    }
}

static void take(struct search *s, const struct bus_event *e)
{
    struct state_key key;
    const void *record;

    if (strcmp(s->to->topic, "state") == 0)
        take_key(s, e);
    if (e->value.data == NULL || state_key_parse(e->key, &key, NULL) != RC_OK ||
        key.kind != STATE_WATERMARK)
        return;
    if (codec_decode_one(RECORD_WATERMARK, e->value, s->memory, &record, NULL) == RC_OK)
        s->watermark = record;
}

/* What an open transaction holds may be a newer Watermark, or whatever else is newer than what is to be written. */
static enum rc check_end(struct bus_consumer *c, const struct bus_event *e, struct error *err)
{
    int64_t high = bus_high_watermark(c, e->topic, e->partition);

    if (e->offset >= high)
        return RC_OK;
    return error_set(err, RC_RETRY,
                     "could not read %s[%d] to its end: a transaction is open from %" PRId64 " on",
                     e->topic, e->partition, e->offset);
}

static enum rc read_state(struct search *s, struct bus *bus, const char *topic, struct error *err)
{
    static const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    const struct bus_position start = {topic, s->to->partition, BUS_BEGINNING};
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    usec_t deadline = clock_monotonic() + READ_WITHIN;
    struct bus_event e;

    TRY(bus_consumer_new(bus, &config, &c, err));
    TRY(bus_assign(c, &start, 1, err));
    while (clock_monotonic() < deadline) {
        bus_poll(c, POLL_MS, &e);
        if (e.kind == BUS_EOF)
            return check_end(c, &e, err);
        if (e.kind == BUS_MESSAGE)
            take(s, &e);
        if (e.kind == BUS_FAILED && e.err.rc != RC_RETRY) {
            *err = e.err;
            return e.err.rc;
        }
    }
    return error_set(err, RC_RETRY, "could not read %s[%d] to its end", topic, s->to->partition);
}

/* --- what is written --- */

static void on_delivered(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why)
{
    struct error *err = ctx;

    if (rc != RC_OK)
        (void)error_set(err, rc, "could not write the state: %s", why);
}

static enum rc send(struct bus *bus, const struct bus_record *record, struct error *err)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    struct error delivered = {.rc = RC_OK};

    TRY(bus_producer_new(bus, &p, err));
    TRY(bus_producer_send(p, record, on_delivered, &delivered, err));
    TRY(bus_producer_flush(p, FLUSH_MS, err));
    (void)bus_producer_serve(p, 0);
    if (delivered.rc != RC_OK)
        *err = delivered;
    return delivered.rc;
}

static enum rc write_watermark(const struct search *s, struct bus *bus, const char *topic,
                               const struct watermark *w, struct error *err)
{
    SCOPED_BUF frame = {0};
    char key[STATE_KEY_TEXT];
    struct bus_record record = {.topic = topic, .partition = s->to->partition};

    TRY(codec_encode(RECORD_WATERMARK, w, &frame, err));
    record.key = bytes_of(state_key_format(STATE_WATERMARK, UUID_NIL, key));
    record.value = buf_bytes(&frame);
    return send(bus, &record, err);
}

static enum rc move(const struct search *s, struct bus *bus, const char *topic, FILE *out,
                    struct error *err)
{
    bool is_commands = strcmp(s->to->topic, "commands") == 0;
    struct watermark w;
    int64_t *next = is_commands ? &w.commands_next : &w.status_next;
    int64_t from;

    if (s->watermark == NULL)
        return error_set(err, RC_NOT_FOUND,
                         "%s[%d] holds no Watermark: no scheduler has read there", topic,
                         s->to->partition);
    w = *s->watermark;
    from = *next;
    if (s->is_repeated && from > s->to->offset) {
        (void)fprintf(out, "scheduler: %s[%d] is at %" PRId64 "\n", s->to->topic, s->to->partition,
                      from);
        return RC_OK;
    }
    *next = s->to->offset;
    w.writer = "cronobs topics skip";
    TRY(write_watermark(s, bus, topic, &w, err));
    (void)fprintf(out, "scheduler: %s[%d] from %" PRId64 " to %" PRId64 "\n", s->to->topic,
                  s->to->partition, from, s->to->offset);
    return RC_OK;
}

static enum rc take_back(const struct search *s, struct bus *bus, const char *topic, FILE *out,
                         struct error *err)
{
    const struct bus_record tombstone = {
        .topic = topic, .partition = s->to->partition, .key = s->key};
    struct state_key key;

    if (!s->is_found)
        return error_set(err, RC_NOT_FOUND, "%s[%d] holds no record at %" PRId64, topic,
                         s->to->partition, s->to->offset);
    TRY(state_key_parse(s->key, &key, err)); /* others are passed over anyway */
    if (s->newer_at > 0)
        return error_set(err, RC_CONFLICT, "%s[%d] holds a newer record of %.*s at %" PRId64, topic,
                         s->to->partition, (int)s->key.len, (const char *)s->key.data, s->newer_at);
    if (key.kind != STATE_WATERMARK) {
        TRY(send(bus, &tombstone, err));
    } else if (s->watermark != NULL) {
        TRY(write_watermark(s, bus, topic, s->watermark, err));
    } else {
        return error_set(err, RC_NOT_FOUND, "%s[%d] holds no Watermark that can be read", topic,
                         s->to->partition);
    }
    (void)fprintf(out, "scheduler: %.*s of %s[%d] is taken back\n", (int)s->key.len,
                  (const char *)s->key.data, topic, s->to->partition);
    return RC_OK;
}

enum rc skip_in_state(struct bus *bus, const char *prefix, const struct bus_position *to,
                      bool is_repeated, FILE *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct search s = {.to = to, .is_repeated = is_repeated, .memory = memory};
    const char *topic = arena_printf(memory, "%sstate", prefix);

    TRY(read_state(&s, bus, topic, err));
    return strcmp(to->topic, "state") == 0 ? take_back(&s, bus, topic, out, err)
                                           : move(&s, bus, topic, out, err);
}
