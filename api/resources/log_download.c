/*
 * log_download.c - a log as text, however long: a page is read whenever the client has room for it, so a download is a few
 * hundred kilobytes of memory, and a slow reader keeps nobody waiting.
 *
 *   begin --> next log (attempt, writer) --> page after page of it --> next log ... none: end
 */
#include <stdio.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/exchange/parked.h"
#include "api/resources/log_view.h"
#include "api/resources/plain_log.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "http/stream.h"
#include "store/read_executions.h"
#include "store/read_log_ends.h"
#include "store/read_tasks.h"

#define AGAIN_AFTER   USEC_PER_SEC /* a read that failed */
#define GIVE_UP_AFTER (30 * USEC_PER_SEC)

enum { PAGE_LINES = 2000, PAGE_BYTES = 64 << 10 };

struct download {
    struct api *api;
    struct http_exchange *x;
    struct log_name name; /* attempt 0: all; writer nil: all */
    struct execution_row row;
    struct log_writer_row writer; /* whose log it is at; attempt 0: at none yet */
    int64_t line;                 /* the next one of it */
    struct plain_log text;
    struct buf out;       /* made, and not taken yet */
    struct arena *memory; /* of one page */
    struct loop_timer *again;
    usec_t failing_since; /* 0: the last read was answered */
    bool is_reading, is_gone, has_log;
};

static void pull(struct download *d);

/* --- its end --- */

static void release(struct download *d)
{
    buf_clear(&d->out);
    arena_free(d->memory);
    loop_timer_free(d->again);
}

/* A read that is under way keeps the exchange: its answer is awaited. */
static void on_gone(struct http_exchange *x, void *ctx)
{
    struct download *d = ctx;

    d->is_gone = true;
    if (d->is_reading)
        return;
    release(d);
    http_drop(x);
}

static void finish(struct download *d)
{
    release(d);
    http_stream_end(d->x);
}

static void give_up(struct download *d, const char *why)
{
    log_warn("a log could not be sent to its end", "path=%s why=\"%s\"", http_path(d->x), why);
    release(d);
    http_stream_break(d->x);
}

/* False when there is nothing to go on with: d is gone. */
static bool goes_on(struct download *d, const struct read_page *page)
{
    usec_t now = clock_monotonic();

    d->is_reading = false;
    if (d->is_gone) {
        on_gone(d->x, d);
        return false;
    }
    if (page->rc == RC_OK) {
        d->failing_since = 0;
        return true;
    }
    if (d->failing_since == 0)
        d->failing_since = now;
    if (d->api->is_ending || now - d->failing_since > GIVE_UP_AFTER)
        give_up(d, page->err.text);
    else
        loop_timer_start(d->again, AGAIN_AFTER);
    return false;
}

/* --- pages --- */

static void on_lines(void *ctx, const struct read_page *page)
{
    struct download *d = ctx;
    const struct log_line_view *lines = page->rows;

    if (!goes_on(d, page))
        return;
    for (size_t i = 0; i < page->count; i++)
        plain_log_add(&d->text, lines[i].stream[0], lines[i].message, lines[i].unfinished, &d->out);
    if (page->count > 0)
        d->line = lines[page->count - 1].seq + 1;
    d->has_log = page->more;
    pull(d);
}

static void on_log(void *ctx, const struct read_page *page)
{
    struct download *d = ctx;
    const struct log_writer_row *found = page->rows;

    if (!goes_on(d, page))
        return;
    plain_log_end(&d->text, &d->out);
    if (page->count == 0 || (d->name.attempt != 0 && found->attempt != d->name.attempt)) {
        if (http_stream_write(d->x, buf_text(&d->out), d->out.len) != RC_OK)
            give_up(d, "there was no room for its last line");
        else
            finish(d);
        return;
    }
    d->writer = *found;
    d->line = 1;
    d->has_log = uuid_is_nil(d->name.writer) || uuid_equal(found->writer, d->name.writer);
    pull(d);
}

