#include "cli/client/task_write.h"

#include <string.h>

#include "base/clock.h"
#include "base/table.h"
#include "base/uuid.h"
#include "cli/client/blame.h"
#include "cli/client/interrupt.h"
#include "cli/client/options.h"

enum { ROUND_MS = 60000 }; /* the longest wait of one request */

struct task_write task_write_of(const struct call *call, enum http_method method,
                                const struct buf *body, const char *what)
{
    const struct write_options *o = call->values[0];

    return (struct task_write){.request = {.method = method, .body = buf_bytes(body)},
                               .timeout_ms = o->timeout_ms,
                               .waits = o->waits,
                               .is_json = o->is_json,
                               .what = what};
}

struct json task_write_body(struct buf *body, const struct call *call)
{
    const struct write_options *o = call->values[0];
    struct json j = json_into(body);

    json_open_object(&j);
    if (o->reason != NULL)
        json_add_text(&j, "reason", o->reason);
    return j;
}

static bool is_pending(const struct rest *r)
{
    return strcmp(rest_text(rest_root(r), "result"), "PENDING") == 0;
}

/* As the API answers it who waits for it there. */
static enum rc rc_of_code(const char *code)
{
    static const struct {
        const char *code;
        enum rc rc;
    } codes[] = {{"NOT_FOUND", RC_NOT_FOUND},
                 {"INVALID_SPEC", RC_INVALID},
                 {"UNSUPPORTED", RC_INVALID},
                 {"NO_QUEUE", RC_INVALID}};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(codes[i].code, code) == 0)
            return codes[i].rc;
    return RC_CONFLICT;
}

static enum rc judge(const struct rest *r, struct error *err)
{
    const struct json_node *root = rest_root(r);

    if (strcmp(rest_text(root, "result"), "REJECTED") != 0)
        return RC_OK;
    (void)error_set(err, rc_of_code(rest_text(root, "code")), "%s", rest_text(root, "message"));
    blame(rest_call(r), err);
    return err->rc;
}

/* Asks for the command until somebody has carried it out. */
static enum rc await_outcome(struct rest *r, struct task_write *write, struct error *err)
{
    struct call *call = rest_call(r);
    const char *id = arena_strdup(call->memory, rest_text(rest_root(r), "command_id"));
    const char *target = arena_printf(call->memory, "/v1/commands/%s", id);

    if (is_pending(r))
        interrupt_say("\n(it is carried out all the same: cronobs command show %s)\n", id);
    while (is_pending(r) && clock_monotonic() < write->deadline)
        TRY(rest_get_patiently(r, target, ROUND_MS, write->deadline, err));
    write->is_pending = is_pending(r);
    if (!write->is_pending || !write->waits)
        return judge(r, err);
    (void)error_set(err, RC_RETRY, "not carried out yet: no scheduler runs, or it has much to do");
    return error_hint(err, "it will be: cronobs command show %s", id);
}

static const char *words_of(const char *code)
{
    static const struct words {
        const char *code, *text;
    } words[] = {{"CREATED", "created"}, {"UPDATED", "updated"}, {"UNCHANGED", "unchanged"}};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(code, words[i].code) == 0)
            return words[i].text;
    return "done";
}

static void print_outcome(struct rest *r, struct call *call, const char *what)
{
    const struct json_node *root = rest_root(r);
    const char *code = rest_text(root, "code");
    const char *revision = rest_number(r, root, "revision");
    const char *execution = rest_text(root, "execution_id");
    const char *message = rest_text(root, "message");

    if (is_pending(r)) {
        (void)fprintf(call->out,
                      "accepted; it is carried out as soon as a scheduler runs (command %s)\n",
                      rest_text(root, "command_id"));
        return;
    }
    if (what == NULL || strcmp(code, "UNCHANGED") == 0)
        what = *message == '\0' ? words_of(code) : message;
    (void)fputs(what, call->out);
    if (*execution != '\0')
        (void)fprintf(call->out, ": execution %s", execution);
    else if (*revision != '\0')
        (void)fprintf(call->out, " (revision %s)", revision);
    (void)fputc('\n', call->out);
}

/* What the API has to say about a task that is saved, mostly about its schedules: for a person, beside the result. */
static void print_notes(struct rest *r, const char *member)
{
    struct json_node list, item;

    if (!json_node_member(rest_root(r), member, &list))
        return;
    for (size_t i = 0; json_node_item(&list, i, &item); i++) {
        const char *column = rest_number(r, &item, "column");
        SCOPED(text) char *text = table_shown(rest_text(&item, "text"));
        int64_t schedule = rest_int(&item, "schedule", -1);

        if (schedule < 0)
            (void)fprintf(stderr, "note: %s\n", text);
        else
            (void)fprintf(stderr, "note: schedule %lld%s%s: %s\n", (long long)schedule + 1,
                          *column == '\0' ? "" : ", column ", column, text);
    }
}

/* Waiting that goes on over a restart of the server needs a request that can be repeated. */
static struct rest_write repeatable(struct call *call, const struct task_write *write)
{
    struct rest_write request = write->request;
    usec_t left = write->deadline - clock_monotonic();
    char key[UUID_TEXT];

    request.wait_ms = MIN(MAX(left, 0) / USEC_PER_MS, ROUND_MS);
    if (!write->waits) {
        request.wait_ms = MIN(write->timeout_ms, ROUND_MS);
        return request;
    }
    request.idempotency_key = arena_strdup(call->memory, uuid_to_text(uuid_random(), key));
    request.deadline = write->deadline;
    return request;
}

static enum rc set_deadline(struct task_write *write, const struct call *call, struct error *err)
{
    bool has_end = !write->waits || call_has(call, "timeout");

    if (write->waits && has_end && write->timeout_ms == 0)
        return error_set(err, RC_INVALID, "--wait does not go with --timeout 0");
    write->deadline = has_end ? clock_monotonic() + write->timeout_ms * USEC_PER_MS : USEC_MAX;
    return RC_OK;
}

enum rc task_write(struct rest *r, struct task_write *write, struct error *err)
{
    struct call *call = rest_call(r);
    struct rest_write request;

    TRY(set_deadline(write, call, err));
    request = repeatable(call, write);
    TRY(rest_write(r, &request, err));
    write->is_pending = true;
    if (!write->is_json) {
        print_notes(r, "lints");
        print_notes(r, "clock_changes");
    }
    TRY(await_outcome(r, write, err));
    write->execution = arena_strdup(call->memory, rest_text(rest_root(r), "execution_id"));
    if (write->waits && *write->execution != '\0') /* before it can be read that there is one */
        interrupt_say("\n(the execution goes on: cronobs execution show %s)\n", write->execution);
    if (write->is_json)
        rest_print_json(r);
    else
        print_outcome(r, call, write->what);
    (void)fflush(call->out); /* who waits on, or ends the waiting, has seen it */
    return RC_OK;
}
