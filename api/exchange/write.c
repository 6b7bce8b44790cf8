#include "api/exchange/write.h"

#include <stdio.h>
#include <string.h>

#include "api/exchange/bind.h"
#include "api/exchange/chain_check.h"
#include "api/exchange/new_queue.h"
#include "api/exchange/parked.h"
#include "api/exchange/write_state.h"
#include "base/clock.h"
#include "codec/codec.h"
#include "model/spec.h"

enum {
    OUTCOME_WAIT_S = 10, /* for the outcome of what may have to be tried again */
    TRIES_MAX = 8,
};

static void fail(struct write *w, const struct error *err)
{
    answer_error(w->x, err);
}

/* Its owner was told of the end while it waited for something. */
static bool refuse_at_end(struct write *w)
{
    struct error err;

    if (!w->api->is_ending)
        return false;
    error_set(&err, RC_RETRY, "the program is stopping: ask again");
    fail(w, &err);
    return true;
}

/* --- a queue that is not there --- */

/*
 * A queue is a topic, and nothing takes one away again: it is made only when the scheduler has refused the command for
 * its absence and for nothing else. Then the same request is sent once more, as a command of its own.
 */

static void send(struct write *w);
static enum rc encode(struct write *w, struct error *err);
static void name_next_try(struct write *w);

static bool may_make_queue(const struct write *w)
{
    return write_is_made(w) && w->api->config->auto_create && !w->has_made_queue;
}

static void on_queue(void *ctx, const struct error *err)
{
    struct write *w = ctx;
    struct error why = *err;

    if (refuse_at_end(w))
        return;
    name_next_try(w);
    if (why.rc == RC_OK && encode(w, &why) == RC_OK)
        send(w);
    else
        fail(w, &why);
}

static void make_queue(struct write *w)
{
    const struct broker_view *view;
    const char *queue = w->command->body.put_task.spec.queue;
    struct error err = {0};

    if (refuse_at_end(w))
        return;
    view = broker_view(w->api->broker);
    if (answer_broker_away(w->x, view))
        return;
    w->has_made_queue = true;
    if (broker_has_queue(view, queue)) /* somebody else was faster */
        on_queue(w, &(struct error){.rc = RC_OK});
    else if (new_queue_make(w->api, queue, on_queue, w, &err) != RC_OK)
        fail(w, &err);
}

/* --- another revision than the one that was expected --- */

static void proceed(struct write *w);
static void check_key(struct write *w);

/* Several would have done, or whatever the task is. */
static bool may_do_again(const struct write *w)
{
    return (w->make != NULL || w->conditions.count > 1) && w->tries < TRIES_MAX;
}

/* The revision that it is will do as well. */
static bool is_to_be_done_again(const struct write *w, const struct command_view *v)
{
    if (v->code.value == CODE_NO_QUEUE && w->make != NULL && !write_is_made(w))
        return may_do_again(w); /* the first request went on from there, too */
    return v->code.value == CODE_STALE_REVISION && may_do_again(w) && v->revision > 0 &&
           v->revision != w->command->expected_revision.value &&
           conditions_allow(&w->conditions, v->revision);
}

static void do_again(struct write *w, int32_t revision)
{
    struct error err = {0};

    if (refuse_at_end(w))
        return;
    name_next_try(w);
    w->command->expected_revision = (struct opt_int){true, revision};
    if (w->make == NULL && encode(w, &err) != RC_OK)
        fail(w, &err); /* not covered: it was encoded before, with another number */
    else if (w->key != NULL)
        check_key(w);
    else
        proceed(w);
}

/* --- what the scheduler said --- */

static void key_reused(struct write *w)
{
    problem_answer_http(w->x, PROBLEM_KEY_REUSED, "take a new key for a new request",
                        "Idempotency-Key: \"%.80s\" was used for another request about this task",
                        w->key);
}

static bool was_key_reused(const struct command_view *v)
{
    return v->result.is_set && v->result.value == OUTCOME_REJECTED &&
           text_equal(v->message, COMMAND_KEY_REUSED);
}

static void answer_now(struct write *w, const struct command_view *outcome)
{
    if (outcome == NULL)
        write_answer_pending(w);
    else if (outcome->result.value == OUTCOME_ACCEPTED)
        write_answer_accepted(w, outcome);
    else
        write_answer_rejected(w, outcome);
}

