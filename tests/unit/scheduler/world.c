#include "world.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "cron/zoneset.h"
#include "scheduler/state.h"

static bool queue_exists(void *ctx, const char *queue UNUSED)
{
    return !((struct world *)ctx)->queue_is_gone;
}

struct world *world_new(void)
{
    struct world *w = xcalloc(1, sizeof *w);

    w->zones = zoneset_new("");
    w->env = (struct core_env){.prefix = "t.",
                               .partitions = 1,
                               .instance = "test-1",
                               .zones = w->zones,
                               .queue_exists = queue_exists,
                               .ctx = w,
                               .cancel_grace_ms = 30000};
    w->memory = arena_new(0);
    w->now = EPOCH;
    w->limit = w->inputs = 10000;
    w->may_fire = w->hears = w->obeys = true;
    w->core = core_new(&w->env, 0);
    return w;
}

void world_free(struct world *w)
{
    core_free(w->core);
    zoneset_free(w->zones);
    arena_free(w->memory);
    map_clear(&w->newest);
    free(w->log);
    free(w->commands);
    free(w->statuses);
    free(w->command_times);
    free(w->status_times);
    free(w);
}

struct uuid task_of(const char *key)
{
    return task_id_of("default", key);
}

struct uuid command_numbered(int n)
{
    char name[32];

    (void)snprintf(name, sizeof name, "command %d", n);
    return uuid_named(CRONOBS_NAMESPACE, name);
}

struct task_spec spec_of(const char *key, const char *expression)
{
    static struct schedule_spec schedules[64];
    static size_t next;
    struct schedule_spec *schedule = &schedules[next++ % ARRAY_LEN(schedules)];

    *schedule = (struct schedule_spec){.expression = expression, .zone = "UTC"};
    return (struct task_spec){.key = key,
                              .project = "default",
                              .queue = "default",
                              .schedules = schedule,
                              .schedule_count = expression == NULL ? 0 : 1,
                              .retry = {.max_attempts = 1}};
}

/* --- inputs --- */

static struct bytes encoded(struct world *w, enum record_kind kind, const void *record)
{
    SCOPED_BUF frame = {0};
    struct error err = {0};

    if (codec_encode(kind, record, &frame, &err) != RC_OK)
        fail_msg("%s", err.text);
    return (struct bytes){arena_memdup(w->memory, frame.data, frame.len), frame.len};
}

static void obey(struct world *w, struct bytes value, const struct command *command)
{
    struct kept k = {.kind = RECORD_COMMAND, .value = value, .record = command};
    size_t at = w->command_count;

    w->commands = array_grow(w->commands, at, &w->command_capacity, sizeof k);
    w->command_times = array_grow(w->command_times, at, &w->command_time_capacity, sizeof(usec_t));
    w->commands[at] = k;
    w->command_times[at] = w->now + w->broker_ahead;
    w->command_count++;
    if (w->obeys)
        core_take_command(w->core, (int64_t)at, w->command_times[at], k.value, k.value);
}

struct uuid world_send(struct world *w, struct command command)
{
    if (uuid_is_nil(command.command_id))
        command.command_id = command_numbered((int)w->command_count);
    obey(w, encoded(w, RECORD_COMMAND, &command),
         record_copy(record_type_of(RECORD_COMMAND), &command, w->memory));
    return command.command_id;
}

struct uuid world_put(struct world *w, struct task_spec spec)
{
    return world_send(w, (struct command){.task_id = task_of(spec.key),
                                          .actor = "test",
                                          .kind = COMMAND_PUT_TASK,
                                          .body.put_task.spec = spec});
}

struct uuid world_order(struct world *w, const char *key, enum command_kind kind)
{
    return world_send(w, (struct command){.task_id = task_of(key), .actor = "test", .kind = kind});
}

static void hear(struct world *w, struct bytes value)
{
    size_t at = w->status_count;

    w->statuses = array_grow(w->statuses, at, &w->status_capacity, sizeof *w->statuses);
    w->status_times = array_grow(w->status_times, at, &w->status_time_capacity, sizeof(usec_t));
    w->statuses[at] = (struct kept){.value = value};
    if (codec_decode(value, w->memory, &w->statuses[at].kind, &w->statuses[at].record, NULL) !=
        RC_OK)
        fail_msg("a status that cannot be read");
    w->status_times[at] = w->now + w->broker_ahead;
    w->status_count++;
    if (w->hears)
        core_take_status(w->core, (int64_t)at, w->status_times[at], value, value);
}

