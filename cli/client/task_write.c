#include "cli/client/task_write.h"

#include <string.h>

enum { ROUND_MS = 60000 }; /* the longest wait of one request */

static bool is_pending(const struct rest *r)
{
    return strcmp(rest_text(rest_root(r), "result"), "PENDING") == 0;
}

/* Asks for the command until somebody has carried it out. */
static enum rc await_outcome(struct rest *r, struct call *call, struct error *err)
{
    const char *target =
        arena_printf(call->memory, "/v1/commands/%s", rest_text(rest_root(r), "command_id"));

    while (is_pending(r))
        TRY(rest_get_waiting(r, target, ROUND_MS, err));
    if (strcmp(rest_text(rest_root(r), "result"), "REJECTED") == 0)
        return error_set(err, RC_CONFLICT, "%s: %s", rest_text(rest_root(r), "code"),
                         rest_text(rest_root(r), "message"));
    return RC_OK;
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

    if (is_pending(r)) {
        (void)fprintf(call->out,
                      "accepted; it is carried out as soon as a scheduler runs (command %s)\n",
                      rest_text(root, "command_id"));
        return;
    }
    if (what == NULL || strcmp(code, "UNCHANGED") == 0)
        what = words_of(code);
    (void)fputs(what, call->out);
    if (*execution != '\0')
        (void)fprintf(call->out, ": execution %s", execution);
    else if (*revision != '\0')
        (void)fprintf(call->out, " (revision %s)", revision);
    (void)fputc('\n', call->out);
}

/* What the API has to say about the schedules of a task that is saved: for a person, beside the result. */
static void print_notes(struct rest *r, const char *member)
{
    struct json_node list, item;

    if (!json_node_member(rest_root(r), member, &list))
        return;
    for (size_t i = 0; json_node_item(&list, i, &item); i++) {
        const char *column = rest_number(r, &item, "column");

        (void)fprintf(stderr, "note: schedule %lld%s%s: %s\n",
                      (long long)rest_int(&item, "schedule", 0) + 1,
                      *column == '\0' ? "" : ", column ", column, rest_text(&item, "text"));
    }
}

enum rc task_write(struct rest *r, const struct task_write *write, const char **ret_execution,
                   struct error *err)
{
    struct rest_write request = write->request;
    struct call *call = rest_call(r);

    request.wait_ms = write->waits ? ROUND_MS : write->timeout_ms;
    TRY(rest_write(r, &request, err));
    if (!write->is_json) {
        print_notes(r, "lints");
        print_notes(r, "clock_changes");
    }
    if (write->waits)
        TRY(await_outcome(r, call, err));
    if (write->is_json)
        rest_print_json(r);
    else
        print_outcome(r, call, write->what);
    if (ret_execution != NULL)
        *ret_execution = arena_strdup(call->memory, rest_text(rest_root(r), "execution_id"));
    return RC_OK;
}
