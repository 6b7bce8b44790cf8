/*
 * marks.c - how far the schedulers have decided, by the Watermarks at the ends of state[p], and how long topics keep what is in them.
 *
 * A Watermark is the first record of each transaction that touches a partition, so one is near the end; one that is not, behind a
 * large transaction, is not known until the next.
 */
#include <stdlib.h>
#include <string.h>

#include "api/broker/scan.h"
#include "base/clock.h"
#include "base/log.h"
#include "codec/codec.h"

#define RETENTIONS_EVERY (10 * USEC_PER_MIN)

enum { TAIL = 500, READ_MS = 2000 };

static const char key[] = "watermark"; /* of state, as the scheduler writes it */

void scan_clear_marks(struct scan *s)
{
    for (int p = 0; s->marks != NULL && p < s->config->partitions; p++) {
        free(s->marks[p].tzdata);
        free(s->marks[p].writer);
    }
    free(s->marks);
    free(s->retentions);
    bus_consumer_free(s->tails);
}

/* --- watermarks --- */

static void replace(char **text, const char *with)
{
    free(*text);
    *text = with == NULL ? NULL : xstrdup(with);
}

static void take_mark(struct scan *s, const struct bus_event *e)
{
    SCOPED(arena) struct arena *memory = arena_new(CODEC_FRAME_MAX);
    struct scan_mark *m = &s->marks[e->partition];
    const struct watermark *w;
    const void *record;

    if (e->key.len != strlen(key) || memcmp(e->key.data, key, e->key.len) != 0 ||
        e->value.data == NULL ||
        codec_decode_as(RECORD_WATERMARK, e->value, memory, &record, NULL) != RC_OK)
        return;
    w = record;
    m->is_known = true;
    m->due = w->due;
    m->written_at = e->timestamp;
    replace(&m->tzdata, w->tzdata);
    replace(&m->writer, w->writer);
}

/* Reads on until each partition is at its end, or the time is up. */
static void read_tails(struct scan *s, size_t open)
{
    usec_t until = clock_monotonic() + READ_MS * USEC_PER_MS;
    struct bus_event e;

    while (open > 0 && clock_monotonic() < until) {
        bus_poll(s->tails, 100, &e);
        if (e.kind == BUS_MESSAGE && e.partition < s->config->partitions)
            take_mark(s, &e);
        else if (e.kind == BUS_EOF)
            open--;
    }
}

static enum rc look(struct scan *s, const struct broker_view *view, struct error *err)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(text) char *topic = xasprintf("%sstate", s->config->prefix);
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_position *all = arena_alloc(memory, (view->place_count + 1) * sizeof *all);
    size_t count = 0;

    for (size_t i = 0; i < view->place_count; i++)
        if (strcmp(view->places[i].topic, "state") == 0 && view->places[i].end > 0)
            all[count++] = (struct bus_position){topic, view->places[i].partition,
                                                 MAX(view->places[i].end - TAIL, INT64_C(0))};
    if (s->tails == NULL)
        TRY(bus_consumer_new(s->bus, &config, &s->tails, err));
    TRY(bus_assign(s->tails, all, count, err));
    read_tails(s, count);
    return bus_assign(s->tails, NULL, 0, err);
}

void scan_look_at_marks(struct scan *s, struct broker_view *view)
{
    int partitions = s->config->partitions;
    struct error err = {0};

    if (!s->is_whole)
        return;
    if (s->marks == NULL)
        s->marks = xcalloc((size_t)partitions, sizeof *s->marks);
    if (look(s, view, &err) != RC_OK)
        log_debug("kafka", "%s", err.text);
    view->watermarks = arena_alloc(view->memory, (size_t)partitions * sizeof *view->watermarks);
    for (int p = 0; p < partitions; p++) {
        const struct scan_mark *m = &s->marks[p];

        if (!m->is_known)
            continue;
        view->watermarks[view->watermark_count++] = (struct broker_watermark){
            .partition = p,
            .due = m->due,
            .written_at = m->written_at,
            .tzdata = m->tzdata == NULL ? NULL : arena_strdup(view->memory, m->tzdata),
            .writer = m->writer == NULL ? NULL : arena_strdup(view->memory, m->writer)};
    }
}

/* --- retention --- */

static void read_retention(struct scan *s, const struct topic_rule *rule)
{
    SCOPED(text) char *name = xasprintf("%s%s", s->config->prefix, rule->name);
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_topic topic;

    if (rule->is_queue || bus_topic_read(s->admin, name, memory, &topic, NULL) != RC_OK)
        return;
    s->retentions[s->retention_count++] = (struct broker_retention){
        .topic = rule->name,
        .policy = strcmp(topic.cleanup_policy, "compact") == 0 ? "compact" : "delete",
        .ms = topic.retention_ms};
}

void scan_look_at_retentions(struct scan *s, struct broker_view *view)
{
    size_t rules = 0;

    if (!s->is_whole)
        return;
    while (topic_rules[rules].name != NULL)
        rules++;
    if (view->at >= s->retentions_at) {
        s->retentions = xrealloc(s->retentions, rules, sizeof *s->retentions);
        s->retention_count = 0;
        for (size_t i = 0; i < rules; i++)
            read_retention(s, &topic_rules[i]);
        s->retentions_at = view->at + RETENTIONS_EVERY;
    }
    view->retentions =
        arena_memdup(view->memory, s->retentions, (s->retention_count + 1) * sizeof *s->retentions);
    view->retention_count = s->retention_count;
}
