#include "consumer/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "bus/topics.h"

enum {
    ENDS_TIMEOUT_MS = 10000,
    BEATS_BEHIND_MAX = 10000,
};

void source_notice(void *ctx UNUSED, bool fatal, const char *text)
{
    if (fatal)
        log_error("the bus says", "%s", text);
    else
        log_debug("the bus says", "%s", text);
}

static bool goes_on(void *ctx)
{
    const volatile sig_atomic_t *const *stop = ctx;

    return !**stop;
}

enum rc source_check_topics(struct bus *bus, const char *prefix, int partitions,
                            const volatile sig_atomic_t *stop, struct error *err)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;

    TRY(bus_admin_new(bus, &admin, err));
    return topics_wait(admin, prefix, partitions, goes_on, &stop, err);
}

/* "^cronobs\.executions\..*", dots of the prefix taken literally. */
static char *queues_pattern(const char *prefix, struct arena *memory)
{
    SCOPED_BUF pattern = {0};

    buf_add_char(&pattern, '^');
    for (; *prefix != '\0'; prefix++) {
        if (*prefix == '.')
            buf_add_char(&pattern, '\\');
        buf_add_char(&pattern, *prefix);
    }
    buf_add_text(&pattern, "executions\\..*");
    return arena_strdup(memory, buf_text(&pattern));
}

/* The group's name: the prefix without its dot, so that installations that share a cluster keep apart. */
static char *group_name(const char *prefix, struct arena *memory)
{
    size_t len = strlen(prefix);

    while (len > 0 && prefix[len - 1] == '.')
        len--;
    return arena_printf(memory, "%.*s-consumer", (int)len, prefix);
}

enum rc source_open(struct bus *bus, const char *prefix, struct bus_consumer **ret,
                    struct error *err)
{
    static const char *const fixed[] = {"commands", "tasks", "status", "heartbeats", "logs"};
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char *topics[ARRAY_LEN(fixed) + 2] = {NULL};
    const struct bus_consumer_config config = {
        .group = group_name(prefix, memory),
        .static_member = true,
        .topics = topics,
        .isolation = BUS_COMMITTED,
    };

    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        topics[i] = arena_printf(memory, "%s%s", prefix, fixed[i]);
    topics[ARRAY_LEN(fixed)] = queues_pattern(prefix, memory);
    return bus_consumer_new(bus, &config, ret, err);
}

/* --- starting points --- */

static enum rc skip_what_is_lost(struct bus_consumer *c, struct store *store, const char *topic,
                                 struct offset_row *row, struct error *err)
{
    int64_t ends[2];
    int64_t from = row->next_offset;

    TRY(bus_query_ends(c, topic, row->part, ENDS_TIMEOUT_MS, ends, err));
    if (ends[0] <= from)
        return RC_OK;
    TRY(store_skip_lost(store, row, ends[0], err));
    log_error("log lines are lost: retention passed the reader",
              "topic=%s partition=%d from=%jd to=%jd", topic, row->part, (intmax_t)from,
              (intmax_t)ends[0]);
    return RC_OK;
}

/* Where the tables stand, so that a rebalance loses no progress that a run told of once; the end where that is far away or gone, or the
   position has stood: old signs of life hold nothing up. */
static enum rc beats_start(struct bus_consumer *c, const char *topic, const struct offset_row *row,
                           int64_t *ret, struct error *err)
{
    int64_t ends[2];
    int64_t next = row->next_offset;
    enum rc rc = bus_query_ends(c, topic, row->part, ENDS_TIMEOUT_MS, ends, err);
    bool is_near;

    *ret = BUS_END;
    if (rc == RC_NOT_FOUND)
        return RC_OK; /* the group will soon know */
    TRY(rc);
    is_near = next >= ends[0] && next <= ends[1] && ends[1] - next <= BEATS_BEHIND_MAX;
    *ret = is_near && !row->was_told ? next : ends[1];
    return RC_OK;
}

enum rc source_start(struct bus_consumer *c, struct store *store, const char *prefix,
                     struct positions *positions, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_position *starts = arena_alloc(memory, positions->count * sizeof *starts);
    size_t count = 0;

    for (size_t i = 0; i < positions->count; i++) {
        struct offset_row *row = &positions->rows[i];
        struct bus_position *start = &starts[count];
        enum feed feed = feed_of(row->topic);

        if (row->stands)
            continue;
        start->topic = arena_printf(memory, "%s%s", prefix, row->topic);
        start->partition = row->part;
        if (feed == FEED_LOGS)
            TRY(skip_what_is_lost(c, store, start->topic, row, err));
        start->offset = row->next_offset;
        if (feed == FEED_HEARTBEATS)
            TRY(beats_start(c, start->topic, row, &start->offset, err));
        count++;
    }
    return bus_assign(c, starts, count, err);
}

static enum rc say_lost(const char *topic, const struct offset_row *row, const int64_t ends[2],
                        struct error *err)
{
    return error_set(err, RC_NOT_FOUND,
                     "the tables stand at offset %jd of %s[%d], but the topic holds %jd to %jd",
                     (intmax_t)row->next_offset, topic, row->part, (intmax_t)ends[0],
                     (intmax_t)ends[1]);
}

static enum rc explain(struct bus_consumer *c, const char *topic, const struct offset_row *row,
                       struct error *err)
{
    enum feed feed = feed_of(row->topic);
    int64_t ends[2];
    enum rc rc = bus_query_ends(c, topic, row->part, ENDS_TIMEOUT_MS, ends, err);

    if (rc == RC_NOT_FOUND && feed == FEED_EXECUTIONS) {
        log_warn("a queue's topic is gone", "topic=%s partition=%d", topic, row->part);
        return RC_OK; /* the group will soon know; the others go on */
    }
    TRY(rc);
    if (feed != FEED_LOGS && feed != FEED_HEARTBEATS &&
        (row->next_offset < ends[0] || row->next_offset > ends[1]))
        return say_lost(topic, row, ends, err);
    /* The position of the tables is there, but nothing is read any more from where the reader was. */
    return error_set(err, RC_RETRY, "the position in %s[%d] was lost", topic, row->part);
}

enum rc source_explain_lost(struct bus_consumer *c, const char *prefix,
                            const struct positions *positions, const struct bus_event *e,
                            struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < positions->count; i++) {
        const struct offset_row *row = &positions->rows[i];
        const char *topic = arena_printf(memory, "%s%s", prefix, row->topic);

        if (e->partition == row->part && text_equal(e->topic, topic))
            return explain(c, topic, row, err);
    }
    return RC_OK; /* not ours, or no longer */
}

void source_hint(struct bus_consumer *c, const char *prefix, const struct positions *positions)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_position *next = arena_alloc(memory, positions->count * sizeof *next);
    size_t count = 0;

    for (size_t i = 0; i < positions->count; i++)
        if (positions->rows[i].next_offset > 0)
            next[count++] = (struct bus_position){
                arena_printf(memory, "%s%s", prefix, positions->rows[i].topic),
                positions->rows[i].part, positions->rows[i].next_offset};
    bus_commit_hint(c, next, count);
}
