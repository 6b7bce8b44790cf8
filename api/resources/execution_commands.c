/*
 * execution_commands.c - POST /v1/executions/:execution:cancel and :retry.
 *
 * A command is about a task, so the execution is looked up for it. That is also where it shows whether there ever was one: the
 * scheduler forgets what is over (decision 152).
 */
#include "api/exchange/answer.h"
#include "api/exchange/bind.h"
#include "api/exchange/write.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "base/rfc3339.h"
#include "payload/shell_command.h"
#include "store/read_executions.h"
#include "store/read_tasks.h"

/* The order for an execution and the outcome of the command that made it come on two topics: the tables may have the second first. */
#define YOUNG      (10 * USEC_PER_SEC)
#define LOOK_FOR   (2 * USEC_PER_SEC)
#define LOOK_EVERY (100 * USEC_PER_MS)
/* of an end, by the scheduler, which has a turn a second for what is reported */
#define READ_WITHIN (1500 * USEC_PER_MS)

struct asked {
    struct api *api;
    struct http_exchange *x;
    struct uuid id;
    struct command *command;
    const struct execution_row *row;
    struct error objection;
    struct loop_timer *later; /* while it waits */
    void (*go_on)(struct asked *a);
    struct asked *next, **link; /* those that wait: from api->asked on */
    usec_t until;
};

/* --- waiting for a moment --- */

static void leave(struct asked *a)
{
    loop_timer_free(TAKE(a->later));
    *a->link = a->next;
    if (a->next != NULL)
        a->next->link = a->link;
}

static void on_moment(void *ctx)
{
    struct asked *a = ctx;

    leave(a);
    a->go_on(a);
}

static void answer_stopping(struct asked *a)
{
    struct error err;

    error_set(&err, RC_RETRY, "the program is stopping: ask again");
    answer_error(a->x, &err);
}

static void wait_a_moment(struct asked *a, usec_t wait, void (*go_on)(struct asked *a))
{
    struct api *api = a->api;

    if (api->is_ending) {
        answer_stopping(a);
        return;
    }
    a->go_on = go_on;
    a->next = api->asked;
    a->link = &api->asked;
    if (a->next != NULL)
        a->next->link = &a->next;
    api->asked = a;
    a->later = loop_timer_new(api->loop, on_moment, a);
    loop_timer_start(a->later, wait);
}

void execution_commands_end(struct api *api)
{
    struct asked *a;

    while ((a = api->asked) != NULL) {
        leave(a);
        answer_stopping(a);
    }
}

/* --- the execution --- */

static void look(struct asked *a);

static bool is_young(const struct asked *a)
{
    return execution_id_ms(a->id) * USEC_PER_MS > clock_realtime() - YOUNG;
}

static bool look_again(struct asked *a)
{
    if (!is_young(a) || clock_monotonic() >= a->until)
        return false;
    wait_a_moment(a, LOOK_EVERY, look);
    return true;
}

static void go_on(struct asked *a);

static void on_execution(void *ctx, const struct read_page *page)
{
    struct asked *a = ctx;

    if (answer_read_failed(a->x, page))
        return;
    if (page->count == 0) {
        if (!look_again(a))
            answer_not_found(a->x, "execution", http_param(a->x, "execution"));
        return;
    }
    a->row = page->rows;
    a->command->task_id = a->row->task_id;
    go_on(a);
}

static void look(struct asked *a)
{
    read_execution(a->api->reads, a->id, (struct read_reply){http_memory(a->x), on_execution, a});
}

/* A failure that another attempt follows is no end. */
static bool is_over(const struct execution_row *row)
{
    return status_is_final((enum status)row->status) && row->next_attempt_at == 0;
}

static void send(struct asked *a)
{
    write_command_unless(a->api, a->x, a->command, &a->objection);
}

/* --- cancel --- */

static void object_to_cancel(struct asked *a)
{
    char text[UUID_TEXT], at[RFC3339_TEXT];

    if (!is_over(a->row))
        return;
    error_set(&a->objection, RC_CONFLICT, "execution %s is over: %s since %s",
              uuid_to_text(a->id, text), enum_name(&status_enum, a->row->status),
              rfc3339_format(a->row->status_at, at));
}

/* --- retry --- */

static enum rc check_over(const struct asked *a, struct error *err)
{
    char text[UUID_TEXT];

    if (is_over(a->row))
        return RC_OK;
    error_set(err, RC_CONFLICT, "execution %s is not over: it is %s", uuid_to_text(a->id, text),
              enum_name(&status_enum, a->row->status));
    return error_hint(err, "wait until it has ended, or cancel it");
}