void world_say(struct world *w, const struct execution_status *status)
{
    hear(w, encoded(w, RECORD_EXECUTION_STATUS, status));
}

void world_report(struct world *w, struct uuid execution, const char *key, enum status status)
{
    world_report_on(w, execution, key, 1, status);
}

void world_report_on(struct world *w, struct uuid execution, const char *key, int attempt,
                     enum status status)
{
    const struct worker_ref worker = {.name = "worker", .incarnation = command_numbered(-1)};

    world_say(w, &(struct execution_status){
                     .event_id = command_numbered(-2 - (int)w->status_count),
                     .execution_id = execution,
                     .task_id = task_of(key),
                     .attempt = attempt,
                     .status = status,
                     .occurred_at = w->now,
                     .worker = &worker,
                 });
}

void world_sign_as(struct world *w, const struct heartbeat *sign)
{
    core_take_heartbeat(w->core, w->now + w->broker_ahead, encoded(w, RECORD_HEARTBEAT, sign));
}

void world_sign(struct world *w, struct uuid execution, const char *key, int attempt)
{
    world_sign_as(w, &(struct heartbeat){.execution_id = execution,
                                         .task_id = task_of(key),
                                         .attempt = attempt,
                                         .worker = {"worker", command_numbered(-1)},
                                         .occurred_at = w->now});
}

void world_hear(struct world *w, usec_t now)
{
    w->now = now;
    core_heard(w->core, now, now);
    world_turn(w);
}

/* --- turns --- */

static void keep(struct world *w, const struct bus_record *r)
{
    struct kept *k;
    struct error err = {0};

    w->log = array_grow(w->log, w->count, &w->capacity, sizeof *w->log);
    k = &w->log[w->count++];
    *k = (struct kept){
        .topic = arena_strdup(w->memory, r->topic),
        .key = arena_strndup(w->memory, r->key.data, r->key.len),
        .partition = r->partition,
        .value = {arena_memdup(w->memory, r->value.data, r->value.len), r->value.len}};
    k->at = w->now;
    if (r->value.data == NULL)
        k->value.data = NULL;
    else if (codec_decode(k->value, w->memory, &k->kind, &k->record, &err) != RC_OK)
        fail_msg("%s", err.text);
    if (strcmp(k->topic, "t.state") == 0) {
        k->state_key = uuid_named(UUID_NIL, k->key);
        map_put(&w->newest, k->state_key, (void *)w->count);
    }
    if (k->kind == RECORD_EXECUTION_STATUS && k->partition == 0)
        hear(w, k->value);
    if (k->kind == RECORD_COMMAND)
        obey(w, k->value, k->record);
}

static void add_counts(struct core_counts *sum, const struct core_counts *more)
{
    sum->fired += more->fired;
    sum->skipped += more->skipped;
    sum->missed += more->missed;
    sum->gaps += more->gaps;
    sum->commands += more->commands;
    sum->cut += more->cut;
    sum->statuses += more->statuses;
    sum->deadlines += more->deadlines;
}

struct core_plan *world_plan(struct world *w)
{
    struct core_plan *plan = NULL;
    struct error err = {0};

    if (core_plan(w->core, w->now, w->may_fire,
                  (struct core_room){w->limit, w->inputs, !w->hurries}, &plan, &err) != RC_OK)
        fail_msg("%s", err.text);
    return plan;
}

void world_commit(struct world *w, struct core_plan *plan)
{
    size_t first = w->count;

    keep(w, plan->watermark);
    add_counts(&w->counts, &plan->counts);
    w->turns++;
    w->cut += plan->more;
    assert_int_equal(w->log[first].kind, RECORD_WATERMARK);
    for (size_t i = 0; i < plan->count; i++)
        keep(w, &plan->records[i]);
    core_commit(w->core, plan);
}

void world_turn(struct world *w)
{
    struct core_plan *plan;

    while ((plan = world_plan(w)) != NULL)
        world_commit(w, plan);
}

void world_go(struct world *w, usec_t now)
{
    w->now = now;
    world_turn(w);
}

/* --- crashes --- */

/* Compaction: only the newest record of a key is left. */
static bool is_compacted(const struct world *w, size_t index)
{
    return map_find(&w->newest, w->log[index].state_key) != (void *)(index + 1);
}

