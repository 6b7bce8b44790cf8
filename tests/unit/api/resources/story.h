/*
 * story.h - a task's story as rows: revisions, an execution, a gap, and the facts that a verdict is made of. Instants are "06-15T12:00" of 2026, UTC.
 */
#ifndef TESTS_API_STORY_H
#define TESTS_API_STORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/resources/revision_set.h"
#include "api/resources/verdict.h"
#include "base/rfc3339.h"

enum { ROWS_MAX = 6 };

static struct uuid task_id;
static struct zoneset *zones;

static inline usec_t at(const char *text)
{
    char full[RFC3339_TEXT];
    usec_t ret;

    if (text == NULL)
        return 0;
    (void)snprintf(full, sizeof full, "2026-%s:00Z", text); /* "06-15T12:00" */
    assert_int_equal(rfc3339_parse(full, &ret, NULL), RC_OK);
    return ret;
}

struct told { /* a revision; spec NULL ends */
    enum task_state state;
    const char *since, *spec;
};

struct told_execution {
    enum status status;
    enum reason reason;
    const char *started;
    bool is_manual;
    const char *next; /* attempt */
};

struct told_gap {
    const char *from, *to;
    enum reason reason;
    int count;
};

struct story {
    struct revision_set *set;
    struct task_row revisions[ROWS_MAX];
    struct execution_row execution;
    struct gap_row gap;
    struct verdict_facts facts;
};

static inline void tell(struct story *s, const struct told *told, const char *when)
{
    size_t count = 0;

    *s = (struct story){0};
    for (; told[count].spec != NULL; count++)
        s->revisions[count] = (struct task_row){.task_id = task_id,
                                                .revision = (int32_t)count + 1,
                                                .state = told[count].state,
                                                .effective_at = at(told[count].since),
                                                .actor = "anna",
                                                .spec = told[count].spec};
    s->set = revision_set_new(s->revisions, count, zones);
    s->facts = (struct verdict_facts){.task = task_id,
                                      .at = at(when),
                                      .span = USEC_PER_SEC,
                                      .now = at("06-20T00:00"),
                                      .revisions = s->set->items,
                                      .revision_count = s->set->count,
                                      .decided = at("06-20T00:00"),
                                      .kept_from = at("01-01T00:00")};
}

static inline void add_execution(struct story *s, const struct told_execution *e)
{
    s->execution = (struct execution_row){
        .execution_id = execution_id_of(task_id, s->facts.at, e->is_manual ? "command" : "instant",
                                        e->is_manual ? "x" : ""),
        .task_id = task_id,
        .status = (int32_t)e->status,
        .reason = (int32_t)e->reason,
        .scheduled_at = s->facts.at,
        .started_at = at(e->started),
        .next_attempt_at = at(e->next),
        .attempt = 1,
        .revision = 1};
    s->facts.executions = &s->execution;
    s->facts.execution_count = 1;
}

static inline void add_gap(struct story *s, const struct told_gap *g)
{
    s->gap = (struct gap_row){.task_id = task_id,
                              .revision = 1,
                              .reason = (int32_t)g->reason,
                              .count = g->count,
                              .received_at = at(g->to),
                              .from_at = at(g->from),
                              .to_at = at(g->to)};
    s->facts.gaps = &s->gap;
    s->facts.gap_count = 1;
}

#endif
