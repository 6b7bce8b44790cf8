#include "scheduler/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "model/spec.h"
#include "scheduler/listening.h"
#include "scheduler/open.h"

enum {
    LOOKS_PER_RECORD = 64,     /* counting so many instants takes about as long as one record */
    BYTES_PER_RECORD = 4 << 10 /* 10,000 large payloads are more than a transaction can hold */
};

struct plan *plan_new(struct core *c, usec_t now, bool may_fire, struct core_room room)
{
    struct plan *p = xcalloc(1, sizeof *p);

    p->core = c;
    p->memory = arena_new(0);
    p->now = MAX(now, c->mark.due); /* a clock set back: the time of W has come all the same */
    p->may_fire = may_fire;
    p->room = room;
    p->mark = c->mark;
    c->plan = p;
    return p;
}

void plan_free(struct plan *p)
{
    if (p == NULL)
        return;
    p->core->plan = NULL;
    for (size_t i = 0; i < p->retired_count; i++)
        body_free(p->retired[i]);
    free(p->retired);
    free(p->kept);
    bodies_cool(&p->core->bodies);
    arena_free(p->memory);
    free(p->records);
    free(p->tasks);
    free(p->opens);
    free(p->made);
    free(p);
}

static size_t weight_of(const struct plan *p)
{
    return p->count + p->looked / LOOKS_PER_RECORD + p->bytes / BYTES_PER_RECORD;
}

size_t plan_weight(const struct plan *p)
{
    return weight_of(p) + p->pending;
}

bool plan_is_full(const struct plan *p)
{
    return plan_weight(p) >= p->room.records;
}

bool plan_has_room_for_input(const struct plan *p, size_t before, size_t used)
{
    return !plan_is_full(p) && used < p->room.inputs && plan_weight(p) - before < p->room.inputs;
}

bool plan_is_idle(const struct plan *p)
{
    return p->count == 0 && p->task_count == 0 && p->open_count == 0 && p->rezoned == 0 &&
           p->out.commands_next == p->core->commands.decided &&
           p->out.status_next == p->core->statuses.decided;
}

/* --- tasks --- */

struct plan_task *plan_task(struct plan *p, struct task *t)
{
    struct plan_task *draft;

    if (t->draft != NULL)
        return (struct plan_task *)t->draft;
    draft = arena_alloc(p->memory, sizeof *draft);
    draft->view = t->now;
    t->draft = &draft->view;
    p->tasks = array_grow(p->tasks, p->task_count, &p->task_capacity, sizeof(struct task *));
    p->tasks[p->task_count++] = t;
    return draft;
}

struct task *plan_add_task(struct plan *p, struct uuid id)
{
    struct task *t = registry_add(p->core, id);

    plan_task(p, t)->is_new = true;
    return t;
}

void plan_forget_task(struct plan *p, struct task *t)
{
    plan_store(p, t);
    plan_task(p, t)->is_gone = true;
    plan_wake(p, t, USEC_MAX);
}

void plan_store(struct plan *p, struct task *t)
{
    struct plan_task *draft = plan_task(p, t);

    p->pending += !draft->is_stored;
    draft->is_stored = true;
}

void plan_count_failures(struct plan *p, struct task *t, int32_t failures)
{
    struct plan_task *draft = plan_task(p, t);

    failures = MIN(failures, SPEC_FAILURES_MAX);
    if ((int32_t)draft->view.failures == failures)
        return;
    draft->view.failures = (unsigned)failures & 0x3FF;
    p->pending += !draft->is_counted;
    draft->is_counted = true;
}

void plan_set_body(struct plan *p, struct task *t, struct body *body)
{
    struct task_view *v = &plan_task(p, t)->view;

    if (v->body != t->now.body) {
        p->retired =
            array_grow(p->retired, p->retired_count, &p->retired_capacity, sizeof(struct body *));
        p->retired[p->retired_count++] = v->body;
    }
    v->body = body;
}

void plan_remember(struct plan *p, struct task *t, struct uuid command, usec_t at)
{
    struct task_view *v = &plan_task(p, t)->view;
    size_t old = 0;
    struct recent_command *list;

    while (old < v->recent_count && (v->recent[old].at <= at - RECENT_COMMANDS_KEPT ||
                                     v->recent_count - old >= RECENT_COMMANDS_MAX))
        old++;
    list = xcalloc(v->recent_count - old + 1, sizeof *list);
    if (v->recent_count > old)
        memcpy(list, v->recent + old, (v->recent_count - old) * sizeof *list);
    list[v->recent_count - old] = (struct recent_command){.command_id = command, .at = at};
    if (v->recent != t->now.recent)
        free(v->recent);
    v->recent = list;
    v->recent_count = (v->recent_count - old + 1) & 0x1FF;
    plan_store(p, t);
}

