#include "api/broker/scan.h"

#include <stdlib.h>
#include <string.h>

#include "api/broker/places.h"
#include "base/clock.h"
#include "base/log.h"

enum { LOOK_MS = 3000 };

/* What readers of committed records depend on. heartbeats and logs are not written in
   transactions, but the scheduler and the projection read them. */
static const char *const fixed_topics[] = {"commands",   "tasks", "status",
                                           "heartbeats", "logs",  "state"};

static void on_notice(void *ctx UNUSED, bool fatal UNUSED, const char *text)
{
    log_debug("kafka", "%s", text); /* the producer's notices say the same louder */
}

enum rc scan_open(struct scan *s, struct error *err)
{
    struct bus_config bus = {
        .brokers = s->config->brokers, .instance = "cronobs-api-admin", .on_notice = on_notice};

    TRY(bus_kafka_new(&bus, &s->bus, err));
    TRY(bus_admin_new(s->bus, &s->admin, err));
    return ends_new(s->bus, &s->ends, err);
}

void scan_clear(struct scan *s)
{
    size_t at = 0;

    for (void *place; (place = map_each(&s->places, &at)) != NULL;)
        free(place);
    map_clear(&s->places);
    scan_clear_owners(s);
    scan_clear_groups(s);
    scan_clear_marks(s);
    ends_free(s->ends);
    bus_admin_free(s->admin);
    bus_free(s->bus);
    *s = (struct scan){0};
}

void broker_view_free(struct broker_view *view)
{
    if (view == NULL)
        return;
    map_clear(&view->index);
    arena_free(view->memory);
}

void broker_view_index(struct broker_view *view)
{
    map_clear(&view->index);
    for (size_t i = 0; i < view->place_count; i++)
        map_put(&view->index, place_id(view->places[i].topic, view->places[i].partition),
                &view->places[i]);
}

struct broker_place *broker_view_find(const struct broker_view *view, const char *topic,
                                      int partition)
{
    return map_find(&view->index, place_id(topic, partition));
}

static struct scan_place *place_of(struct scan *s, const char *topic, int partition)
{
    struct uuid id = place_id(topic, partition);
    struct scan_place *known = map_find(&s->places, id);

    if (known != NULL)
        return known;
    known = xmemdup(&(struct scan_place){.stable = -1}, sizeof *known);
    map_put(&s->places, id, known);
    return known;
}

usec_t scan_note(struct scan *s, const char *topic, const struct ends_answer *seen, usec_t now)
{
    struct scan_place *p = place_of(s, topic, seen->partition);
    int64_t stable = seen->stable < seen->high ? seen->stable : -1;

    if (stable != p->stable)
        p->since = now; /* the first sight of something behind it; not the last movement */
    p->stable = stable;
    return stable < 0 ? 0 : now - p->since;
}

