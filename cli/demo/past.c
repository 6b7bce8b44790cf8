/*
 * past.c - the clock of the tale: whatever comes next, in the order of its time.
 */
#include "cli/demo/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/heap.h"
#include "cli/demo/crew.h"
#include "cli/demo/orders.h"
#include "codec/codec.h"
#include "scheduler/core.h"

static const struct core_room room_of_a_plan = {
    .records = 10000, .inputs = 10000, .due_waits = true};

struct event {             /* a record that will be written */
    struct heap_node node; /* the id: in which order they were thought of */
    char *topic;
    int partition;
    struct uuid key;
    struct bytes value; /* owned */
    usec_t at;
};

struct past {
    const struct past_env *env;
    struct core_env core_env;
    struct core **cores;                  /* of each partition */
    int64_t *commands_next, *status_next; /* of each partition */
    char *commands, *status, *queues;     /* names of topics */
    struct heap coming;
    uint64_t thought; /* events so far */
    uint64_t seed;
    usec_t now;
    struct past_totals totals;
    struct arena *memory; /* one record, one run */
};

/* --- what comes --- */

static struct uuid number_of(uint64_t n)
{
    struct uuid id = UUID_NIL;

    for (int i = 0; i < 8; i++)
        id.b[i] = (uint8_t)(n >> (56 - 8 * i));
    return id;
}

/* Brokers count in milliseconds. */
static usec_t whole_ms(usec_t at)
{
    return at / USEC_PER_MS * USEC_PER_MS;
}

static enum rc expect(struct past *p, const struct crew_record *r, struct error *err)
{
    SCOPED_BUF frame = {0};
    struct event *e;

    TRY(codec_encode(r->kind, r->record, &frame, err));
    e = xcalloc(1, sizeof *e);
    e->node.id = number_of(p->thought++);
    e->topic = xasprintf("%s%s", p->env->prefix, r->topic);
    e->partition = partition_of(r->key, p->env->partitions);
    e->key = r->key;
    e->value = (struct bytes){xmemdup(frame.data, frame.len), frame.len};
    e->at = whole_ms(r->at);
    heap_set(&p->coming, &e->node, e->at);
    return RC_OK;
}

static void event_free(struct event *e)
{
    free(e->topic);
    free((void *)(uintptr_t)e->value.data);
    free(e);
}

/* --- what is written --- */

/* The core reads its inputs as the log has them. */
static void show_core(struct past *p, const struct bus_record *r)
{
    struct core *core = p->cores[r->partition];

    if (strcmp(r->topic, p->commands) == 0)
        core_take_command(core, p->commands_next[r->partition]++, r->at, r->key, r->value);
    else if (strcmp(r->topic, p->status) == 0)
        core_take_status(core, p->status_next[r->partition]++, r->at, r->key, r->value);
}

static enum rc write_record(struct past *p, const struct bus_record *r, struct error *err)
{
    TRY(p->env->write(p->env->ctx, r, err));
    p->totals.records++;
    show_core(p, r);
    return RC_OK;
}

static enum rc write_event(struct past *p, struct event *e, struct error *err)
{
    char key[UUID_TEXT];
    const struct bus_record r = {.topic = e->topic,
                                 .partition = e->partition,
                                 .key = bytes_of(uuid_to_text(e->key, key)),
                                 .value = e->value,
                                 .at = e->at};

    return write_record(p, &r, err);
}

/* All that comes up to `until`. */
static enum rc write_events(struct past *p, usec_t until, struct error *err)
{
    while (heap_first_due(&p->coming) <= until) {
        struct event *e = (struct event *)heap_first(&p->coming); /* the node is its first member */
        enum rc rc;

        heap_remove(&p->coming, &e->node);
        rc = write_event(p, e, err);
        event_free(e);
        TRY(rc);
    }
    return RC_OK;
}

/* --- what is decided --- */

/* Somebody works on what was made. */
static enum rc hand_out(struct past *p, const struct bus_record *r, struct error *err)
{
    const void *created;
    struct crew_work work = {.until = p->env->until};

    if (!text_starts(r->topic, p->queues))
        return RC_OK;
    arena_reset(p->memory);
    TRY(codec_decode_as(RECORD_EXECUTION_CREATED, r->value, p->memory, &created, err));
    p->totals.executions++;
    crew_work(created, r->topic + strlen(p->queues), r->at, p->memory, &work);
    for (size_t i = 0; i < work.count; i++)
        TRY(expect(p, &work.records[i], err));
    p->totals.lines += work.lines;
    return RC_OK;
}

static enum rc write_plan(struct past *p, const struct core_plan *plan, usec_t at,
                          struct error *err)
{
    struct bus_record r = *plan->watermark;