void plan_wake(struct plan *p, struct task *t, usec_t wake)
{
    plan_task(p, t)->view.wake = wake;
    heap_set(&p->core->due, &t->node, wake);
}

void plan_seek(struct plan *p, struct task *t)
{
    struct task_view *v = &plan_task(p, t)->view;

    registry_seek(t->node.id, v, p->mark);
    heap_set(&p->core->due, &t->node, v->wake);
}

void plan_decided(struct plan *p, struct task *t, usec_t due)
{
    struct plan_task *draft = plan_task(p, t);

    draft->decided = MAX(draft->decided, due);
}

/* --- open executions --- */

struct open_execution *plan_open(struct plan *p, struct open *o)
{
    if (o->draft != NULL)
        return o->draft;
    o->draft = arena_memdup(p->memory, &o->now, sizeof o->now);
    (void)plan_task(p, o->task);
    p->opens = array_grow(p->opens, p->open_count, &p->open_capacity, sizeof(struct open *));
    p->opens[p->open_count++] = o;
    p->pending++;
    return o->draft;
}

void plan_open_changed(struct plan *p, struct open *o)
{
    registry_count_open(&plan_task(p, o->task)->view, o, open_slot(o->draft));
    heap_set(&p->core->deadlines, &o->node, open_next(o).at);
    registry_find_head(p->core, o->task);
}

void plan_add_open(struct plan *p, struct task *t, const struct open_execution *e)
{
    struct open *o;

    if (map_find(&p->core->opens, registry_open_key(e)) != NULL)
        return; /* a state that somebody made up holds what is only now decided */
    o = registry_add_open(p->core, t, e);
    (void)plan_open(p, o); /* for its record */
    plan_open_changed(p, o);
    p->made = array_grow(p->made, p->made_count, &p->made_capacity, sizeof(struct open *));
    p->made[p->made_count++] = o;
}

/* --- records --- */

static struct bus_record *add_record(struct plan *p, const char *topic, int partition,
                                     const char *key)
{
    struct bus_record *r;

    p->records = array_grow(p->records, p->count, &p->capacity, sizeof *p->records);
    r = &p->records[p->count++];
    *r = (struct bus_record){.topic = topic, .partition = partition, .key = bytes_of(key)};
    return r;
}

static const char *id_key(struct plan *p, struct uuid id)
{
    return uuid_to_text(id, arena_alloc(p->memory, UUID_TEXT));
}

static enum rc encode(struct plan *p, enum record_kind kind, const void *record, struct bytes *ret,
                      struct error *err)
{
    struct buf *frame = &p->core->frame;

    buf_reset(frame);
    if (codec_encode(kind, record, frame, err) != RC_OK) {
        (void)error_prefix(err, "could not encode record of kind %d", (int)kind);
        return RC_FATAL;
    }
    *ret = (struct bytes){arena_memdup(p->memory, frame->data, frame->len), frame->len};
    p->bytes += frame->len;
    return RC_OK;
}

enum rc plan_emit(struct plan *p, const char *topic, struct uuid key, enum record_kind kind,
                  const void *record, struct error *err)
{
    struct bytes value;

    TRY(encode(p, kind, record, &value, err));
    add_record(p, topic, p->core->partition, id_key(p, key))->value = value;
    return RC_OK;
}

enum rc plan_emit_gap(struct plan *p, struct task *t, usec_t from, usec_t to, enum reason reason,
                      struct error *err)
{
    const struct task_view *v = task_seen(t);
    struct schedule_gap gap = {
        .task_id = t->node.id, .revision = v->revision, .from = from, .to = to, .reason = reason};
    size_t count;

    if (to <= from)
        return RC_OK;
    count = timeline_count(body_timeline(v->body), from, to, TIMELINE_COUNT_MAX, &gap.more);
    if (count == 0)
        return RC_OK;
    p->looked += count;
    p->out.counts.gaps++;
    gap.count = (int32_t)count * (fault_planted("gap-twice") ? 2 : 1);
    return plan_emit(p, p->core->tasks_topic, t->node.id, RECORD_SCHEDULE_GAP, &gap, err);
}

struct execution_status plan_report_of(const struct plan *p, const struct open_execution *e,
                                       int32_t attempt, enum status says, enum reason reason)
{
    return (struct execution_status){
        .event_id = event_id_of(e->execution_id, attempt, enum_name(&status_enum, (int)says)),
        .execution_id = e->execution_id,
        .task_id = e->task_id,
        .attempt = attempt,
        .status = says,
        .reason = reason,
        .occurred_at = p->now,
    };
}

enum rc plan_emit_status(struct plan *p, const struct execution_status *status, struct error *err)
{
    return plan_emit(p, p->core->status_topic, status->task_id, RECORD_EXECUTION_STATUS, status,
                     err);
}

