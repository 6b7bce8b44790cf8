#include "api/exchange/waiters.h"

#include <stdlib.h>

#include "base/clock.h"

#define TICK      (20 * USEC_PER_MS)
#define TICK_AWAY (250 * USEC_PER_MS)

struct waiter {
    struct waiters *all;
    struct wait wait;
    usec_t deadline; /* monotonic */
    struct waiter *next, **link;
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

static void link_in(struct waiters *w, struct waiter *one)
{
    one->next = w->first;
    one->link = &w->first;
    if (one->next != NULL)
        one->next->link = &one->next;
    w->first = one;
    w->count++;
}

static void unlink_from(struct waiters *w, struct waiter *one)
{
    *one->link = one->next;
    if (one->next != NULL)
        one->next->link = one->link;
    w->count--;
}

static void on_gone(struct http_exchange *x, void *ctx)
{
    struct waiter *one = ctx;

    unlink_from(one->all, one);
    free(one);
    http_drop(x);
}

/* Rows are by command id; of one that somebody has used for several tasks the likeliest is the first. */
static struct command_view *find_outcome(const struct read_page *page, const struct wait *one)
{
    struct command_view *rows = page->rows;
    size_t low = 0, high = page->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (uuid_order(rows[middle].command_id, one->command) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < page->count && uuid_equal(rows[low].command_id, one->command); low++)
        if (uuid_is_nil(one->task) || uuid_equal(rows[low].task_id, one->task))
            return &rows[low];
    return NULL;
}

/* Tells those whose outcome is found or whose time is up; they may add new waiters meanwhile. */
static void tell(struct waiters *w, const struct read_page *page, usec_t now)
{
    struct waiter *told = NULL, *next;

    for (struct waiter *one = w->first; one != NULL; one = next) {
        next = one->next;
        if (one->deadline > now && find_outcome(page, &one->wait) == NULL)
            continue;
        unlink_from(w, one);
        if (one->wait.x != NULL)
            http_on_gone(one->wait.x, NULL, NULL);
        one->next = told;
        told = one;
    }
    for (; told != NULL; told = next) {
        next = told->next;
        told->wait.fn(told->wait.ctx, find_outcome(page, &told->wait), w->is_away);
        free(told);
    }
}

static void answered(void *ctx, const struct read_page *page)
{
    struct waiters *w = ctx;

    w->is_asking = false;
    w->is_away = page->rc != RC_OK;
    tell(w, page, clock_monotonic());
    if (w->first != NULL)
        loop_timer_start(w->tick, w->is_away ? TICK_AWAY : TICK);
}

static void ask(void *ctx)
{
    struct waiters *w = ctx;
    struct uuid *ids, *tasks;
    size_t count = 0;

    if (w->is_asking || w->first == NULL)
        return;
    arena_reset(w->memory);
    ids = arena_alloc(w->memory, w->count * sizeof *ids);
    tasks = arena_alloc(w->memory, w->count * sizeof *tasks);
    for (struct waiter *one = w->first; one != NULL; one = one->next) {
        ids[count] = one->wait.command;
        tasks[count++] = one->wait.task;
    }
    w->is_asking = true;
    read_outcomes(w->reads, ids, tasks, count, (struct read_reply){w->memory, answered, w});
}

void waiters_add(struct waiters *w, const struct wait *wait)
{
    struct waiter *one;

    if (w->is_ended) {
        wait->fn(wait->ctx, NULL, false);
        return;
    }
    one = xcalloc(1, sizeof *one);
    *one = (struct waiter){.all = w, .wait = *wait, .deadline = clock_monotonic() + wait->timeout};
    link_in(w, one);
    if (wait->x != NULL)
        http_on_gone(wait->x, on_gone, one);
    if (w->count == 1 && !w->is_asking)
        loop_timer_start(w->tick, TICK / 4);
}

void waiters_end(struct waiters *w)
{
    const struct read_page none = {0};

    w->is_ended = true;
    tell(w, &none, USEC_MAX);
}