/* The specification that the first request under this key has sent: a repetition is answered as that one was. */
static void on_sent_before(void *ctx, const struct read_page *page)
{
    struct write *w = ctx;
    const struct command_view *row = page->rc == RC_OK && page->count > 0 ? page->rows : NULL;
    struct put_task *put = &w->command->body.put_task;

    if (row != NULL && row->body != NULL && uuid_equal(row->task_id, w->command->task_id) &&
        bind_put_body(bytes_of(row->body), http_memory(w->x), put, NULL) != RC_OK)
        *put = (struct put_task){0}; /* as if it were not there yet */
    answer_now(w, w->outcome);
}

static void answer(struct write *w, const struct command_view *outcome)
{
    struct command_view *kept;

    if (w->make == NULL || write_is_made(w)) {
        answer_now(w, outcome);
        return;
    }
    if (outcome != NULL) {
        kept = arena_memdup(http_memory(w->x), outcome, sizeof *outcome);
        if (outcome->message != NULL)
            kept->message = arena_strdup(http_memory(w->x), outcome->message);
        w->outcome = kept;
    }
    read_command(w->api->reads, w->command->command_id,
                 (struct read_reply){http_memory(w->x), on_sent_before, w});
}

static void on_outcome(void *ctx, const struct command_view *outcome, bool away UNUSED)
{
    struct write *w = ctx;

    if (outcome == NULL)
        answer(w, NULL);
    else if (w->key != NULL && was_key_reused(outcome))
        key_reused(w);
    else if (outcome->code.value == CODE_NO_QUEUE && may_make_queue(w))
        make_queue(w);
    else if (is_to_be_done_again(w, outcome))
        do_again(w, outcome->revision);
    else if (w->wait_s == 0)
        answer(w, NULL); /* it was waited for another try's sake alone */
    else
        answer(w, outcome);
}

/* --- into the log --- */

/* The log has it. */
static void acknowledged(struct write *w)
{
    const struct broker_view *view = w->api->is_ending ? NULL : broker_view(w->api->broker);
    bool needs_queue = may_make_queue(w) && view != NULL &&
                       !broker_has_queue(view, w->command->body.put_task.spec.queue);
    int wait_s = MAX(w->wait_s, needs_queue || may_do_again(w) ? OUTCOME_WAIT_S : 0);

    struct wait wait = {.command = w->command->command_id,
                        .task = w->command->task_id,
                        .timeout = wait_s * USEC_PER_SEC,
                        .x = needs_queue || may_do_again(w) ? NULL : w->x,
                        .fn = on_outcome,
                        .ctx = w};

    if (wait_s > 0 && !parked_is_full(w->api))
        waiters_add(w->api->waiters, &wait);
    else
        answer(w, NULL);
}

static void on_sent(void *ctx, enum rc rc, const char *why)
{
    struct write *w = ctx;
    struct error err;

    if (rc == RC_OK) {
        if (w->key != NULL)
            keys_acked(w->api->keys, w->key_id);
        acknowledged(w);
        return;
    }
    if (rc == RC_INVALID && w->key != NULL)
        keys_refused(w->api->keys, w->key_id);
    error_set(&err, RC_RETRY, "the command may not have reached the log: %s", why);
    (void)error_hint_http(
        &err, w->key != NULL ? "repeat the request with the same Idempotency-Key"
                             : "GET /v1/commands/<Cronobs-Command> tells whether it did; with an "
                               "Idempotency-Key it could be repeated safely");
    write_name_command(w);
    fail(w, &err);
}

static void send(struct write *w)
{
    struct error err = {0};

    if (refuse_at_end(w) || answer_broker_away(w->x, broker_view(w->api->broker)))
        return;
    if (w->key != NULL && keys_check(w->api->keys, w->key_id, w->digest) == KEY_OTHER)
        key_reused(w); /* it came while the database was asked */
    else if (sender_send(w->api->sender, w->command->task_id, w->frame, on_sent, w, &err) != RC_OK)
        fail(w, &err);
    else if (w->key != NULL)
        keys_note(w->api->keys, w->key_id, w->digest);
}

static void go_on(void *ctx)
{
    send(ctx);
}

