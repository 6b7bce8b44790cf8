/*
 * `cronobs next`: when a schedule is due, without a server. One schedule in words here, many for machines: next_batch.c.
 */
#include "cli/schedule/next.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/schedule/ask.h"
#include "cli/schedule/next_batch.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/subcommand.h"

/* --- many --- */

static enum rc write_out(struct call *call, struct buf *text, struct error *err)
{
    if (fwrite(buf_text(text), 1, text->len, call->out) != text->len || fflush(call->out) != 0)
        return error_set(err, RC_CONFLICT, "could not write the output: %s", strerror(errno));
    buf_reset(text);
    return RC_OK;
}

static enum rc answer_all(struct call *call, struct batch *b, struct bytes input, struct buf *out,
                          struct error *err)
{
    size_t taken;

    while ((taken = batch_take(b, input, out)) < input.len) {
        TRY(write_out(call, out, err));
        input.data = (const char *)input.data + taken;
        input.len -= taken;
    }
    return RC_OK;
}

/* Answers are written before more is waited for, so that a program may ask line by line. */
static enum rc run_batch(struct call *call, struct batch *b, struct buf *out, struct error *err)
{
    static char input[65536];
    ssize_t got;

    while ((got = read(STDIN_FILENO, input, sizeof input)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, RC_INVALID, "could not read standard input: %s", strerror(errno));
        TRY(answer_all(call, b, (struct bytes){input, (size_t)got}, out, err));
        TRY(write_out(call, out, err));
    }
    batch_end(b, out);
    return write_out(call, out, err);
}

static bool has_options(const struct ask_options *o)
{
    return o->zone != NULL || o->dialect != NULL || o->dst_gap != NULL || o->dst_overlap != NULL ||
           o->from != NULL || o->task != NULL || o->count != 0 || o->is_json;
}

static enum rc answer_batch(struct call *call, struct zoneset *zones, struct error *err)
{
    struct batch b = {.zones = zones};
    SCOPED_BUF out = {0};
    enum rc rc;

    if (call->operands.count > 0 || has_options(call->values[0]))
        return error_set(err, RC_INVALID,
                         "--batch takes all from standard input: no expression, no other option");
    rc = run_batch(call, &b, &out, err);
    batch_clear(&b);
    return rc;
}

/* --- one --- */

/* What is shown is not what the task will do. */
static void warn_of_hash(const struct ask *ask)
{
    for (size_t i = 0; i < ask->lints.count; i++)
        if (ask->lints.list[i].code == LINT_HASH_WITHOUT_TASK)
            (void)fputs("(H and ~ stand for other values once there is a task: --task)\n", stderr);
}

enum rc run_next(struct call *call, struct error *err)
{
    const struct ask_options *o = call->values[0];
    const struct next_options *next = call->values[1];
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED_ASK ask = {0};
    SCOPED_BUF out = {0};
    struct occurrence first;

    if (next->is_batch)
        return answer_batch(call, zones, err);
    TRY(ask_read(&call->operands, o, zones, clock_realtime(), &ask, err));
    warn_of_hash(&ask);
    local_zone_warn(ask.expression, o->zone);
    ask_next(&ask, o, &out);
    (void)fwrite(buf_text(&out), 1, out.len, call->out);
    return schedule_next(ask.schedule, ask.from, &first); /* "none" and [] say it all */
}