static usec_t beyond_limit(const struct scan *s, usec_t stood)
{
    return stood >= s->config->stalled_after ? stood : 0;
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

/* What topics there are, and which of their partitions can be written to. */
struct topic_list {
    const struct bus_topic_state *items;
    size_t count;
};

static enum rc look_at_queues(struct scan *s, struct broker_view *view, struct topic_list *ret,
                              struct error *err)
{
    SCOPED(text) char *prefix = xasprintf("%sexecutions.", s->config->prefix);

    TRY(bus_topic_states(s->admin, s->config->prefix, view->memory, &ret->items, &ret->count, err));
    view->queues = arena_alloc(view->memory, (ret->count + 1) * sizeof *view->queues);
    for (size_t i = 0; i < ret->count; i++)
        if (text_starts(ret->items[i].name, prefix))
            view->queues[view->queue_count++] = ret->items[i].name + strlen(prefix);
    return RC_OK;
}

static void note_unwritable(const struct scan *s, const struct topic_list *list,
                            const struct broker_view *view)
{
    size_t len = strlen(s->config->prefix);

    for (size_t i = 0; i < list->count; i++)
        for (int p = 0; p < list->items[i].partitions; p++) {
            struct broker_place *place =
                list->items[i].is_writable[p] ||
                        !text_starts(list->items[i].name, s->config->prefix)
                    ? NULL
                    : broker_view_find(view, list->items[i].name + len, p);

            if (place != NULL)
                place->is_unreachable = true;
        }
}

/* Brokers may not see yet what was made a moment ago; told each 10 s. */
static bool is_out_of_patience(struct scan *s)
{
    usec_t now = clock_monotonic();

    if (s->missing_since == 0)
        s->missing_since = now;
    if (now >= s->tell_at) {
        s->tell_at = now + 10 * USEC_PER_SEC;
        log_warn("waiting for topics", "waited_s=%lld gives_up_after_s=%d",
                 (long long)((now - s->missing_since) / USEC_PER_SEC), TOPICS_PATIENCE);
    }
    return now - s->missing_since >= TOPICS_PATIENCE * USEC_PER_SEC;
}

static enum rc check_topics(struct scan *s, struct error *err)
{
    enum rc rc;

    if (s->is_checked)
        return RC_OK;
    rc = topics_check(s->admin, s->config->prefix, s->config->partitions, err);
    s->is_checked = rc == RC_OK;
    s->is_wrong = rc == RC_INVALID || (rc == RC_NOT_FOUND && is_out_of_patience(s));
    if (rc != RC_NOT_FOUND)
        return rc;
    err->rc = RC_INVALID; /* which ends the program in the end, as a wrong topic does */
    return RC_INVALID;
}

/* --- the ends of all partitions --- */

static void add_topic(const struct scan *s, const char *topic, struct broker_view *view)
{
    for (int p = 0; p < s->config->partitions; p++)
        view->places[view->place_count++] =
            (struct broker_place){.topic = topic, .partition = p, .end = -1};
}

static void list_places(const struct scan *s, struct broker_view *view)
{
    size_t topics = ARRAY_LEN(fixed_topics) + view->queue_count;

    view->places =
        arena_alloc(view->memory, topics * (size_t)s->config->partitions * sizeof *view->places);
    for (size_t i = 0; i < ARRAY_LEN(fixed_topics); i++)
        add_topic(s, fixed_topics[i], view);
    for (size_t i = 0; i < view->queue_count; i++)
        add_topic(s, arena_printf(view->memory, "executions.%s", view->queues[i]), view);
    broker_view_index(view);
}

static enum rc ask(struct scan *s, const struct broker_view *view, struct error *err)
{
    struct bus_position *all = xcalloc(view->place_count + 1, sizeof *all);
    SCOPED(arena) struct arena *memory = arena_new(0);
    enum rc rc;

    for (size_t i = 0; i < view->place_count; i++)
        all[i] = (struct bus_position){
            .topic = arena_printf(memory, "%s%s", s->config->prefix, view->places[i].topic),
            .partition = view->places[i].partition};
    rc = ends_ask(s->ends, all, view->place_count, err);
    free(all);
    return rc;
}

static void take_answer(struct scan *s, const struct ends_answer *answer, struct broker_view *view)
{
    struct broker_place *place =
        broker_view_find(view, answer->topic + strlen(s->config->prefix), answer->partition);

    if (place == NULL)
        return; /* the answer to an earlier look, which had another list of places */
    /* 0 for a queue that was deleted a moment ago: the next look will not list it. */
    place->end = answer->stable;
    if (answer->rc != RC_OK)
        return;
    place->stalled_us = beyond_limit(s, scan_note(s, place->topic, answer, view->at));
    if (place->stalled_us > 0)
        tell_stalled(s, place);
}

/* Twice without an answer, for a queue that was made a moment ago may not have its leaders yet. */
static void note_missing(struct scan *s, struct broker_view *view)
{
    for (size_t i = 0; i < view->place_count; i++) {
        struct broker_place *p = &view->places[i];
        struct scan_place *known = place_of(s, p->topic, p->partition);

        known->misses = p->end < 0 ? known->misses + 1 : 0;
        p->is_unreachable = known->misses >= 2;
        p->end = MAX(p->end, 0);
    }
    view->is_partial = ends_open(s->ends) > 0;
}

/* A partition that nobody leads does not answer; the others do not wait for it. */
static enum rc take_answers(struct scan *s, struct broker_view *view, struct error *err)
{
    usec_t until = clock_monotonic() + LOOK_MS * USEC_PER_MS;
    struct ends_answer answer;

    while (ends_open(s->ends) > 0) {
        usec_t left = until - clock_monotonic();

        if (left <= 0)
            break;
        if (ends_take(s->ends, (int)(left / USEC_PER_MS) + 1, &answer))
            take_answer(s, &answer, view);
    }
    note_missing(s, view);
    if (view->place_count > 0 && ends_open(s->ends) == view->place_count)
        return error_set(err, RC_RETRY, "no partition answers within %d ms", LOOK_MS);
    return RC_OK;
}

static enum rc look_at_all(struct scan *s, struct broker_view *view, struct error *err)
{
    struct topic_list topics = {0};
    enum rc rc;

    TRY(check_topics(s, err));
    view->is_checked = true;
    TRY(look_at_queues(s, view, &topics, err));
    list_places(s, view);
    TRY(ask(s, view, err));
    rc = take_answers(s, view, err);
    note_unwritable(s, &topics, view);
    if (rc == RC_OK) {
        scan_look_at_owners(s, view);
        scan_look_at_groups(s, view);
        scan_look_at_marks(s, view);
        scan_look_at_retentions(s, view);
    }
    if (ends_ask(s->ends, NULL, 0, NULL) != RC_OK)
        log_debug("kafka", "could not stop reading");
    return rc;
}

struct broker_view *scan_look(struct scan *s, usec_t now)
{
    struct arena *memory = arena_new(0);
    struct broker_view *view = arena_alloc(memory, sizeof *view);

    view->memory = memory;
    view->at = now;
    if (look_at_all(s, view, &view->err) != RC_OK)
        view->place_count = 0;
    return view;
}
