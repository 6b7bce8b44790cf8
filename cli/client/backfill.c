/*
 * `cronobs task backfill`: the instants of a past range are run, or told.
 *
 * One command of the API has a thousand instants at most, so a longer range is asked for in parts. Where each ends the dry run says.
 */
#include <string.h>

#include "base/clock.h"
#include "base/rfc3339.h"
#include "base/table.h"
#include "base/uuid.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
#include "cli/client/task_write.h"

enum { LOOK_AGAIN_MS = 1000 };

struct backfill {
    struct rest *r;
    const struct write_options *write;
    const struct backfill_options *options;
    struct rest_task task;
    const char *from, *to; /* (from, to] */
    const char *revision;  /* of the task, which all parts are of; NULL: not known yet */
    usec_t deadline;       /* of waiting for room */
    bool is_pending;       /* the part that was sent last, as in struct task_write */
};

static void write_body(const struct backfill *b, const char *to, struct buf *out)
{
    struct json j = task_write_body(out, rest_call(b->r));

    json_add_text(&j, "from", b->from);
    json_add_text(&j, "to", to);
    json_close_object(&j);
}

/* The ends of a range are instants of the API's; who typed a day has seen neither of them. */
static void say_as_given(const struct backfill *b, struct error *err)
{
    const char *const sent[] = {b->to, b->from};
    const char *const given[] = {b->options->to, b->options->from};

    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        const char *at = strstr(err->text, sent[i]);
        SCOPED_BUF text = {0};

        if (at == NULL || *sent[i] == '\0')
            continue;
        buf_add(&text, err->text, (size_t)(at - err->text));
        buf_printf(&text, "%s%s", given[i], at + strlen(sent[i]));
        (void)snprintf(err->text, sizeof err->text, "%s", buf_text(&text));
    }
}

/* With --wait over a restart of the server, too: a key makes it a request that can be repeated. */
static enum rc rehearse(struct backfill *b, struct error *err)
{
    SCOPED_BUF body = {0};
    struct rest_write request = {.method = HTTP_POST, .if_match = b->revision};
    char key[UUID_TEXT];

    write_body(b, b->to, &body);
    request.body = buf_bytes(&body);
    if (b->write->waits) {
        request.idempotency_key = uuid_to_text(uuid_random(), key);
        request.deadline = b->deadline;
    }
    TRY(rest_task_target(b->r, &b->task, ":backfill?dry_run=true", &request.target, err));
    if (rest_write(b->r, &request, err) != RC_OK) {
        say_as_given(b, err);
        return known_task_hint(b->r, &b->task, err);
    }
    if (b->revision == NULL)
        b->revision = rest_number(b->r, rest_root(b->r), "revision");
    return RC_OK;
}

/* --- to be told --- */

static const char *count_of(struct rest *r)
{
    int64_t count = rest_int(rest_root(r), "count", 0);

    return arena_printf(rest_call(r)->memory, "%s%lld instant%s",
                        rest_is_true(rest_root(r), "more") ? "more than " : "", (long long)count,
                        count == 1 ? "" : "s");
}

static void print_summary(struct backfill *b)
{
    const struct json_node *root = rest_root(b->r);
    FILE *out = rest_call(b->r)->out;

    (void)fprintf(out, "\n%s, %s at once", count_of(b->r), rest_number(b->r, root, "at_once"));
    if (*rest_text(root, "next") != '\0')
        (void)fprintf(out, "; the first %s are shown", rest_number(b->r, root, "limit"));
    if (strcmp(rest_text(root, "state"), "PAUSED") == 0)
        (void)fputs("; the task is paused: what waits does so until it is resumed", out);
    (void)fputs("\nNothing was sent.\n", out);
}

static void print_instants(struct backfill *b)
{
    struct rest *r = b->r;
    SCOPED(table)
    struct table *t = table_new(arena_printf(rest_call(r)->memory, "SCHEDULED (%s)", rest_zone(r)),
                                "ON THE SCHEDULE'S CLOCK", "ZONE", "CLOCK CHANGE");
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++) {
        const char *dst = rest_text(&item, "dst");

        table_add(t, rest_time(r, &item, "scheduled_at"), rest_local(r, &item, "local"),
                  rest_text(&item, "zone"), strcmp(dst, "NONE") == 0 ? "" : dst);
    }
    rest_print_table(r, t, false);
    print_summary(b);
}

/* --- to be run --- */

