#include "api/resources/import_orders.h"

#include <stdlib.h>

#include "api/exchange/new_queue.h"
#include "api/exchange/order.h"
#include "api/exchange/write.h"
#include "base/hash.h"
#include "http/json_read.h"
#include "model/spec.h"
#include "store/read_tasks.h"

enum { OPEN_MAX = 64 };

struct put { /* of one line */
    struct import_orders *orders;
    struct import_line *line;
    bool only_new;        /* if there is no such task */
    struct arena *memory; /* of the read */
};

static void go_on(struct import_orders *o);

/* --- a line's task --- */

static void end_put(struct put *p, enum import_state state)
{
    struct import_orders *o = p->orders;

    p->line->state = state;
    o->knows_queue = o->knows_queue || state != IMPORT_REFUSED;
    o->open--;
    arena_free(p->memory);
    free(p);
    go_on(o);
}

static void refuse(struct put *p, const struct error *why)
{
    p->line->err = *why;
    end_put(p, IMPORT_REFUSED);
}

/* The log or the database is away: nobody begins another. */
static void break_off(struct put *p, const struct error *why)
{
    p->orders->is_broken = true;
    p->line->err = *why;
    end_put(p, IMPORT_UNKNOWN);
}

static void on_put(void *ctx, const struct order_end *end);

static void send_put(struct put *p)
{
    struct import_orders *o = p->orders;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct command c = {.task_id = p->line->task_id,
                        .kind = COMMAND_PUT_TASK,
                        .expected_revision = {.is_set = p->only_new}};
    struct error err = {0};

    c.body.put_task.spec = import_spec(o->import, p->line, memory);
    if (spec_validate(&c.body.put_task.spec, o->api->zones, &err) != RC_OK)
        refuse(p, &err);
    else if (o->api->is_ending)
        end_put(p, p->line->state);
    else if (order_send(o->api, &c, o->wait, on_put, p, &err) != RC_OK)
        break_off(p, &err);
}

/* --- there was a task, and it is none of the list: is it ours all the same, made this very moment? --- */

/* The label `source` of a spec, as JSON; NULL: it has none. */
static const char *source_of(const char *spec, struct arena *memory)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root, labels, source;
    const char *text;

    if (json_doc_parse(bytes_of(spec), &doc, NULL) != RC_OK)
        return NULL;
    root = json_doc_root(doc);
    if (!json_node_member(&root, "labels", &labels) ||
        !json_node_member(&labels, "source", &source) ||
        json_node_text(&source, &text, NULL) != RC_OK)
        return NULL;
    return arena_strdup(memory, text);
}

static void on_other(void *ctx, const struct read_page *page)
{
    struct put *p = ctx;
    const struct task_row *row = page->rows;
    bool exists = page->count > 0 && row->state != TASK_DELETED;
    const char *source = exists ? source_of(row->spec, p->memory) : NULL;
    struct error err = {0};

    if (page->rc != RC_OK) {
        break_off(p, &page->err);
    } else if (exists && !text_equal(source, p->orders->import->request.source)) {
        (void)import_refuse_foreign(p->line->entry->key, source, p->orders->words, &err);
        refuse(p, &err);
    } else {
        p->only_new = false;
        send_put(p);
    }
}

static void look_whose(struct put *p)
{
    p->memory = arena_new(0);
    read_task(p->orders->api->reads, p->line->task_id, (struct read_reply){p->memory, on_other, p});
}

/* --- its queue is not there --- */

static void on_queue(void *ctx, const struct error *err)
{
    struct put *p = ctx;

    p->orders->knows_queue = true;
    if (err->rc == RC_OK)
        send_put(p);
    else
        refuse(p, err);
}

static bool may_make_queue(const struct import_orders *o)
{
    return o->api->config->auto_create && !o->has_made_queue && !o->api->is_ending;
}

static void make_queue(struct put *p)
{
    struct import_orders *o = p->orders;
    struct error err = {0};

    o->has_made_queue = true;
    if (new_queue_make(o->api, o->import->request.queue, on_queue, p, &err) != RC_OK)
        on_queue(p, &err);
}

/* --- what came of it --- */