void world_crash(struct world *w)
{
    struct error err = {0};
    int64_t next[2];
    const char *stray;

    core_free(w->core);
    w->core = core_new(&w->env, 0);
    for (size_t i = 0; i < w->count; i++)
        if (!uuid_is_nil(w->log[i].state_key) && !is_compacted(w, i))
            core_restore(w->core, (int64_t)i, bytes_of(w->log[i].key), w->log[i].value);
    if (core_restored(w->core, next, &err) != RC_OK)
        fail_msg("%s", err.text);
    if (core_strays(w->core, &stray) > 0)
        fail_msg("%s", stray);
    for (size_t i = (size_t)next[0]; w->obeys && i < w->command_count; i++)
        core_take_command(w->core, (int64_t)i, w->command_times[i], w->commands[i].value,
                          w->commands[i].value);
    for (size_t i = (size_t)next[1]; w->hears && i < w->status_count; i++)
        core_take_status(w->core, (int64_t)i, w->status_times[i], w->statuses[i].value,
                         w->statuses[i].value);
}

/* --- looking --- */

void world_rezone(struct world *w, struct zoneset *zones, const char *name)
{
    struct zoneset *old = w->zones;

    w->env.zones = w->zones = zones;
    core_rezone(w->core, &name, name == NULL ? 0 : 1);
    zoneset_free(old);
}

const void *world_record(const struct world *w, enum record_kind kind, size_t index)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->log[i].kind == kind && index-- == 0)
            return w->log[i].record;
    return NULL;
}

size_t world_count(const struct world *w, enum record_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < w->count; i++)
        count += w->log[i].kind == kind;
    return count;
}

const struct command_outcome *world_outcome(const struct world *w, struct uuid command)
{
    const struct command_outcome *o;

    for (size_t i = 0; (o = world_record(w, RECORD_COMMAND_OUTCOME, i)) != NULL; i++)
        if (uuid_equal(o->command_id, command))
            return o;
    return NULL;
}

const struct watermark *world_watermark(const struct world *w)
{
    size_t count = world_count(w, RECORD_WATERMARK);

    return count == 0 ? NULL : world_record(w, RECORD_WATERMARK, count - 1);
}

const struct task_revision *world_revision(const struct world *w, const char *key)
{
    const struct task_revision *r, *newest = NULL;

    for (size_t i = 0; (r = world_record(w, RECORD_TASK_REVISION, i)) != NULL; i++)
        if (uuid_equal(r->task_id, task_of(key)))
            newest = r;
    return newest;
}

static struct buf *fresh_text(void)
{
    static struct buf text;

    buf_reset(&text);
    return &text;
}

const char *world_fired(const struct world *w, const char *key, enum trigger trigger)
{
    struct buf *text = fresh_text();
    const struct execution_created *x;

    for (size_t i = 0; (x = world_record(w, RECORD_EXECUTION_CREATED, i)) != NULL; i++)
        if (uuid_equal(x->task_id, task_of(key)) && x->trigger == trigger)
            buf_printf(text, "%s%ld", text->len == 0 ? "" : " ", SINCE(x->scheduled_at));
    return buf_text(text);
}

const char *world_gaps(const struct world *w, const char *key)
{
    struct buf *text = fresh_text();
    const struct schedule_gap *g;

    for (size_t i = 0; (g = world_record(w, RECORD_SCHEDULE_GAP, i)) != NULL; i++)
        if (uuid_equal(g->task_id, task_of(key)))
            buf_printf(text, "%s%s(%ld,%ld]=%d%s", text->len == 0 ? "" : " ",
                       enum_name(&reason_enum, (int)g->reason), SINCE(g->from), SINCE(g->to),
                       (int)g->count, g->more ? "+" : "");
    return buf_text(text);
}

const char *world_born(const struct world *w, const char *key)
{
    struct buf *text = fresh_text();
    const struct execution_status *s;

    for (size_t i = 0; (s = world_record(w, RECORD_EXECUTION_STATUS, i)) != NULL; i++)
        if (uuid_equal(s->task_id, task_of(key)) && s->scheduled_at > 0)
            buf_printf(text, "%s%s/%s@%ld", text->len == 0 ? "" : " ",
                       enum_name(&status_enum, (int)s->status),
                       enum_name(&reason_enum, (int)s->reason), SINCE(s->scheduled_at));
    return buf_text(text);
}
