/*
 * history.c - the past of the tale, written into the topics of a new installation.
 *
 * Topics take the broker's time, always, so while the past is written they take ours, and are mended as `topics apply` would
 * do it. A history that was begun and not finished is told by topics that were not mended (docs/decisions/0149).
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "bus/topics.h"
#include "cli/demo/past.h"
#include "cli/shared/subcommand.h"

enum { SERVE_MS = 20, LAST_MS = 60000, UNWRITTEN_MAX = 20000 };

struct writing {
    struct bus_producer *producer;
    long unwritten;     /* records that the broker has not taken yet */
    struct error first; /* what it has refused */
};

static void on_delivered(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why)
{
    struct writing *w = ctx;

    w->unwritten--;
    if (rc != RC_OK && w->first.rc == RC_OK)
        (void)error_set(&w->first, rc, "could not write the history: %s", why);
}

/* The time that a record has begins when it is sent: behind all the others of sixty days a slow broker would not come to it. */
static enum rc write_record(void *ctx, const struct bus_record *record, struct error *err)
{
    struct writing *w = ctx;

    while (w->unwritten >= UNWRITTEN_MAX && w->first.rc == RC_OK)
        (void)bus_producer_serve(w->producer, SERVE_MS);
    TRY(bus_producer_send(w->producer, record, on_delivered, w, err));
    w->unwritten++;
    if (w->unwritten % 1000 == 0)
        (void)bus_producer_serve(w->producer, 0);
    if (w->first.rc == RC_OK)
        return RC_OK;
    return error_set(err, w->first.rc, "%s", w->first.text);
}

static enum rc finish(struct writing *w, struct error *err)
{
    usec_t deadline = clock_monotonic() + LAST_MS * USEC_PER_MS;

    while (w->unwritten > 0 && clock_monotonic() < deadline)
        (void)bus_producer_serve(w->producer, SERVE_MS);
    if (w->first.rc != RC_OK)
        return error_set(err, w->first.rc, "%s", w->first.text);
    if (w->unwritten > 0)
        return error_set(err, RC_RETRY, "could not write the history: %ld records were not taken",
                         w->unwritten);
    return RC_OK;
}

/* --- topics --- */

struct place {
    struct bus_admin *admin;
    struct topics_wanted wanted;
    struct arena *memory;
};

/* Of an installation that is there: was a history begun? */
static enum rc check_finished(const struct topics_plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->count; i++)
        if (strstr(plan->items[i].what, "CreateTime") != NULL) {
            (void)error_set(err, RC_INVALID,
                            "could not write a history: topic %s has one that was not finished",
                            plan->items[i].wanted.name);
            return error_hint(err, "delete the topics, or ./ops/down --wipe, and begin anew");
        }
    return RC_OK;
}

/* False: there is an installation already. */
static enum rc make_topics(const struct place *p, bool *ret, struct error *err)
{
    struct topics_plan plan;
    const char **names;
    size_t count;

    TRY(bus_topic_list(p->admin, p->wanted.prefix, p->memory, &names, &count, err));
    TRY(topics_plan(p->admin, &p->wanted, p->memory, &plan, err));
    *ret = count == 0;
    if (count > 0)
        return check_finished(&plan, err);
    for (size_t i = 0; i < plan.count; i++)
        plan.items[i].wanted.timestamp_type = "CreateTime";
    return topics_apply(p->admin, &plan, err);
}

static enum rc mend_topics(const struct place *p, struct error *err)
{
    struct topics_plan plan;

    TRY(topics_plan(p->admin, &p->wanted, p->memory, &plan, err));
    return topics_apply(p->admin, &plan, err);
}

/* --- the command --- */

static enum rc tell(struct call *call, struct bus *bus, struct past_totals *ret, struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED(bus_producer) struct bus_producer *producer = NULL;
    struct writing w = {0};
    const struct past_env env = {.prefix = call->common.topic_prefix,
                                 .partitions = call->common.partitions,
                                 .until = clock_realtime(),
                                 .zones = zones,
                                 .write = write_record,
                                 .ctx = &w};

    TRY(bus_producer_new(bus, &producer, err));
    w.producer = producer;
    TRY(past_tell(&env, ret, err));
    return finish(&w, err);
}

static size_t queue_count(void)
{
    size_t count = 0;

    while (story_queues[count] != NULL)
        count++;
    return count;
}

enum rc run_demo_history(struct call *call, struct error *err)
{
    const struct bus_config config = {.brokers = call->common.brokers, .instance = "cronobs-demo"};
    SCOPED(bus) struct bus *bus = NULL;
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    struct place place = {.memory = call->memory,
                          .wanted = {.prefix = call->common.topic_prefix,
                                     .partitions = call->common.partitions,
                                     .replication = call->common.replication,
                                     .queues = story_queues,
                                     .queue_count = queue_count()}};
    struct past_totals totals;
    bool is_new;

    TRY(bus_kafka_new(&config, &bus, err));
    TRY(bus_admin_new(bus, &admin, err));
    place.admin = admin;
    TRY(make_topics(&place, &is_new, err));
    if (!is_new) {
        (void)fputs("there is an installation already: nothing was written\n", call->out);
        return RC_OK;
    }
    TRY(tell(call, bus, &totals, err));
    TRY(mend_topics(&place, err));
    (void)fprintf(call->out, "%d days: %ld executions, %ld lines of logs, %ld records\n",
                  (int)STORY_DAYS, totals.executions, totals.lines, totals.records);
    return RC_OK;
}