static void on_put(void *ctx, const struct order_end *end)
{
    struct put *p = ctx;
    const struct command_view *v = end->outcome;
    const struct conditions none = {0};
    struct error err = {0};

    if (end->rc != RC_OK) {
        break_off(p, &end->err);
    } else if (v == NULL) {
        p->orders->wait = 0;
        end_put(p, IMPORT_PENDING);
    } else if (v->result.value == OUTCOME_ACCEPTED) {
        end_put(p, import_state_of(enum_name(&outcome_code_enum, v->code.value)));
    } else if (v->code.value == CODE_STALE_REVISION && p->only_new) {
        look_whose(p);
    } else if (v->code.value == CODE_NO_QUEUE && may_make_queue(p->orders)) {
        make_queue(p);
    } else {
        (void)write_refusal(COMMAND_PUT_TASK, v, &none, &err);
        refuse(p, &err);
    }
}

static void start_put(struct import_orders *o, struct import_line *line)
{
    struct put *p;

    if (line->state == IMPORT_REFUSED)
        return;
    p = xcalloc(1, sizeof *p);
    *p = (struct put){.orders = o, .line = line, .only_new = line->state != IMPORT_KNOWN};
    o->open++;
    send_put(p);
}

/* --- what vanished --- */

struct deletion {
    struct import_orders *orders;
    struct import_vanished *task;
};

static void end_deletion(struct deletion *d)
{
    struct import_orders *o = d->orders;

    o->open--;
    free(d);
    go_on(o);
}

static void on_deleted(void *ctx, const struct order_end *end)
{
    struct deletion *d = ctx;
    const struct command_view *v = end->outcome;
    const struct conditions none = {0};

    if (end->rc != RC_OK) {
        d->orders->is_broken = true;
        d->task->err = end->err;
    } else if (v == NULL || v->result.value == OUTCOME_ACCEPTED ||
               v->code.value == CODE_NOT_FOUND) {
        d->task->is_deleted = true;
        d->orders->wait = v == NULL ? 0 : d->orders->wait;
    } else {
        (void)write_refusal(COMMAND_DELETE_TASK, v, &none, &d->task->err);
    }
    end_deletion(d);
}

static void start_deletion(struct import_orders *o, struct import_vanished *task)
{
    struct deletion *d;
    struct command c = {.kind = COMMAND_DELETE_TASK,
                        .task_id = task_id_of(o->import->request.project, task->key),
                        .reason = IMPORT_GONE};

    if (task->err.rc != RC_OK)
        return;
    d = xcalloc(1, sizeof *d);
    *d = (struct deletion){o, task};
    o->open++;
    if (order_send(o->api, &c, o->wait, on_deleted, d, &task->err) != RC_OK) {
        o->is_broken = true;
        end_deletion(d);
    }
}

/* --- all of them --- */

static bool has_more(const struct import_orders *o)
{
    const struct import *i = o->import;

    return !o->is_broken && !o->api->is_ending &&
           o->next < (o->deletes ? i->vanished_count : i->line_count);
}

static size_t room(const struct import_orders *o)
{
    return o->knows_queue ? OPEN_MAX : 1;
}

static bool goes_on_to_deletions(struct import_orders *o)
{
    if (o->deletes || o->is_broken || o->api->is_ending || !o->import->request.prunes ||
        !import_may_prune(o->import))
        return false;
    o->deletes = true;
    o->knows_queue = true; /* a deletion needs none */
    o->next = 0;
    return true;
}

static bool step(void *ctx)
{
    struct import_orders *o = ctx;

    if (o->open < room(o) && has_more(o)) {
        if (o->deletes)
            start_deletion(o, &o->import->vanished[o->next++]);
        else
            start_put(o, &o->import->lines[o->next++]);
        return true;
    }
    if (o->open > 0) { /* the next outcome goes on */
        o->is_running = false;
        return false;
    }
    if (goes_on_to_deletions(o))
        return true;
    o->done(o->ctx);
    return false;
}

static void go_on(struct import_orders *o)
{
    if (o->is_running)
        return; /* it is called within a step */
    o->is_running = true;
    slices_run(o->api->slices, step, o);
}

void import_orders_run(struct import_orders *o)
{
    const struct broker_view *view = broker_view(o->api->broker);

    o->knows_queue = broker_has_queue(view, o->import->request.queue);
    go_on(o);
}