/* Its own payload is read by the type that the task says, which may be another one by now. */
static enum rc check_type(const struct asked *a, const struct task_spec *spec, struct error *err)
{
    const char *was = a->row->content_type, *is = spec->content_type;

    if (text_equal(was, is))
        return RC_OK;
    error_set(err, RC_CONFLICT, "the execution's payload is of type %s, the task's is %s by now",
              was == NULL ? "none" : was, is == NULL ? "none" : is);
    return error_hint(err, "say which payload it is to have");
}

static enum rc check_payload(const struct asked *a, const struct task_spec *spec, bool is_given,
                             struct error *err)
{
    struct bytes payload = a->command->body.retry_execution.payload;

    if (payload.data == NULL)
        return RC_OK;
    return is_given ? shell_command_check(spec->content_type, payload, err)
                    : check_type(a, spec, err);
}

/* What the tables have, the scheduler may not have read yet: it would refuse to run again what is not over. */
static void send_when_read(struct asked *a)
{
    usec_t wait = a->row->status_at + READ_WITHIN - clock_realtime();

    if (a->objection.rc != RC_OK || wait <= 0) {
        send(a);
        return;
    }
    wait_a_moment(a, MIN(wait, READ_WITHIN), send);
}

/* What the tables do not know of the task, or cannot tell, is for the scheduler and the worker to say. */
static void on_task(void *ctx, const struct read_page *page)
{
    struct asked *a = ctx;
    struct retry_execution *retry = &a->command->body.retry_execution;
    const struct task_row *task = page->rc == RC_OK && page->count > 0 ? page->rows : NULL;
    bool is_given = retry->payload.data != NULL;
    struct task_spec *spec = NULL;

    retry->scheduled_at = a->row->scheduled_at;
    if (!is_given)
        retry->payload = a->row->payload;
    if (task != NULL && bind_spec(bytes_of(task->spec), http_memory(a->x), &spec, NULL) != RC_OK)
        spec = NULL; /* not covered: it was read before */
    if (check_over(a, &a->objection) == RC_OK &&
        (spec == NULL || check_payload(a, spec, is_given, &a->objection) == RC_OK))
        a->objection.rc = RC_OK;
    send_when_read(a);
}

static void go_on(struct asked *a)
{
    if (a->command->kind == COMMAND_RETRY_EXECUTION) {
        read_task(a->api->reads, a->row->task_id,
                  (struct read_reply){http_memory(a->x), on_task, a});
        return;
    }
    object_to_cancel(a);
    send(a);
}

/* --- both --- */

/* Which execution it is the path says, and all else of it the tables. */
static const struct field cancel_fields[] = {{.name = NULL}};
static const struct field retry_fields[] = {
    {.name = "payload",
     .type = FIELD_BYTES,
     .offset = offsetof(struct retry_execution, payload),
     .optional = true},
    {.name = NULL},
};
static const struct record_type cancel_body = {.name = "a cancel", .fields = cancel_fields};
static const struct record_type retry_body = {
    .name = "a retry", .size = sizeof(struct retry_execution), .fields = retry_fields};

static void ask(struct http_exchange *x, void *ctx, enum command_kind kind)
{
    const struct record_type *type = kind == COMMAND_RETRY_EXECUTION ? &retry_body : &cancel_body;
    struct asked *a = arena_alloc(http_memory(x), sizeof *a);
    struct command *c = arena_alloc(http_memory(x), sizeof *c);
    struct error err = {0};

    *a = (struct asked){
        .api = api_of(ctx), .x = x, .command = c, .until = clock_monotonic() + LOOK_FOR};
    *c = (struct command){.kind = kind};
    if (param_path_id(x, "execution", &a->id, &err) != RC_OK ||
        bind_action(http_body(x), type, http_memory(x), &c->body, &c->reason, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    http_drop_body(x); /* it may wait for a moment */
    if (kind == COMMAND_RETRY_EXECUTION)
        c->body.retry_execution.execution_id = a->id;
    else
        c->body.cancel_execution.execution_id = a->id;
    look(a);
}

void cancel_execution(struct http_exchange *x, void *ctx)
{
    ask(x, ctx, COMMAND_CANCEL_EXECUTION);
}

void retry_execution(struct http_exchange *x, void *ctx)
{
    ask(x, ctx, COMMAND_RETRY_EXECUTION);
}