/* Sends what there is, and reads on if that leaves room. */
static void pull(struct download *d)
{
    struct read_reply reply;

    if (d->is_reading || http_stream_write(d->x, buf_text(&d->out), d->out.len) != RC_OK)
        return;
    buf_reset(&d->out);
    if (http_stream_waiting(d->x) >= HTTP_STREAM_ROOM)
        return;
    d->is_reading = true;
    arena_free(d->memory);
    d->memory = http_arena_new(d->x);
    reply = (struct read_reply){d->memory, d->has_log ? on_lines : on_log, d};
    if (d->has_log)
        read_log_lines(
            d->api->reads,
            &(struct log_lines){.writer = &d->writer, .at = d->line, .bytes = PAGE_BYTES},
            PAGE_LINES, reply);
    else
        read_next_log(d->api->reads,
                      &(struct log_name){.execution = d->name.execution,
                                         .attempt = d->writer.attempt,
                                         .writer = d->writer.writer},
                      reply);
}

static void on_room(struct http_exchange *x UNUSED, void *ctx)
{
    pull(ctx);
}

static void on_again(void *ctx)
{
    pull(ctx);
}

/* --- its beginning --- */

/* A name that no file system and no shell has to fear. */
static void add_safe(struct buf *out, const char *text)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    for (size_t i = 0; text[i] != '\0' && i < 80; i++)
        buf_add_char(out,
                     strchr(safe, text[i]) == NULL || (i == 0 && text[i] == '.') ? '_' : text[i]);
}

/* attachment; filename="ledger_2026-11-29T13-00-00Z_attempt2.txt" */
static void add_file_name(const struct download *d, const struct task_row *task, struct buf *out)
{
    usec_t at = d->row.scheduled_at != 0 ? d->row.scheduled_at
                                         : execution_id_ms(d->name.execution) * USEC_PER_MS;
    struct civil c = civil_of(at);

    buf_add_text(out, "attachment; filename=\"");
    add_safe(out, task != NULL ? task->key : "log");
    buf_printf(out, "_%04d-%02d-%02dT%02d-%02d-%02dZ", c.year, c.month, c.day, c.hour, c.minute,
               c.second);
    if (d->name.attempt != 0)
        buf_printf(out, "_attempt%d", d->name.attempt);
    buf_add_text(out, ".txt\"");
}

static void on_name(void *ctx, const struct read_page *page)
{
    struct download *d = ctx;
    SCOPED_BUF name = {0};

    if (answer_read_failed(d->x, page) || answer_parked_full(d->x, d->api))
        return;
    add_file_name(d, page->count > 0 ? page->rows : NULL, &name);
    http_answer_header(d->x, "Content-Disposition", name.data);
    d->writer.attempt = d->name.attempt; /* its first writer is behind the nil one */
    d->again = loop_timer_new(d->api->loop, on_again, d);
    http_on_gone(d->x, on_gone, d);
    http_stream_on_room(d->x, on_room, d);
    http_stream_begin(d->x, 200, "text/plain; charset=utf-8");
    if (http_method(d->x) == HTTP_HEAD)
        finish(d);
    else
        pull(d);
}

static void on_execution(void *ctx, const struct read_page *page)
{
    struct download *d = ctx;

    if (answer_read_failed(d->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(d->x, "execution", http_param(d->x, "execution"));
        return;
    }
    d->row = *(const struct execution_row *)page->rows;
    read_task_names(d->api->reads, &d->row.task_id, 1,
                    (struct read_reply){http_memory(d->x), on_name, d});
}

static enum rc read_params(struct download *d, struct error *err)
{
    TRY(param_path_id(d->x, "execution", &d->name.execution, err));
    TRY(param_bool(d->x, "ansi", &d->text.keeps_ansi, err));
    return param_log_name(d->x, &d->name, err);
}

void get_log_text(struct http_exchange *x, void *ctx)
{
    struct download *d = arena_alloc(http_memory(x), sizeof *d);
    struct error err;

    d->api = api_of(ctx);
    d->x = x;
    if (read_params(d, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    read_execution(d->api->reads, d->name.execution,
                   (struct read_reply){http_memory(x), on_execution, d});
}
