/*
 * asked.h - a world with one task, "a", of which something is asked or whose instants meet: what the tests of requests, backfills and overlap share.
 */
#ifndef TESTS_UNIT_SCHEDULER_ASKED_H
#define TESTS_UNIT_SCHEDULER_ASKED_H

#include "world.h"

static inline struct task_spec watched(const char *expression)
{
    struct task_spec spec = spec_of("a", expression);

    spec.run_timeout_ms = 3600000;
    spec.payload = (struct bytes){"own", 3};
    return spec;
}

static inline struct world *with(struct task_spec spec)
{
    struct world *w = world_new();

    world_put(w, spec);
    world_turn(w);
    return w;
}

static inline void report(struct world *w, struct uuid x, enum status status)
{
    world_report(w, x, "a", status);
    world_turn(w);
}

static inline void expect(const struct world *w, struct uuid command, enum outcome_code code)
{
    assert_string_equal(enum_name(&outcome_code_enum, (int)world_outcome(w, command)->code),
                        enum_name(&outcome_code_enum, (int)code));
}

static inline const struct execution_status *said(const struct world *w, size_t n)
{
    return world_record(w, RECORD_EXECUTION_STATUS, n);
}

static inline const struct execution_created *sent(const struct world *w, size_t n)
{
    return world_record(w, RECORD_EXECUTION_CREATED, n);
}

static inline struct task_spec overlapping(enum overlap_policy policy)
{
    struct task_spec spec = spec_of("a", "@every 10s");

    spec.overlap = policy;
    return spec;
}

static inline struct world *begun(struct task_spec spec)
{
    struct world *w = world_new();

    world_put(w, spec);
    world_go(w, SECONDS(10));
    assert_string_equal(world_fired(w, "a", TRIGGER_SCHEDULED), "10");
    return w;
}

/* The n-th execution that was sent ends. */
static inline void finish(struct world *w, size_t n)
{
    const struct execution_created *x = world_record(w, RECORD_EXECUTION_CREATED, n);

    world_report_on(w, x->execution_id, "a", x->attempt, STATUS_SUCCEEDED);
    world_turn(w);
}

static inline void start(struct world *w, size_t n)
{
    const struct execution_created *x = world_record(w, RECORD_EXECUTION_CREATED, n);

    world_report_on(w, x->execution_id, "a", x->attempt, STATUS_RUNNING);
    world_turn(w);
}

static inline size_t signals(const struct world *w)
{
    return world_count(w, RECORD_EXECUTION_SIGNAL);
}

#endif