    r.at = at;
    TRY(write_record(p, &r, err));
    for (size_t i = 0; i < plan->count; i++) {
        r = plan->records[i];
        r.at = at;
        TRY(write_record(p, &r, err));
        TRY(hand_out(p, &r, err));
    }
    return RC_OK;
}

static enum rc decide(struct past *p, struct core *core, struct error *err)
{
    bool more = true;

    while (more) {
        struct core_plan *plan = NULL;
        enum rc rc;

        TRY(core_plan(core, p->now, true, room_of_a_plan, &plan, err));
        if (plan == NULL)
            return RC_OK;
        more = plan->more;
        rc = write_plan(p, plan, p->now, err);
        if (rc != RC_OK) {
            core_discard(core, plan);
            return rc;
        }
        core_commit(core, plan);
    }
    return RC_OK;
}

static bool has_to_decide(const struct core *c, usec_t now)
{
    return core_has_commands(c) || core_has_statuses(c) || core_wake(c) <= now;
}

static enum rc decide_all(struct past *p, struct error *err)
{
    for (int i = 0; i < p->env->partitions; i++)
        if (has_to_decide(p->cores[i], p->now))
            TRY(decide(p, p->cores[i], err));
    return RC_OK;
}

/* --- the clock --- */

static usec_t next_wake(const struct past *p)
{
    usec_t at = USEC_MAX;

    for (int i = 0; i < p->env->partitions; i++)
        at = MIN(at, core_wake(p->cores[i]));
    return at;
}

/* Until when nobody decides at `at`; 0: somebody does. */
static usec_t away_until(const struct past *p, usec_t at)
{
    return crew_absent_until(NULL, at, p->env->until);
}

/* Deciding and writing takes a few milliseconds. */
static usec_t a_moment_after(struct past *p, usec_t at)
{
    return whole_ms(MAX(at, p->now)) + (usec_t)(4 + story_draw(&p->seed, 22)) * USEC_PER_MS;
}

static enum rc run_clock(struct past *p, struct error *err)
{
    for (;;) {
        usec_t next = MIN(heap_first_due(&p->coming), next_wake(p));
        usec_t away = next == USEC_MAX ? 0 : away_until(p, MAX(next, p->now));

        p->now = a_moment_after(p, MAX(next, away));
        if (next == USEC_MAX || p->now > p->env->until)
            return RC_OK;
        TRY(write_events(p, p->now, err));
        TRY(decide_all(p, err));
    }
}

/* --- all of it --- */

static bool queue_exists(void *ctx UNUSED, const char *queue)
{
    for (const char *const *q = story_queues; *q != NULL; q++)
        if (strcmp(*q, queue) == 0)
            return true;
    return false;
}

static void begin(struct past *p, const struct past_env *env)
{
    size_t partitions = (size_t)env->partitions;

    *p = (struct past){
        .env = env,
        .core_env = {env->prefix, env->partitions, "demo", env->zones, queue_exists, NULL, 0},
        .cores = xcalloc(partitions, sizeof *p->cores),
        .commands_next = xcalloc(partitions, sizeof *p->commands_next),
        .status_next = xcalloc(partitions, sizeof *p->status_next),
        .commands = xasprintf("%scommands", env->prefix),
        .status = xasprintf("%sstatus", env->prefix),
        .queues = xasprintf("%sexecutions.", env->prefix),
        .memory = arena_new(0),
    };
    for (size_t i = 0; i < partitions; i++)
        p->cores[i] = core_new(&p->core_env, (int)i);
}

static void end(struct past *p)
{
    struct event *e;

    while ((e = (struct event *)heap_first(&p->coming)) != NULL) {
        heap_remove(&p->coming, &e->node);
        event_free(e);
    }
    heap_clear(&p->coming);
    for (int i = 0; i < p->env->partitions; i++)
        core_free(p->cores[i]);
    free(p->cores);
    free(p->commands_next);
    free(p->status_next);
    free(p->commands);
    free(p->status);
    free(p->queues);
    arena_free(p->memory);
}

static enum rc expect_orders(struct past *p, struct error *err)
{
    struct crew_record *orders;
    size_t count = orders_all(p->env->until, p->memory, &orders);

    for (size_t i = 0; i < count; i++)
        TRY(expect(p, &orders[i], err));
    return RC_OK;
}

enum rc past_tell(const struct past_env *env, struct past_totals *ret, struct error *err)
{
    struct past p;
    enum rc rc;

    begin(&p, env);
    rc = expect_orders(&p, err);
    if (rc == RC_OK)
        rc = run_clock(&p, err);
    *ret = p.totals;
    end(&p);
    return rc;
}
