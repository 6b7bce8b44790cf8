#include "cli/pictures/picture.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"

enum { TICK = 10, LABEL_TEXT = 64, MINUTE_MS = 60000 };

/* "1m40s", or "08:20" where a column is a minute or more. */
static void time_text(const struct stage_script *s, usec_t at, char text[LABEL_TEXT])
{
    long long ms = (at - STAGE_BEGIN) / USEC_PER_MS;

    if (s->column_ms >= MINUTE_MS)
        (void)snprintf(text, LABEL_TEXT, "%02lld:%02lld", ms / 3600000, ms / MINUTE_MS % 60);
    else
        (void)duration_text(ms, text);
}

static size_t columns(const struct stage_script *s)
{
    return (size_t)(s->length_ms / s->column_ms);
}

/* Of an instant; those outside go to the ends. */
static size_t column_of(const struct stage_script *s, usec_t at)
{
    int64_t n = (at - STAGE_BEGIN) / USEC_PER_MS / s->column_ms;

    return (size_t)MIN(MAX(n, 0), (int64_t)columns(s) - 1);
}

static void label_of(const struct stage_script *s, const struct stage_execution *x,
                     char text[LABEL_TEXT])
{
    char when[LABEL_TEXT];

    time_text(s, x->scheduled_at, when);
    if (s->task_count > 1)
        (void)snprintf(text, LABEL_TEXT, "%.20s %.20s", x->task, when);
    else
        (void)snprintf(text, LABEL_TEXT, "%.40s", when);
}

static size_t label_width(const struct stage_script *s, const struct stage_show *show)
{
    char text[LABEL_TEXT];
    size_t width = 4;

    for (size_t i = 0; i < show->count; i++) {
        label_of(s, &show->executions[i], text);
        width = MAX(width, strlen(text));
    }
    return width + 2;
}

/* Label, row, what is said of it; no blanks at the end. */
static void put_line(struct buf *out, size_t width, const char *label, const char *row,
                     const char *text)
{
    SCOPED_BUF line = {0};
    size_t len;

    buf_printf(&line, "%-*s%s  %s", (int)width, label, row, text);
    len = line.len;
    while (len > 0 && line.data[len - 1] == ' ')
        len--;
    buf_add(out, line.data, len);
    buf_add_char(out, '\n');
}

static void draw_axis(const struct stage_script *s, size_t width, struct buf *out)
{
    SCOPED_BUF row = {0};

    for (size_t c = 0; c < columns(s); c += TICK) {
        char text[LABEL_TEXT];

        time_text(s, STAGE_BEGIN + (usec_t)c * s->column_ms * USEC_PER_MS, text);
        buf_printf(&row, "%-*s", TICK, text);
    }
    put_line(out, width, "", buf_text(&row), "");
}

static void blank(char *row, const struct stage_script *s)
{
    memset(row, ' ', columns(s));
    row[columns(s)] = '\0';
}

static const char *order_text(const struct command *c)
{
    static const char *const texts[COMMAND_KIND_COUNT] = {
        [COMMAND_PUT_TASK] = "put",
        [COMMAND_DELETE_TASK] = "delete",
        [COMMAND_PAUSE_TASK] = "pause",
        [COMMAND_RESUME_TASK] = "resume",
        [COMMAND_TRIGGER_TASK] = "trigger",
        [COMMAND_SKIP_NEXT] = "skip the next",
        [COMMAND_CANCEL_EXECUTION] = "cancel",
        [COMMAND_RETRY_EXECUTION] = "retry",
        [COMMAND_BACKFILL] = "backfill",
    };

    return c->reason != NULL ? c->reason : texts[c->kind];
}

static void draw_orders(const struct stage_script *s, size_t width, struct buf *out)
{
    char row[STAGE_COLUMNS_MAX + 1];

    for (size_t i = 0; i < s->order_count; i++) {
        blank(row, s);
        row[column_of(s, STAGE_BEGIN + s->orders[i].at_ms * USEC_PER_MS)] = 'v';
        put_line(out, width, "", row, order_text(&s->orders[i].command));
    }
    if (s->away_to_ms == s->away_from_ms)
        return;
    blank(row, s);
    for (size_t c = (size_t)(s->away_from_ms / s->column_ms);
         c < columns(s) && (int64_t)c * s->column_ms < s->away_to_ms; c++)
        row[c] = '/';
    put_line(out, width, "", row, "no scheduler runs");
}

static void draw_execution(const struct stage_script *s, const struct stage_execution *x,
                           size_t width, struct buf *out)
{
    SCOPED_BUF text = {0};
    char label[LABEL_TEXT];
    char row[STAGE_COLUMNS_MAX + 1];

    label_of(s, x, label);
    (void)snprintf(row, sizeof row, "%.*s", (int)columns(s), x->seen);
    buf_add_text(&text, enum_name(&status_enum, (int)x->status));
    if (x->reason != REASON_NONE)
        buf_printf(&text, " (%s)", enum_name(&reason_enum, (int)x->reason));
    if (x->trigger != TRIGGER_SCHEDULED)
        buf_printf(&text, ", %s", enum_name(&trigger_enum, (int)x->trigger));
    if (x->attempt > 1)
        buf_printf(&text, ", attempt %d", (int)x->attempt);
    put_line(out, width, label, row, buf_text(&text));
}

static void draw_note(const struct stage_script *s, const struct stage_note *n, size_t width,
                      struct buf *out)
{
    char row[STAGE_COLUMNS_MAX + 1];
    size_t from = column_of(s, n->from), to = column_of(s, n->to);

    blank(row, s);
    if (to > from) {
        memset(row + from, ':', to - from);
        row[from] = '(';
        row[to] = ']';
    } else {
        row[to] = '^';
    }
    put_line(out, width, "", row, n->text);
}

void picture_draw(const struct stage_script *s, const struct stage_show *show, struct buf *out)
{
    size_t width = label_width(s, show);

    draw_axis(s, width, out);
    draw_orders(s, width, out);
    for (size_t i = 0; i < show->count; i++)
        draw_execution(s, &show->executions[i], width, out);
    for (size_t i = 0; i < show->note_count; i++)
        draw_note(s, &show->notes[i], width, out);
}
