/*
 * groups.c - who reads the queues: of each queue's workers, how many there are and how far they are behind. Some queues a look,
 * in turns, so that a thousand of them cost no more than a few.
 */
#include <stdlib.h>
#include <string.h>

#include "api/broker/scan.h"
#include "base/clock.h"
#include "base/log.h"

#define KNOWN_FOR (5 * USEC_PER_MIN)

enum { ASK_MS = 3000, GROUPS_A_LOOK = 64 };

/* The same name as the workers' own (sdk/c/cronobs.h). */
static char *name_of(const struct scan *s, const char *queue)
{
    size_t len = strlen(s->config->prefix);

    while (len > 0 && s->config->prefix[len - 1] == '.')
        len--;
    return xasprintf("%.*s-work-%s", (int)len, s->config->prefix, queue);
}

static struct scan_group *group_of(struct scan *s, const char *queue)
{
    struct scan_group *g;

    for (size_t i = 0; i < s->group_count; i++)
        if (strcmp(s->groups[i]->queue, queue) == 0)
            return s->groups[i];
    g = xcalloc(1, sizeof *g);
    *g = (struct scan_group){
        .queue = xstrdup(queue), .name = name_of(s, queue), .members = -1, .lag = -1};
    s->groups = array_grow(s->groups, s->group_count, &s->group_capacity, sizeof *s->groups);
    s->groups[s->group_count++] = g;
    return g;
}

void scan_clear_groups(struct scan *s)
{
    for (size_t i = 0; i < s->group_count; i++) {
        free(s->groups[i]->queue);
        free(s->groups[i]->name);
        free(s->groups[i]);
    }
    free(s->groups);
}

static const struct bus_stable *stored_of(const struct bus_answer *stored, int partition)
{
    for (size_t i = 0; i < stored->stable_count; i++)
        if (stored->stable[i].partition == partition)
            return &stored->stable[i];
    return NULL;
}

int64_t scan_lag(const struct broker_view *view, const char *topic, const struct bus_answer *stored)
{
    int64_t lag = 0;

    for (size_t i = 0; i < view->place_count; i++) {
        const struct broker_place *p = &view->places[i];
        const struct bus_stable *at;

        if (strcmp(p->topic, topic) != 0 || p->end == 0)
            continue;
        at = stored_of(stored, p->partition);
        if (at == NULL || !at->is_stable || at->offset < 0)
            return -1;
        lag += MAX(p->end - at->offset, 0);
    }
    return lag;
}

bool scan_take_group(struct scan *s, const struct broker_view *view,
                     const struct bus_answer *answer)
{
    struct scan_group *g = NULL;

    for (size_t i = 0; i < s->group_count && g == NULL; i++)
        g = answer->token == s->groups[i] ? s->groups[i] : NULL;
    if (g == NULL)
        return false;
    if (answer->rc != RC_OK) {
        log_debug("kafka", "%s", answer->err.text);
        return true;
    }
    g->at = clock_monotonic();
    if (answer->kind == BUS_ANSWER_MEMBERS) {
        g->members = (int)answer->member_count;
    } else {
        SCOPED(text) char *topic = xasprintf("executions.%s", g->queue);

        g->lag = scan_lag(view, topic, answer);
    }
    return true;
}

static void ask(struct scan *s, struct scan_group *g)
{
    SCOPED(text) char *topic = xasprintf("%sexecutions.%s", s->config->prefix, g->queue);
    int *partitions = xcalloc((size_t)s->config->partitions, sizeof *partitions);

    for (int p = 0; p < s->config->partitions; p++)
        partitions[p] = p;
    bus_ask_members(s->admin, g->name, g);
    bus_ask_stable_offsets(s->admin, g->name, topic, partitions, (size_t)s->config->partitions, g);
    free(partitions);
}

static void take_answers(struct scan *s, const struct broker_view *view, size_t open)
{
    usec_t until = clock_monotonic() + ASK_MS * USEC_PER_MS;
    struct bus_answer answer;

    while (open > 0 && clock_monotonic() < until)
        if (bus_admin_poll(s->admin, 100, &answer) && scan_take_group(s, view, &answer))
            open--;
}

void scan_look_at_groups(struct scan *s, struct broker_view *view)
{
    size_t count = MIN(view->queue_count, (size_t)GROUPS_A_LOOK);

    if (!s->is_whole)
        return;
    for (size_t i = 0; i < count; i++)
        ask(s, group_of(s, view->queues[s->next_group++ % view->queue_count]));
    take_answers(s, view, 2 * count);
    view->groups = arena_alloc(view->memory, (view->queue_count + 1) * sizeof *view->groups);
    for (size_t i = 0; i < view->queue_count; i++) {
        const struct scan_group *g = group_of(s, view->queues[i]);
        bool is_known = g->at != 0 && clock_monotonic() - g->at < KNOWN_FOR;

        view->groups[i] = (struct broker_group){.name = arena_strdup(view->memory, g->name),
                                                .members = is_known ? g->members : -1,
                                                .lag = is_known ? g->lag : -1};
    }
}