static enum rc send_once(struct backfill *b, const char *to, const char *what, struct error *err)
{
    SCOPED_BUF body = {0};
    struct task_write write;
    enum rc rc;

    write_body(b, to, &body);
    write = task_write_of(rest_call(b->r), HTTP_POST, &body, what);
    write.request.if_match = b->revision;
    TRY(rest_task_target(b->r, &b->task, ":backfill", &write.request.target, err));
    rc = task_write(b->r, &write, err);
    b->is_pending = write.is_pending;
    return rc;
}

/* With --wait, as long as a thousand wait already. */
static enum rc send_part(struct backfill *b, const char *to, const char *what, struct error *err)
{
    enum rc rc;

    while ((rc = send_once(b, to, what, err)) == RC_CONFLICT && b->write->waits &&
           rest_was_refused_as(b->r, "OVERLAP") && clock_monotonic() < b->deadline)
        rest_pause(LOOK_AGAIN_MS);
    return rc;
}

/* What was asked for up to here stays so. */
static enum rc say_where(const char *from, const char *what, struct error *err)
{
    char text[RFC3339_TEXT];
    usec_t done;

    if (rfc3339_parse(from, &done, NULL) != RC_OK)
        return err->rc; /* not covered: the server wrote it */
    return error_hint(err, "%s; the rest: --from %s", what, rfc3339_format(done + 1, text));
}

/* The scheduler would refuse a part that comes before there is room for it, and nobody would be told. */
static enum rc stop_at_pending(struct backfill *b, const char *next, enum rc rc, struct error *err)
{
    const char *what = "it will be, by a scheduler";

    if (rc == RC_OK)
        (void)error_set(err, RC_RETRY, "not carried out yet, so the rest was not asked for");
    else if (*err->hint != '\0')
        what = arena_strdup(rest_call(b->r)->memory, err->hint);
    return say_where(next, what, err);
}

/* next "": it is the last one. */
static enum rc run_part(struct backfill *b, const char *next, struct error *err)
{
    struct arena *memory = rest_call(b->r)->memory;
    bool is_more = *next != '\0';
    int64_t count = rest_int(rest_root(b->r), is_more ? "limit" : "count", 0);
    const char *what =
        arena_printf(memory, "backfill of %lld instant%s", (long long)count, count == 1 ? "" : "s");
    enum rc rc;

    if (count == 0)
        return error_set(err, RC_NOT_FOUND, "no instant lies between %s and %s", b->options->from,
                         b->options->to);
    rc = send_part(b, is_more ? next : b->to, what, err);
    return is_more && b->is_pending ? stop_at_pending(b, next, rc, err) : rc;
}

static enum rc send_all(struct backfill *b, struct error *err)
{
    const char *next = "";

    for (size_t part = 0;; part++) {
        bool is_said = false;
        enum rc rc = rehearse(b, err);

        if (rc == RC_OK) {
            next = arena_strdup(rest_call(b->r)->memory, rest_text(rest_root(b->r), "next"));
            rc = run_part(b, next, err);
            is_said = b->is_pending;
        }
        if (rc != RC_OK && part > 0 && !is_said)
            return say_where(b->from, "up to there it is done", err);
        if (rc != RC_OK || *next == '\0')
            return rc;
        b->from = next;
    }
}

/* --- the command --- */

static enum rc read_range(struct backfill *b, struct error *err)
{
    const struct backfill_options *o = b->options;

    if (o->from == NULL || o->to == NULL) {
        (void)error_set(err, RC_INVALID, "--from and --to are needed");
        return error_hint(err, "as in --from 2026-11-01 --to 2026-11-02, which is a day");
    }
    TRY(rest_range_end(b->r, "--from", o->from, &b->from, err));
    return rest_range_end(b->r, "--to", o->to, &b->to, err);
}

enum rc run_task_backfill(struct call *call, struct error *err)
{
    const struct task_options *t = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    struct backfill b = {.write = call->values[0],
                         .options = call->values[2],
                         .task = {t->project, call->operands.items[0]},
                         .deadline = USEC_MAX};

    TRY(rest_new(call, b.options->zone, &r, err));
    b.r = r;
    if (call_has(call, "timeout"))
        b.deadline = clock_monotonic() + b.write->timeout_ms * USEC_PER_MS;
    TRY(read_range(&b, err));
    if (!b.options->is_dry_run)
        return send_all(&b, err);
    TRY(rehearse(&b, err));
    if (b.write->is_json)
        rest_print_json(r);
    else
        print_instants(&b);
    return RC_OK;
}