/* The topic has one partition: every worker reads all of it. */
enum rc plan_emit_signal(struct plan *p, const struct execution_signal *signal, struct error *err)
{
    struct bytes value;

    TRY(encode(p, RECORD_EXECUTION_SIGNAL, signal, &value, err));
    add_record(p, p->core->control_topic, 0, id_key(p, signal->execution_id))->value = value;
    return RC_OK;
}

enum rc plan_emit_command(struct plan *p, const struct command *command, struct error *err)
{
    int partition = partition_of(command->task_id, p->core->env->partitions);
    struct bytes value;

    TRY(encode(p, RECORD_COMMAND, command, &value, err));
    add_record(p, p->core->commands_topic, partition, id_key(p, command->task_id))->value = value;
    return RC_OK;
}

void plan_copy_status(struct plan *p, struct uuid task, struct bytes value)
{
    int partition = partition_of(task, p->core->env->partitions);
    struct bus_record *r = add_record(p, p->core->status_topic, partition, id_key(p, task));

    r->value = (struct bytes){arena_memdup(p->memory, value.data, value.len), value.len};
    p->bytes += value.len;
}

/* --- the end --- */

static const char *state_key(struct plan *p, enum state_kind kind, struct uuid id)
{
    return state_key_format(kind, id, arena_alloc(p->memory, STATE_KEY_TEXT));
}

static enum rc store_task(struct plan *p, struct task *t, struct error *err)
{
    const struct plan_task *draft = plan_task(p, t);
    const struct task_view *v = &draft->view;
    struct bus_record *r = add_record(p, p->core->state_topic, p->core->partition,
                                      state_key(p, STATE_TASK, t->node.id));
    struct task_state_record record = {
        .task_id = t->node.id,
        .revision = v->revision,
        .state = v->state,
        .effective_at = v->effective_at,
        .floor = v->floor,
        .paused_until = v->paused_until,
        .skip_until = v->skip_until,
        .recent = v->recent,
        .recent_count = v->recent_count,
        .spec_since = v->body == NULL ? 0 : v->body->since,
        .spec = v->body == NULL ? (struct task_spec){.key = "", .project = "", .queue = ""}
                                : *body_spec(v->body),
    };

    return draft->is_gone ? RC_OK : encode(p, RECORD_TASK_STATE, &record, &r->value, err);
}

static enum rc store_run(struct plan *p, struct task *t, struct error *err)
{
    const struct run_state record = {t->node.id, (int32_t)task_seen(t)->failures};
    struct bus_record *r = add_record(p, p->core->state_topic, p->core->partition,
                                      state_key(p, STATE_RUN, t->node.id));

    return record.consecutive_failures == 0 ? RC_OK
                                            : encode(p, RECORD_RUN_STATE, &record, &r->value, err);
}

static enum rc store_open(struct plan *p, struct open *o, struct error *err)
{
    struct bus_record *r = add_record(p, p->core->state_topic, p->core->partition,
                                      state_key(p, STATE_OPEN, o->node.id));

    if (open_is_over(o->draft))
        return RC_OK;
    return encode(p, RECORD_OPEN_EXECUTION, o->draft, &r->value, err);
}

/* --- specs of older revisions --- */

static struct bus_record *add_spec(struct plan *p, const struct task *t, int32_t since)
{
    char *key = arena_alloc(p->memory, STATE_KEY_TEXT);

    return add_record(p, p->core->state_topic, p->core->partition,
                      state_spec_key_format(t->node.id, since, key));
}

/* Of these from `first` on, which are the task's. One revision may have two bodies: one by the clocks of before. */
static bool is_being_kept(const struct plan *p, size_t first, const struct body *b)
{
    for (size_t i = first; i < p->kept_count; i++)
        if (p->kept[i]->since == b->since)
            return true;
    return false;
}

static bool is_old(const struct open *o)
{
    return o->made->since != task_seen(o->task)->body->since;
}

/* The newest revision is in the task's record; what an open execution needs of another one must not be lost with it. */
static enum rc keep_specs(struct plan *p, struct task *t, struct error *err)
{
    size_t first = p->kept_count;

    for (struct open *o = t->opens; o != NULL; o = o->older) {
        struct body *b = o->made;
        const struct task_state_record record = {.task_id = t->node.id,
                                                 .revision = b->since,
                                                 .spec_since = b->since,
                                                 .spec = *body_spec(b)};

        if (b->is_kept || !is_old(o) || open_is_over(open_seen(o)))
            continue;
        if (!is_being_kept(p, first, b))
            TRY(encode(p, RECORD_TASK_STATE, &record, &add_spec(p, t, b->since)->value, err));
        p->kept = array_grow(p->kept, p->kept_count, &p->kept_capacity, sizeof(struct body *));
        p->kept[p->kept_count++] = b;
    }
    return RC_OK;
}

