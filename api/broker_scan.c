#include "api/broker_scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

enum { QUESTION_MS = 2000 };

/* What readers of committed records depend on. heartbeats and logs are not written in
   transactions, but the projection reads logs. */
static const char *const fixed_topics[] = {"commands", "tasks", "status", "logs", "state"};

static void on_notice(void *ctx UNUSED, bool fatal UNUSED, const char *text)
{
    log_debug("kafka", "%s", text); /* the producer's notices say the same louder */
}

enum rc scan_open(struct scan *s, struct error *err)
{
    struct bus_config bus = {
        .brokers = s->config->brokers, .instance = "cronobs-api-admin", .on_notice = on_notice};
    struct bus_consumer_config reader = {.isolation = BUS_COMMITTED};

    TRY(bus_kafka_new(&bus, &s->bus, err));
    TRY(bus_admin_new(s->bus, &s->admin, err));
    TRY(bus_consumer_new(s->bus, &reader, &s->committed, err));
    reader.isolation = BUS_UNCOMMITTED;
    return bus_consumer_new(s->bus, &reader, &s->uncommitted, err);
}

void scan_clear(struct scan *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->places[i].topic);
    free(s->places);
    bus_consumer_free(s->committed);
    bus_consumer_free(s->uncommitted);
    bus_admin_free(s->admin);
    bus_free(s->bus);
    *s = (struct scan){0};
}

void broker_view_free(struct broker_view *view)
{
    if (view != NULL)
        arena_free(view->memory);
}

usec_t scan_note(struct scan *s, const char *topic, int partition, int64_t end, usec_t now)
{
    for (size_t i = 0; i < s->count; i++) {
        struct scan_place *p = &s->places[i];

        if (p->partition != partition || strcmp(p->topic, topic) != 0)
            continue;
        if (p->end != end)
            p->since = now;
        p->end = end;
        return p->since;
    }
    s->places = array_grow(s->places, s->count, &s->capacity, sizeof *s->places);
    s->places[s->count++] = (struct scan_place){xstrdup(topic), partition, end, now};
    return now;
}

/* The end as readers of committed records see it; how long it has stalled, asked only when it
   has not moved for long. */
static enum rc look_at(struct scan *s, const char *topic, int partition, usec_t now,
                       struct broker_place *ret, struct error *err)
{
    SCOPED(text) char *name = xasprintf("%s%s", s->config->prefix, topic);
    int64_t stable[2], all[2];
    usec_t since;

    TRY(bus_query_ends(s->committed, name, partition, QUESTION_MS, stable, err));
    *ret = (struct broker_place){.topic = topic, .partition = partition, .end = stable[1]};
    since = scan_note(s, topic, partition, stable[1], now);
    if (now - since < s->config->stalled_after)
        return RC_OK;
    TRY(bus_query_ends(s->uncommitted, name, partition, QUESTION_MS, all, err));
    if (all[1] > stable[1])
        ret->stalled_us = now - since;
    else
        (void)scan_note(s, topic, partition, -1,
                        now); /* idle, not stalled: the clock starts anew */
    return RC_OK;
}

static void tell_stalled(const struct scan *s, const struct broker_place *p)
{
    const char *prefix = s->config->prefix;

    log_error(
        "partition stands still: its last stable offset does not move",
        "topic=%s%s partition=%d offset=%lld for_s=%lld "
        "cure=\"kafka-transactions.sh abort --topic %s%s --partition %d --start-offset %lld\"",
        prefix, p->topic, p->partition, (long long)p->end,
        (long long)(p->stalled_us / USEC_PER_SEC), prefix, p->topic, p->partition,
        (long long)p->end);
}

static enum rc look_at_topic(struct scan *s, const char *topic, usec_t now,
                             struct broker_view *view, struct error *err)
{
    for (int p = 0; p < s->config->partitions; p++) {
        struct broker_place *place = &view->places[view->place_count];

        TRY(look_at(s, topic, p, now, place, err));
        if (place->stalled_us > 0)
            tell_stalled(s, place);
        view->place_count++;
    }
    return RC_OK;
}

static bool is_known(const struct scan *s, const char *topic)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->places[i].topic, topic) == 0)
            return true;
    return false;
}

/* A queue that was made or deleted a moment ago may not have its leaders yet, or any more: the
   next look will see it. */
static enum rc look_at_queue(struct scan *s, const char *topic, usec_t now,
                             struct broker_view *view, struct error *err)
{
    bool was_known = is_known(s, topic);
    enum rc rc = look_at_topic(s, topic, now, view, err);

    if (rc == RC_NOT_FOUND || (rc == RC_RETRY && !was_known)) {
        *err = (struct error){.rc = RC_OK};
        return RC_OK;
    }
    return rc;
}

static enum rc look_at_queues(struct scan *s, struct broker_view *view, struct error *err)
{
    SCOPED(text) char *prefix = xasprintf("%sexecutions.", s->config->prefix);

    TRY(bus_topic_list(s->admin, prefix, view->memory, &view->queues, &view->queue_count, err));
    for (size_t i = 0; i < view->queue_count; i++)
        view->queues[i] += strlen(prefix);
    return RC_OK;
}

static enum rc check_topics(struct scan *s, struct error *err)
{
    enum rc rc;

    if (s->is_checked)
        return RC_OK;
    rc = topics_check(s->admin, s->config->prefix, s->config->partitions, err);
    s->is_checked = rc == RC_OK;
    s->is_wrong = rc == RC_INVALID || rc == RC_NOT_FOUND;
    return rc;
}

static enum rc look_at_all(struct scan *s, usec_t now, struct broker_view *view, struct error *err)
{
    size_t topics;

    TRY(check_topics(s, err));
    view->is_checked = true;
    TRY(look_at_queues(s, view, err));
    topics = ARRAY_LEN(fixed_topics) + view->queue_count;
    view->places =
        arena_alloc(view->memory, topics * (size_t)s->config->partitions * sizeof *view->places);
    for (size_t i = 0; i < ARRAY_LEN(fixed_topics); i++)
        TRY(look_at_topic(s, fixed_topics[i], now, view, err));
    for (size_t i = 0; i < view->queue_count; i++)
        TRY(look_at_queue(s, arena_printf(view->memory, "executions.%s", view->queues[i]), now,
                          view, err));
    return RC_OK;
}

struct broker_view *scan_look(struct scan *s, usec_t now)
{
    struct arena *memory = arena_new(0);
    struct broker_view *view = arena_alloc(memory, sizeof *view);

    view->memory = memory;
    view->at = now;
    if (look_at_all(s, now, view, &view->err) != RC_OK)
        view->place_count = 0;
    return view;
}
