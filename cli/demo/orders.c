#include "cli/demo/orders.h"

#include <string.h>

enum { DAY_S = 86400, BETWEEN_TASKS_S = 47 };

struct orders {
    usec_t until;
    struct arena *memory;
    struct crew_record *items;
    size_t count;
};

/* Adds one; the caller fills its body. */
static struct command *add(struct orders *o, const struct story_task *t, int64_t ago_s,
                           const char *actor, const char *reason)
{
    struct command *c = arena_alloc(o->memory, sizeof *c);
    struct uuid task = task_id_of(t->project, t->key);

    *c = (struct command){
        .command_id = uuid_named(task, arena_printf(o->memory, "demo/%ld", (long)ago_s)),
        .task_id = task,
        .actor = actor,
        .reason = reason,
    };
    o->items[o->count++] = (struct crew_record){.topic = "commands",
                                                .key = task,
                                                .kind = RECORD_COMMAND,
                                                .record = c,
                                                .at = o->until - ago_s * USEC_PER_SEC};
    return c;
}

static void put(struct orders *o, const struct story_task *t, int64_t ago_s, const char *actor,
                const char *reason)
{
    struct command *c = add(o, t, ago_s, actor, reason);

    c->kind = COMMAND_PUT_TASK;
    /* a change is in force from its own instant on */
    story_spec(t, ago_s, o->memory, &c->body.put_task.spec);
}

static void add_deed(struct orders *o, const struct story_deed *d)
{
    struct command *c = add(o, story_find(d->key), d->ago_s, d->actor, d->reason);

    c->kind = d->kind;
    if (d->kind == COMMAND_RESUME_TASK)
        c->body.resume_task.gap = RESUME_NONE;
}

size_t orders_all(usec_t until, struct arena *memory, struct crew_record **ret)
{
    static const char *const founders[] = {"anna", "jonas", "priya"};
    struct orders o = {.until = until, .memory = memory};
    size_t room = 1;

    for (const struct story_task *t = story_tasks; t->key != NULL; t++)
        room++;
    for (const struct story_change *c = story_changes; c->key != NULL; c++)
        room++;
    for (const struct story_deed *d = story_deeds; d->key != NULL; d++)
        room++;
    o.items = arena_alloc(memory, room * sizeof *o.items);
    for (const struct story_task *t = story_tasks; t->key != NULL; t++)
        put(&o, t, (int64_t)STORY_DAYS * DAY_S - BETWEEN_TASKS_S * (int64_t)o.count,
            founders[o.count % ARRAY_LEN(founders)], NULL);
    for (const struct story_change *c = story_changes; c->key != NULL; c++)
        put(&o, story_find(c->key), c->ago_s, c->actor, c->reason);
    for (const struct story_deed *d = story_deeds; d->key != NULL; d++)
        add_deed(&o, d);
    *ret = o.items;
    return o.count;
}
