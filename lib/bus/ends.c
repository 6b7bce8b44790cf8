#include "bus/ends.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { EVENTS_A_CALL = 1000 };

struct place {
    char *topic;
    int partition;
    bool is_answered;
};

struct ends {
    struct bus_consumer
        *reader; /* read_committed: the end-of-partition event is the last stable offset */
    struct place *places;
    size_t count, open;
};

enum rc ends_new(struct bus *bus, struct ends **ret, struct error *err)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    SCOPED(ends) struct ends *e = xcalloc(1, sizeof *e);

    TRY(bus_consumer_new(bus, &config, &e->reader, err));
    *ret = TAKE(e);
    return RC_OK;
}

static void forget(struct ends *e)
{
    for (size_t i = 0; i < e->count; i++)
        free(e->places[i].topic);
    free(e->places);
    e->places = NULL;
    e->count = e->open = 0;
}

void ends_free(struct ends *e)
{
    if (e == NULL)
        return;
    bus_consumer_free(e->reader);
    forget(e);
    free(e);
}

enum rc ends_ask(struct ends *e, const struct bus_position *places, size_t count, struct error *err)
{
    struct bus_position *at_end = xcalloc(count + 1, sizeof *at_end);
    enum rc rc;

    forget(e);
    e->places = xcalloc(count + 1, sizeof *e->places);
    for (size_t i = 0; i < count; i++) {
        at_end[i] = (struct bus_position){places[i].topic, places[i].partition, BUS_END};
        e->places[i] = (struct place){xstrdup(places[i].topic), places[i].partition, false};
    }
    e->count = e->open = count;
    rc = bus_assign(e->reader, at_end, count, err);
    free(at_end);
    return rc;
}

static struct place *find(struct ends *e, const struct bus_event *event)
{
    for (size_t i = 0; i < e->count; i++)
        if (e->places[i].partition == event->partition &&
            strcmp(e->places[i].topic, event->topic) == 0)
            return &e->places[i];
    return NULL;
}

/* What has come meanwhile, a batch that cannot be unpacked included, can be read: the end that readers reach is behind it. */
static int64_t stable_by(const struct bus_event *event)
{
    switch (event->kind) {
    case BUS_MESSAGE:
        return event->offset + 1;
    case BUS_UNREADABLE:
        return event->next;
    default:
        return event->offset;
    }
}

/* Who has answered is read no more: nobody takes what would come, and librdkafka fetches ahead. */
static void close_place(struct ends *e, struct place *place)
{
    place->is_answered = true;
    e->open--;
    bus_assign_remove(e->reader, place->topic, place->partition);
}

static bool answers(struct ends *e, const struct bus_event *event, struct ends_answer *ret)
{
    struct place *place = event->kind == BUS_NOTHING ? NULL : find(e, event);

    if (place == NULL || place->is_answered ||
        (event->kind == BUS_FAILED && event->err.rc != RC_NOT_FOUND))
        return false;
    *ret = (struct ends_answer){.topic = place->topic, .partition = place->partition};
    if (event->kind == BUS_FAILED) {
        ret->rc = event->err.rc;
    } else {
        ret->stable = stable_by(event);
        ret->high = MAX(ret->stable, bus_high_watermark(e->reader, place->topic, place->partition));
    }
    close_place(e, place);
    return true;
}

bool ends_take(struct ends *e, int timeout_ms, struct ends_answer *ret)
{
    usec_t end = clock_monotonic() + timeout_ms * USEC_PER_MS;
    struct bus_event event;

    for (int i = 0; i < EVENTS_A_CALL; i++) {
        usec_t left = timeout_ms == 0 ? 0 : end - clock_monotonic();

        bus_poll(e->reader, (int)(MAX(left, 0) / USEC_PER_MS), &event);
        if (answers(e, &event, ret))
            return true;
        if (event.kind == BUS_NOTHING && left <= 0)
            break;
    }
    return false;
}

size_t ends_open(const struct ends *e)
{
    return e->open;
}