/* The last execution that was made under it is over. */
static void drop_spec(struct plan *p, const struct open *over)
{
    if (!over->made->is_kept || !is_old(over))
        return;
    for (const struct open *o = over->task->opens; o != NULL; o = o->older)
        if (o->made->since == over->made->since && !open_is_over(open_seen(o)))
            return;
    (void)add_spec(p, over->task, over->made->since); /* a tombstone */
}

/* A task whose instants are decided further than W says keeps its floor in a record of its own. */
static bool is_ahead(const struct plan *p, const struct task *t)
{
    const struct plan_task *draft = (const struct plan_task *)t->draft;

    return draft->decided > 0 && mark_order((struct mark){draft->decided, t->node.id}, p->mark) > 0;
}

static enum rc write_watermark(struct plan *p, struct error *err)
{
    struct core *c = p->core;
    const struct watermark w = {
        .due = p->mark.due,
        .task_id = p->mark.id,
        .commands_next = p->out.commands_next,
        .status_next = p->out.status_next,
        .tzdata = zoneset_version(c->env->zones),
        .writer = c->env->instance,
    };
    struct bus_record *r = arena_alloc(p->memory, sizeof *r);

    *r = (struct bus_record){.topic = c->state_topic,
                             .partition = c->partition,
                             .key = bytes_of(state_key(p, STATE_WATERMARK, UUID_NIL))};
    p->out.watermark = r;
    return encode(p, RECORD_WATERMARK, &w, &r->value, err);
}

enum rc plan_finish(struct plan *p, struct error *err)
{
    for (size_t i = 0; i < p->task_count; i++)
        if (((struct plan_task *)p->tasks[i]->draft)->is_stored || is_ahead(p, p->tasks[i]))
            TRY(store_task(p, p->tasks[i], err));
    for (size_t i = 0; i < p->task_count; i++)
        if (((struct plan_task *)p->tasks[i]->draft)->is_counted)
            TRY(store_run(p, p->tasks[i], err));
    for (size_t i = 0; i < p->task_count; i++)
        if (p->tasks[i]->now.body != task_seen(p->tasks[i])->body)
            TRY(keep_specs(p, p->tasks[i], err));
    for (size_t i = 0; i < p->open_count; i++) {
        TRY(store_open(p, p->opens[i], err));
        if (open_is_over(p->opens[i]->draft))
            drop_spec(p, p->opens[i]);
    }
    p->out.records = p->records;
    p->out.count = p->count;
    p->out.weight = weight_of(p);
    return write_watermark(p, err);
}

static bool is_live(const struct task_view *v)
{
    return v->revision > 0 && v->state != TASK_DELETED;
}

static void commit_task(struct core *c, struct task *t)
{
    struct plan_task *draft = (struct plan_task *)t->draft;

    c->live_tasks += (size_t)is_live(&draft->view) - (size_t)is_live(&t->now);
    if (t->now.body != draft->view.body)
        body_free(t->now.body);
    if (t->now.recent != draft->view.recent)
        free(t->now.recent);
    t->now = draft->view;
    t->draft = NULL;
    if (draft->is_gone)
        registry_forget(c, t);
}

static void discard_task(struct core *c, struct task *t)
{
    struct plan_task *draft = (struct plan_task *)t->draft;

    if (t->now.body != draft->view.body)
        body_free(draft->view.body);
    if (t->now.recent != draft->view.recent)
        free(draft->view.recent);
    t->draft = NULL;
    heap_set(&c->due, &t->node, t->now.wake);
    registry_set_deadlines(c, t);
    if (draft->is_new)
        registry_forget(c, t);
}

void plan_commit(struct plan *p)
{
    for (size_t i = 0; i < p->open_count; i++) {
        struct open *o = p->opens[i];

        o->now = *o->draft;
        o->draft = NULL;
        if (open_is_over(&o->now))
            registry_forget_open(p->core, o);
        else
            listening_follow(p->core, o, p->now);
    }
    for (size_t i = 0; i < p->kept_count; i++)
        p->kept[i]->is_kept = true;
    for (size_t i = 0; i < p->task_count; i++)
        commit_task(p->core, p->tasks[i]);
    p->core->mark = p->mark;
}

void plan_discard(struct plan *p)
{
    for (size_t i = 0; i < p->open_count; i++) {
        p->opens[i]->draft = NULL;
        registry_place_open(p->opens[i], open_slot(&p->opens[i]->now));
    }
    for (size_t i = 0; i < p->made_count; i++)
        registry_forget_open(p->core, p->made[i]);
    for (size_t i = 0; i < p->task_count; i++)
        discard_task(p->core, p->tasks[i]);
}
