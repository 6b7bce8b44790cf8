#include "api/write.h"

#include <stdio.h>
#include <string.h>

#include "api/schedule_notes.h"
#include "base/clock.h"
#include "codec/codec.h"
#include "http/json_read.h"
#include "model/record_json.h"

static const char actor[] = "api"; /* until there are keys, nobody has a name */

struct write {
    struct api *api;
    struct http_exchange *x;
    struct command *command;
    const char *key; /* Idempotency-Key; NULL: none */
    int wait_s;
    struct bytes frame; /* in the exchange's memory */
};

/* --- answers --- */

static void put_outcome(struct json *j, const struct command_view *v)
{
    int result = v->result.is_set ? v->result.value : -1;

    json_add_uuid(j, "command_id", v->command_id);
    json_add_uuid(j, "task_id", v->task_id);
    json_add_text(j, "result", result < 0 ? "PENDING" : enum_name(&outcome_result_enum, result));
    if (v->code.is_set)
        json_add_text(j, "code", enum_name(&outcome_code_enum, v->code.value));
    if (v->message != NULL)
        json_add_text(j, "message", v->message);
    if (v->revision != 0)
        json_add_int(j, "revision", v->revision);
    if (!uuid_is_nil(v->execution_id))
        json_add_uuid(j, "execution_id", v->execution_id);
}

/* The outcome as far as it is known, and what is to be said about a task that is saved. */
static void answer_outcome(struct write *w, int status, const struct command_view *v)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    put_outcome(&j, v);
    if (w->command->kind == COMMAND_PUT_TASK)
        schedule_notes_put(&j, &w->command->body.put_task.spec, w->api->zones, clock_realtime());
    json_close_object(&j);
    answer_json(w->x, status, &body);
}

static void name_command(struct write *w)
{
    char text[UUID_TEXT];

    http_answer_header(w->x, "Cronobs-Command", uuid_to_text(w->command->command_id, text));
}

static void fail(struct write *w, const struct error *err)
{
    answer_error(w->x, err);
}

static void add_location(struct write *w, const char *resource, struct uuid id)
{
    char text[UUID_TEXT];

    http_answer_header(
        w->x, "Location",
        arena_printf(http_memory(w->x), "/v1/%s/%s", resource, uuid_to_text(id, text)));
}

static void answer_pending(struct write *w)
{
    struct command_view view = {.command_id = w->command->command_id,
                                .task_id = w->command->task_id};

    name_command(w);
    add_location(w, "commands", view.command_id);
    answer_outcome(w, 202, &view);
}

static void answer_accepted(struct write *w, const struct command_view *v)
{
    bool is_new = v->code.value == CODE_CREATED || !uuid_is_nil(v->execution_id);

    name_command(w);
    if (!uuid_is_nil(v->execution_id))
        add_location(w, "executions", v->execution_id);
    else if (is_new)
        add_location(w, "tasks", v->task_id);
    if (v->revision != 0)
        answer_etag(w->x, v->revision);
    answer_outcome(w, is_new ? 201 : 200, v);
}

/* What a refusal means in HTTP, and the way out. */
static const struct refusal {
    enum outcome_code code;
    enum problem_kind problem;
    const char *hint;
} refusals[] = {
    {CODE_STALE_REVISION, PROBLEM_STALE, "read the task again, and send its ETag as If-Match"},
    {CODE_NOT_FOUND, PROBLEM_NOT_FOUND, "PUT the task first"},
    {CODE_DELETED, PROBLEM_CONFLICT, "PUT the task to have it again"},
    {CODE_NOT_PAUSED, PROBLEM_CONFLICT, NULL},
    {CODE_OVERLAP, PROBLEM_CONFLICT, "send \"ignore_overlap\": true to run it all the same"},
    {CODE_NO_QUEUE, PROBLEM_CONFLICT, "make the queue's topic: cronobs topics apply --queue NAME"},
    {CODE_INVALID_SPEC, PROBLEM_REJECTED, NULL},
    {CODE_UNSUPPORTED, PROBLEM_REJECTED, "this version does not do it"},
    {CODE_MISPLACED, PROBLEM_INTERNAL, "the API's setting `partitions` is not that of the topics"},
};

