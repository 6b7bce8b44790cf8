/*
 * write_answers.c - what a write is answered: what came of its command, or why nothing was sent.
 */
#include "api/exchange/write_state.h"
#include "base/clock.h"
#include "model/schedule_notes.h"

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

bool write_is_made(const struct write *w)
{
    return w->command->kind == COMMAND_PUT_TASK && w->command->body.put_task.spec.key != NULL;
}

/* The outcome as far as it is known, and what is to be said about a task that is saved. */
static void answer_outcome(struct write *w, int status, const struct command_view *v)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    put_outcome(&j, v);
    if (write_is_made(w))
        schedule_notes_put(&j, &w->command->body.put_task.spec, w->api->zones, w->absent,
                           clock_realtime());
    json_close_object(&j);
    answer_json(w->x, status, &body);
}

void write_name_command(struct write *w)
{
    char text[UUID_TEXT];

    http_answer_header(w->x, "Cronobs-Command", uuid_to_text(w->command->command_id, text));
}

static void add_location(struct write *w, const char *resource, struct uuid id)
{
    char text[UUID_TEXT];

    http_answer_header(
        w->x, "Location",
        arena_printf(http_memory(w->x), "/v1/%s/%s", resource, uuid_to_text(id, text)));
}

void write_answer_pending(struct write *w)
{
    struct command_view view = {.command_id = w->command->command_id,
                                .task_id = w->command->task_id};

    write_name_command(w);
    add_location(w, "commands", view.command_id);
    answer_outcome(w, 202, &view);
}

void write_answer_accepted(struct write *w, const struct command_view *v)
{
    bool makes_execution =
        !uuid_is_nil(v->execution_id) && w->command->kind != COMMAND_CANCEL_EXECUTION;
    bool is_new = v->code.value == CODE_CREATED || makes_execution;

    write_name_command(w);
    if (makes_execution)
        add_location(w, "executions", v->execution_id);
    else if (is_new)
        add_location(w, "tasks", v->task_id);
    if (v->revision != 0)
        answer_etag(w->x, v->revision);
    answer_outcome(w, is_new ? 201 : 200, v);
}

enum { OF_ANY = -1 };

/* What a refusal means in HTTP, and the way out; that of a kind of command before that of any. */
static const struct refusal {
    enum outcome_code code;
    int kind;
    enum problem_kind problem;
    const char *hint;
    bool hint_is_http;
} refusals[] = {
    {CODE_STALE_REVISION, OF_ANY, PROBLEM_STALE, NULL, false},
    {CODE_NOT_FOUND, OF_ANY, PROBLEM_NOT_FOUND, "PUT the task first", true},
    {CODE_DELETED, OF_ANY, PROBLEM_CONFLICT, "PUT the task to have it again", true},
    {CODE_NOT_PAUSED, OF_ANY, PROBLEM_CONFLICT, NULL, false},
    {CODE_OVERLAP, COMMAND_TRIGGER_TASK, PROBLEM_CONFLICT, "ignore_overlap runs it all the same",
     false},
    {CODE_OVERLAP, OF_ANY, PROBLEM_CONFLICT, "ask again when fewer of its executions are open",
     false},
    {CODE_NO_QUEUE, OF_ANY, PROBLEM_CONFLICT,
     "make the queue's topic: cronobs topics apply --queue NAME", false},
    {CODE_INVALID_SPEC, OF_ANY, PROBLEM_REJECTED, NULL, false},
    {CODE_UNSUPPORTED, OF_ANY, PROBLEM_REJECTED, "this version does not do it", false},
    {CODE_MISPLACED, OF_ANY, PROBLEM_INTERNAL,
     "the API's setting `partitions` is not that of the topics", false},
};

/* NOT_FOUND with a revision: the task is there, what was to be changed of it is not. */
static const struct refusal *refusal_of(enum command_kind kind, const struct command_view *v)
{
    static const struct refusal other = {CODE_UNKNOWN, OF_ANY, PROBLEM_REJECTED, NULL, false};
    static const struct refusal nothing = {CODE_NOT_FOUND, OF_ANY, PROBLEM_CONFLICT, NULL, false};

    if (v->code.value == CODE_NOT_FOUND && v->revision != 0)
        return &nothing;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        if ((int)refusals[i].code == v->code.value &&
            (refusals[i].kind == OF_ANY || refusals[i].kind == (int)kind))
            return &refusals[i];
    return &other;
}

/* The way out, by what was asked for. */
static const char *way_out(const struct conditions *c)
{
    if (c->wants_none)
        return "leave If-None-Match out to replace the task that is there";
    if (c->wants_some)
        return "leave If-Match out to make the task";
    return "read the task again, and send its ETag as If-Match";
}

enum problem_kind write_refusal(enum command_kind kind, const struct command_view *v,
                                const struct conditions *conditions, struct error *err)
{
    const struct refusal *r = refusal_of(kind, v);

    error_set(err, RC_INVALID, "%s",
              v->message != NULL ? v->message : enum_name(&outcome_code_enum, v->code.value));
    if (r->hint != NULL)
        (void)error_hint(err, "%s", r->hint);
    err->hint_is_http = r->hint_is_http;
    if (conditions->wants_none || v->code.value == CODE_STALE_REVISION)
        (void)error_hint_http(err, "%s", way_out(conditions));
    return r->problem;
}

void write_answer_rejected(struct write *w, const struct command_view *v)
{
    struct error err;
    enum problem_kind problem = write_refusal(w->command->kind, v, &w->conditions, &err);

    write_name_command(w);
    if (v->revision != 0)
        answer_etag(w->x, v->revision);
    problem_answer_code(w->x, problem, &err, enum_name(&outcome_code_enum, v->code.value));
}

void write_answer_no_match(struct http_exchange *x, const struct conditions *conditions)
{
    problem_answer_http(
        x, PROBLEM_STALE,
        conditions->has_weak
            ? "a weak tag (W/...) never matches: a proxy that compresses makes "
              "tags weak, so tell it to leave ours alone, or send the tag without W/"
            : "read the task again, and send its ETag as If-Match",
        "If-Match: %.60s is the ETag of no revision", http_header_list(x, "If-Match"));
}

void write_answer_stale(struct http_exchange *x, const struct conditions *conditions,
                        int32_t revision)
{
    struct error err;

    if (revision > 0) {
        answer_etag(x, revision);
        error_set(&err, RC_INVALID, "the task is at revision %d", (int)revision);
    } else {
        error_set(&err, RC_INVALID, "there is no such task");
    }
    (void)error_hint_http(&err, "%s", way_out(conditions));
    problem_answer_code(x, PROBLEM_STALE, &err, enum_name(&outcome_code_enum, CODE_STALE_REVISION));
}