/* What a task sets off is looked at before it is saved. */
static void send_checked(struct write *w)
{
    if (w->command->kind == COMMAND_PUT_TASK)
        chain_check(w->api, w->x, &w->command->body.put_task.spec,
                    &(struct chain_checked){&w->absent, go_on, w});
    else
        send(w);
}

/* --- Idempotency-Key --- */

/*
 * One key stands for one request. Who knows of another one under it: this process, as far back as it remembers (keys.h);
 * the database; and, for requests that neither knew of when they were sent, the scheduler, whose outcome says so.
 */
static void on_known(void *ctx, const struct read_page *page)
{
    struct write *w = ctx;
    const struct command_view *rows = page->rows, *own = NULL, *other = NULL;

    for (size_t i = 0; i < page->count; i++)
        if (uuid_equal(rows[i].command_id, w->command->command_id))
            own = &rows[i];
        else if (!was_key_reused(&rows[i]))
            other = &rows[i];
    if (own != NULL && own->code.is_set && own->code.value == CODE_NO_QUEUE)
        on_outcome(w, own, false);
    else if (own != NULL && !was_key_reused(own))
        acknowledged(w);
    else if (own != NULL || other != NULL || w->known == KEY_OTHER)
        key_reused(w);
    else if (w->known == KEY_ACKED)
        acknowledged(w);
    else
        proceed(w); /* for all that is known it is the first; a repetition has no second effect */
}

static void check_key(struct write *w)
{
    w->known = keys_check(w->api->keys, w->key_id, w->digest);
    read_commands_of_key(w->api->reads, w->command->task_id, w->key_id,
                         (struct read_reply){http_memory(w->x), on_known, w});
}

/* --- header fields --- */

static enum rc read_conditions(struct write *w, struct error *err)
{
    TRY(conditions_parse(http_header_list(w->x, "If-Match"),
                         http_header_list(w->x, "If-None-Match"), http_memory(w->x), &w->conditions,
                         err));
    w->command->expected_revision = conditions_expect(&w->conditions, 0);
    return RC_OK;
}

static enum rc read_key(struct write *w, struct error *err)
{
    TRY(http_header_single(w->x, "Idempotency-Key", &w->key, err));
    if (w->key != NULL && (w->key[0] == '\0' || strlen(w->key) > 200))
        return error_set(err, RC_INVALID,
                         "Idempotency-Key: it has %zu characters, 1 to 200 are allowed",
                         strlen(w->key));
    return RC_OK;
}

static enum rc encode(struct write *w, struct error *err)
{
    SCOPED_BUF frame = {0};

    TRY(codec_encode(RECORD_COMMAND, w->command, &frame, err));
    w->frame.data = arena_memdup(http_memory(w->x), frame.data, frame.len);
    w->frame.len = frame.len;
    return RC_OK;
}

/* Of what is asked for: the command without its id, or the change; and the revisions that would do. */
static enum rc digest_request(struct write *w, struct error *err)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();

    w->command->command_id = UUID_NIL;
    if (w->make == NULL)
        TRY(encode(w, err));
    else
        sha256_add(sum, "PATCH\n", 6);
    sha256_add(sum, w->make == NULL ? w->frame.data : w->request.data,
               w->make == NULL ? w->frame.len : w->request.len);
    if (w->make != NULL || w->conditions.count > 1)
        for (size_t i = 0; i < w->conditions.count; i++)
            sha256_add(sum, &w->conditions.revisions[i], sizeof *w->conditions.revisions);
    if (w->make != NULL && w->conditions.wants_some)
        sha256_add(sum, "*", 1);
    sha256_finish(sum, w->digest);
    return RC_OK;
}

/* The first try bears the key's own name, each later one a key of its own, so that a repetition of the whole request meets all
   of them again. */
static void name_next_try(struct write *w)
{
    const char *key = w->key;

    w->tries++;
    if (key == NULL) {
        w->command->command_id = uuid_random();
        return;
    }
    if (w->tries > 1)
        key = arena_printf(http_memory(w->x), "%s\n%d", key, w->tries);
    w->key_id = idempotent_command_id_of(w->command->task_id, API_ACTOR, key);
    w->command->command_id = keyed_command_id_of(w->key_id, w->digest);
}