static void answer_rejected(struct write *w, const struct command_view *v)
{
    const struct refusal other = {CODE_UNKNOWN, PROBLEM_REJECTED, NULL}, *r = &other;
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        if ((int)refusals[i].code == v->code.value)
            r = &refusals[i];
    error_set(&err, RC_INVALID, "%s",
              v->message != NULL ? v->message : enum_name(&outcome_code_enum, v->code.value));
    if (r->hint != NULL)
        (void)error_hint(&err, "%s", r->hint);
    if (w->command->expected_revision.is_set && w->command->expected_revision.value == 0)
        (void)error_hint(&err, "leave If-None-Match out to replace the task that is there");
    name_command(w);
    if (v->revision != 0)
        answer_etag(w->x, v->revision);
    problem_answer_code(w->x, r->problem, &err, enum_name(&outcome_code_enum, v->code.value));
}

static void on_outcome(void *ctx, const struct command_view *outcome, bool away UNUSED)
{
    struct write *w = ctx;

    if (outcome == NULL)
        answer_pending(w);
    else if (outcome->result.value == OUTCOME_ACCEPTED)
        answer_accepted(w, outcome);
    else
        answer_rejected(w, outcome);
}

/* --- into the log --- */

/* The log has it. */
static void acknowledged(struct write *w)
{
    if (w->wait_s > 0)
        waiters_add(w->api->waiters, w->command->command_id, w->wait_s * USEC_PER_SEC, on_outcome,
                    w);
    else
        answer_pending(w);
}

static void on_sent(void *ctx, enum rc rc, const char *why)
{
    struct write *w = ctx;
    struct error err;

    if (rc == RC_OK) {
        keys_acked(w->api->keys, w->command->command_id);
        acknowledged(w);
        return;
    }
    error_set(&err, RC_RETRY, "the command may not have reached the log: %s", why);
    (void)error_hint(&err, w->key != NULL
                               ? "repeat the request with the same Idempotency-Key"
                               : "GET /v1/commands/<Cronobs-Command> tells whether it did; with an "
                                 "Idempotency-Key it could be repeated safely");
    name_command(w);
    fail(w, &err);
}

static void send(struct write *w)
{
    struct error err = {0};

    if (sender_send(w->api->sender, w->command->task_id, w->frame, on_sent, w, &err) != RC_OK)
        fail(w, &err);
}

/* Its owner was told of the end while it waited for something. */
static bool refuse_at_end(struct write *w)
{
    struct error err;

    if (!w->api->is_ending)
        return false;
    error_set(&err, RC_RETRY, "the program is stopping: nothing was written");
    fail(w, &err);
    return true;
}

static void on_queue(void *ctx, const struct error *err)
{
    struct write *w = ctx;

    if (refuse_at_end(w))
        return;
    if (err->rc == RC_OK)
        send(w);
    else
        fail(w, err);
}

/* A new queue is a topic to be made before the command that names it. */
static void make_queue_and_send(struct write *w)
{
    const struct broker_view *view;
    const char *queue = w->command->body.put_task.spec.queue;

    if (refuse_at_end(w))
        return;
    view = broker_view(w->api->broker);
    if (answer_broker_away(w->x, view))
        return;
    if (w->command->kind == COMMAND_PUT_TASK && w->api->config->auto_create &&
        !broker_has_queue(view, queue))
        broker_make_queue(w->api->broker, queue, on_queue, w);
    else
        send(w);
}

/* --- Idempotency-Key --- */

static void key_reused(struct write *w)
{
    problem_answer_text(w->x, PROBLEM_KEY_REUSED, "take a new key for a new request",
                        "Idempotency-Key: \"%.80s\" was used for another request about this task",
                        w->key);
}

static bool is_same_command(const struct command *command, const char *stored)
{
    SCOPED(json_doc) struct json_doc *a = NULL;
    SCOPED(json_doc) struct json_doc *b = NULL;
    SCOPED_BUF text = {0};
    struct json j = json_into(&text);
    struct json_node left, right;

    record_to_json(&j, record_type_of(RECORD_COMMAND), command);
    if (json_doc_parse(buf_bytes(&text), &a, NULL) != RC_OK ||
        json_doc_parse(bytes_of(stored), &b, NULL) != RC_OK)
        return false;
    left = json_doc_root(a);
    right = json_doc_root(b);
    return json_node_equal(&left, &right);
}

