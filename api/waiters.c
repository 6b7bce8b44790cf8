#include "api/waiters.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/map.h"

#define TICK      (20 * USEC_PER_MS)
#define TICK_AWAY (250 * USEC_PER_MS)

struct waiter {
    struct uuid command;
    usec_t deadline; /* monotonic */
    waiter_fn fn;
    void *ctx;
    struct waiter *next;
};

struct waiters {
    struct read_pool *reads;
    struct loop_timer *tick;
    struct arena *memory; /* of one question and its answer */
    struct waiter *first;
    size_t count;
    bool is_asking, is_away, is_ended;
};

static void ask(void *ctx);

struct waiters *waiters_new(struct loop *loop, struct read_pool *reads)
{
    struct waiters *w = xcalloc(1, sizeof *w);

    w->reads = reads;
    w->tick = loop_timer_new(loop, ask, w);
    w->memory = arena_new(0);
    return w;
}

void waiters_free(struct waiters *w)
{
    if (w == NULL)
        return;
    loop_timer_free(w->tick);
    arena_free(w->memory);
    free(w);
}

size_t waiters_count(const struct waiters *w)
{
    return w->count;
}

/* Tells those whose outcome is found or whose time is up; they may add new waiters meanwhile. */
static void tell(struct waiters *w, const struct map *found, usec_t now)
{
    struct waiter *told = NULL, **at = &w->first;

    while (*at != NULL) {
        struct waiter *one = *at;

        if (one->deadline > now && map_find(found, one->command) == NULL) {
            at = &one->next;
            continue;
        }
        *at = one->next;
        one->next = told;
        told = one;
        w->count--;
    }
    while (told != NULL) {
        struct waiter *next = told->next;

        told->fn(told->ctx, map_find(found, told->command), w->is_away);
        free(told);
        told = next;
    }
}

static void answered(void *ctx, const struct read_page *page)
{
    struct waiters *w = ctx;
    struct command_view *rows = page->rows;
    struct map found = {0};

    w->is_asking = false;
    w->is_away = page->rc != RC_OK;
    for (size_t i = 0; i < page->count; i++)
        map_put(&found, rows[i].command_id, &rows[i]);
    tell(w, &found, clock_monotonic());
    map_clear(&found);
    if (w->first != NULL)
        loop_timer_start(w->tick, w->is_away ? TICK_AWAY : TICK);
}

static void ask(void *ctx)
{
    struct waiters *w = ctx;
    struct uuid *ids;
    size_t count = 0;

    if (w->is_asking || w->first == NULL)
        return;
    arena_reset(w->memory);
    ids = arena_alloc(w->memory, w->count * sizeof *ids);
    for (struct waiter *one = w->first; one != NULL; one = one->next)
        ids[count++] = one->command;
    w->is_asking = true;
    read_outcomes(w->reads, ids, count, (struct read_reply){w->memory, answered, w});
}

void waiters_add(struct waiters *w, struct uuid command, usec_t timeout, waiter_fn fn, void *ctx)
{
    struct waiter *one;

    if (w->is_ended) {
        fn(ctx, NULL, false);
        return;
    }
    one = xcalloc(1, sizeof *one);
    *one = (struct waiter){command, clock_monotonic() + timeout, fn, ctx, NULL};
    one->next = w->first;
    w->first = one;
    if (w->count++ == 0 && !w->is_asking)
        loop_timer_start(w->tick, TICK / 4);
}

void waiters_end(struct waiters *w)
{
    struct map none = {0};

    w->is_ended = true;
    tell(w, &none, USEC_MAX);
}