static enum rc prepare(struct write *w, struct error *err)
{
    TRY(prefer_wait(w->x, &w->wait_s, err));
    TRY(read_conditions(w, err));
    TRY(read_key(w, err));
    w->command->actor = API_ACTOR;
    if (w->key != NULL)
        TRY(digest_request(w, err));
    name_next_try(w);
    return w->make == NULL ? encode(w, err) : RC_OK;
}

static void start(struct write *w)
{
    struct error err = {0};

    http_drop_body(w->x); /* it may wait for long */
    if (prepare(w, &err) != RC_OK)
        fail(w, &err);
    else if (conditions_match_nothing(&w->conditions))
        write_answer_no_match(w->x, &w->conditions);
    else if (w->key != NULL)
        check_key(w);
    else
        proceed(w);
}

void write_command_unless(struct api *api, struct http_exchange *x, struct command *command,
                          const struct error *objection)
{
    struct write *w = arena_alloc(http_memory(x), sizeof *w);

    *w = (struct write){.api = api, .x = x, .command = command};
    if (objection != NULL && objection->rc != RC_OK)
        w->objection = arena_memdup(http_memory(x), objection, sizeof *objection);
    start(w);
}

void write_command(struct api *api, struct http_exchange *x, struct command *command)
{
    write_command_unless(api, x, command, NULL);
}

enum rc write_rehearse(struct http_exchange *x, struct command *command, struct conditions *ret,
                       struct error *err)
{
    struct write w = {.x = x, .command = command};

    TRY(prepare(&w, err));
    TRY(command_check(command, clock_realtime(), err));
    if (w.key == NULL)
        command->command_id = UUID_NIL;
    *ret = w.conditions;
    return RC_OK;
}

/* --- a change of what the task is --- */

static enum rc make_command(struct write *w, const struct task_row *task, struct error *err)
{
    TRY(w->make(w->api, w->x, task, w->command, err));
    w->command->expected_revision = (struct opt_int){true, task->revision};
    return encode(w, err);
}

static void on_task(void *ctx, const struct read_page *page)
{
    struct write *w = ctx;
    const struct task_row *task = page->rows;
    struct error err = {0};

    if (refuse_at_end(w) || answer_read_failed(w->x, page))
        return;
    if (page->count == 0)
        answer_not_found(w->x, "task", http_param(w->x, "task"));
    else if (task->state == TASK_DELETED)
        problem_answer_http(w->x, PROBLEM_CONFLICT, "PUT the task to have it again",
                            "the task is deleted");
    else if (!conditions_allow(&w->conditions, task->revision))
        write_answer_stale(w->x, &w->conditions, task->revision);
    else if (make_command(w, task, &err) != RC_OK)
        fail(w, &err);
    else
        send_checked(w);
}

/* --- one of several revisions --- */

/* The tables may be behind, or away: what the scheduler says is tried anew, so that this only saves a try. */
static void on_revision(void *ctx, const struct read_page *page)
{
    struct write *w = ctx;
    const struct task_row *task = page->rc == RC_OK && page->count > 0 ? page->rows : NULL;
    struct error err = {0};

    if (refuse_at_end(w))
        return;
    w->command->expected_revision =
        conditions_expect(&w->conditions, task == NULL ? 0 : task->revision);
    if (encode(w, &err) != RC_OK)
        fail(w, &err); /* not covered: it was encoded before, with another number */
    else
        send_checked(w);
}

/* Not before it is known to be new: a repetition is answered as the first, whatever has passed since. */
static void proceed(struct write *w)
{
    bool has_choice = w->conditions.count > 1 && w->tries == 1;
    struct error err = {0};

    if (w->tries == 1 && command_check(w->command, clock_realtime(), &err) != RC_OK)
        fail(w, &err);
    else if (w->objection != NULL)
        fail(w, w->objection);
    else if (w->make == NULL && !has_choice)
        send_checked(w);
    else
        read_task(
            w->api->reads, w->command->task_id,
            (struct read_reply){http_memory(w->x), w->make != NULL ? on_task : on_revision, w});
}

void write_change(struct api *api, struct http_exchange *x, struct command *command,
                  struct bytes request, write_make_fn make)
{
    struct write *w = arena_alloc(http_memory(x), sizeof *w);

    *w = (struct write){.api = api,
                        .x = x,
                        .command = command,
                        .make = make,
                        .request = request,
                        .wait_s = OUTCOME_WAIT_S};
    start(w);
}