/* What the database says about a key that this process does not remember. */
static void on_known(void *ctx, const struct read_page *page)
{
    struct write *w = ctx;
    const struct command_view *v = page->rows;

    if (page->rc != RC_OK || page->count == 0 || v->body == NULL) {
        make_queue_and_send(w); /* a repetition has no second effect: the scheduler sees to it */
        return;
    }
    if (!is_same_command(w->command, v->body)) {
        key_reused(w);
        return;
    }
    keys_acked(w->api->keys, w->command->command_id);
    acknowledged(w);
}

static void check_key(struct write *w)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t digest[SHA256_SIZE];

    sha256_add(sum, w->frame.data, w->frame.len);
    sha256_finish(sum, digest);
    switch (keys_check(w->api->keys, w->command->command_id, digest)) {
    case KEY_OTHER:
        key_reused(w);
        return;
    case KEY_ACKED:
        acknowledged(w);
        return;
    case KEY_SENT:
        make_queue_and_send(w);
        return;
    case KEY_NEW:
    default:
        read_command(w->api->reads, w->command->command_id,
                     (struct read_reply){http_memory(w->x), on_known, w});
    }
}

/* --- header fields --- */

static enum rc read_revision(const char *tag, struct opt_int *ret, struct error *err)
{
    size_t len = strlen(tag);
    char digits[16];
    int64_t value;

    if (len < 3 || len > 12 || tag[0] != '"' || tag[len - 1] != '"') {
        error_set(err, RC_INVALID, "If-Match: %.40s is not the ETag of a task", tag);
        return error_hint(err, "an ETag is a revision in quotes: \"3\"");
    }
    (void)snprintf(digits, sizeof digits, "%.*s", (int)len - 2, tag + 1);
    TRY(param_number("If-Match", digits, 1, INT32_MAX, &value, err));
    *ret = (struct opt_int){true, (int32_t)value};
    return RC_OK;
}

static enum rc read_conditions(const struct http_exchange *x, struct opt_int *ret,
                               struct error *err)
{
    const char *match = http_header(x, "If-Match"), *none = http_header(x, "If-None-Match");

    if (match != NULL && none != NULL)
        return error_set(err, RC_INVALID, "If-Match and If-None-Match exclude each other");
    if (none != NULL && strcmp(none, "*") != 0)
        return error_set(err, RC_INVALID, "If-None-Match: only * is known here, not %.40s", none);
    if (none != NULL)
        *ret = (struct opt_int){true, 0};
    return match != NULL ? read_revision(match, ret, err) : RC_OK;
}

static enum rc read_key(struct write *w, struct error *err)
{
    w->key = http_header(w->x, "Idempotency-Key");
    if (w->key == NULL) {
        w->command->command_id = uuid_random();
        return RC_OK;
    }
    if (w->key[0] == '\0' || strlen(w->key) > 200)
        return error_set(err, RC_INVALID,
                         "Idempotency-Key: it has %zu characters, 1 to 200 are allowed",
                         strlen(w->key));
    w->command->command_id = idempotent_command_id_of(w->command->task_id, actor, w->key);
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

static enum rc prepare(struct write *w, struct error *err)
{
    TRY(prefer_wait(w->x, &w->wait_s, err));
    TRY(read_conditions(w->x, &w->command->expected_revision, err));
    TRY(read_key(w, err));
    w->command->actor = actor;
    return encode(w, err);
}

void write_command(struct api *api, struct http_exchange *x, struct command *command)
{
    struct write *w = arena_alloc(http_memory(x), sizeof *w);
    struct error err = {0};

    *w = (struct write){.api = api, .x = x, .command = command};
    if (prepare(w, &err) != RC_OK)
        fail(w, &err);
    else if (w->key != NULL)
        check_key(w);
    else
        make_queue_and_send(w);
}
