#include "cli/schedule/next_batch.h"

#include <string.h>

#include "base/rfc3339.h"
#include "base/utf8.h"
#include "cli/schedule/ask.h"
#include "cli/shared/point.h"

enum { FIELDS_MIN = 4, FIELDS_MAX = 7 };
enum { EXPR, ZONE, FROM, COUNT, DIALECT, GAP, OVERLAP };

struct question {
    const char *expression;
    struct schedule_options options;
    usec_t from;
    int count;
};

/* --- what is asked --- */

static enum rc split(char *line, const char *fields[FIELDS_MAX], struct error *err)
{
    size_t count = 0;
    char *at = line;

    do {
        if (count < FIELDS_MAX)
            fields[count] = at;
        at = strchr(at, '\t');
        if (at != NULL)
            *at++ = '\0';
        count++;
    } while (at != NULL && count <= FIELDS_MAX);
    if (count >= FIELDS_MIN && count <= FIELDS_MAX)
        return RC_OK;
    if (*line == '\0' && count == 1)
        return error_set(err, RC_INVALID, "the line is empty");
    if (count > FIELDS_MAX)
        return error_set(err, RC_INVALID, "more than 7 fields, with a tab between");
    return error_set(err, RC_INVALID, "%zu of at least 4 fields, with a tab between", count);
}

static enum rc take_count(const char *text, int *ret, struct error *err)
{
    int64_t count = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9' && count <= BATCH_COUNT_MAX; at++)
        count = count * 10 + (*at - '0');
    if (at == text || *at != '\0' || count < 1 || count > BATCH_COUNT_MAX)
        return error_set(err, RC_INVALID, "COUNT: '%.20s' is no number of 1 to %d", text,
                         BATCH_COUNT_MAX);
    *ret = (int)count;
    return RC_OK;
}

static enum rc take_choice(const char *name, const struct enum_type *type, const char *text,
                           int *ret, struct error *err)
{
    return ask_choice(type, text, ret, err) == RC_OK ? RC_OK : error_prefix(err, "%s", name);
}

static enum rc take_options(const char *const fields[FIELDS_MAX], struct question *q,
                            struct error *err)
{
    int dialect = 0, gap = 0, overlap = 0;

    TRY(take_choice("DIALECT", &dialect_enum, fields[DIALECT], &dialect, err));
    TRY(take_choice("DST_GAP", &dst_gap_enum, fields[GAP], &gap, err));
    TRY(take_choice("DST_OVERLAP", &dst_overlap_enum, fields[OVERLAP], &overlap, err));
    q->options = (struct schedule_options){
        .zone = fields[ZONE],
        .dialect = (enum dialect)dialect,
        .dst_gap = (enum dst_gap)gap,
        .dst_overlap = (enum dst_overlap)overlap,
    };
    return RC_OK;
}

static enum rc read_question(char *line, struct zoneset *zones, struct question *q,
                             struct error *err)
{
    const char *fields[FIELDS_MAX] = {"", "", "", "", "", "", ""};
    struct zone *zone;

    TRY(split(line, fields, err));
    TRY(take_options(fields, q, err));
    /* Looked at here, for an unknown zone's hints are nothing for machines, and take their time. */
    if (*fields[ZONE] != '\0' && zoneset_get(zones, fields[ZONE], &zone, NULL) != RC_OK)
        return error_set(err, RC_INVALID, "unknown time zone '%.*s'", ZONE_NAME_MAX, fields[ZONE]);
    if (rfc3339_parse(fields[FROM], &q->from, err) != RC_OK)
        return error_prefix(err, "FROM");
    TRY(take_count(fields[COUNT], &q->count, err));
    q->expression = fields[EXPR];
    return RC_OK;
}

/* --- what is answered --- */

static void put_digits(char *at, int value, int digits)
{
    while (digits-- > 0) {
        at[digits] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* As rfc3339_format() writes it; this is most of the time that a line takes. */
static void put_instant(struct buf *out, usec_t t)
{
    static const char blank[] = "0000-00-00T00:00:00.000000Z";
    const size_t to_second = 19;
    struct civil c = civil_of(t);
    char *at = buf_reserve(out, sizeof blank);

    memcpy(at, blank, sizeof blank);
    put_digits(at, c.year, 4);
    put_digits(at + 5, c.month, 2);
    put_digits(at + 8, c.day, 2);
    put_digits(at + 11, c.hour, 2);
    put_digits(at + 14, c.minute, 2);
    put_digits(at + 17, c.second, 2);
    out->len += to_second;
    if (c.usec != 0) {
        put_digits(at + to_second + 1, c.usec, 6);
        out->len += 7;
    }
    buf_add_char(out, 'Z');
}

static void put_instants(const struct question *q, const struct schedule *s, struct buf *out)
{
    struct occurrence o = {.at = q->from};
    int count = 0;

    for (; count < q->count && schedule_next(s, o.at, &o) == RC_OK; count++) {
        if (count > 0)
            buf_add_char(out, ' ');
        put_instant(out, o.at);
    }
    if (count == 0)
        buf_add_text(out, "none");
}

/* A text quotes the line, which may hold anything: on output it stays one line of UTF-8. */
static void put_error(struct error *err, struct buf *out)
{
    point_clean(err);
    buf_printf(out, "error %d ", err->column);
    utf8_escape(out, err->text, strlen(err->text));
}

static enum rc answer(char *line, struct zoneset *zones, struct buf *out, struct error *err)
{
    SCOPED(schedule) struct schedule *s = NULL;
    struct question q;

    TRY(read_question(line, zones, &q, err));
    TRY(schedule_parse(q.expression, &q.options, zones, NULL, &s, err));
    put_instants(&q, s, out);
    return RC_OK;
}

void batch_answer(struct bytes line, struct zoneset *zones, struct buf *out)
{
    SCOPED(text) char *copy = xstrndup(line.len == 0 ? "" : line.data, line.len);
    struct error err = {0};

    if (line.len > BATCH_LINE_MAX)
        (void)error_set(&err, RC_INVALID, "the line has more than %d bytes", BATCH_LINE_MAX);
    else if (strlen(copy) < line.len)
        (void)error_set(&err, RC_INVALID, "the line holds a NUL byte");
    else if (answer(copy, zones, out, &err) == RC_OK)
        return;
    put_error(&err, out);
}

/* --- input as it comes --- */

void batch_clear(struct batch *b)
{
    buf_clear(&b->held);
}

static void answer_line(const struct batch *b, struct bytes line, struct buf *out)
{
    const char *text = line.data;

    if (line.len > 0 && text[line.len - 1] == '\r')
        line.len--;
    batch_answer(line, b->zones, out);
    buf_add_char(out, '\n');
}

/* What follows the last end of a line. A line that is too long is answered at once, then passed over. */
static void hold(struct batch *b, struct bytes rest, struct buf *out)
{
    if (b->is_too_long || rest.len == 0)
        return;
    buf_add(&b->held, rest.data, rest.len);
    if (b->held.len <= BATCH_LINE_MAX + 1)
        return;
    answer_line(b, buf_bytes(&b->held), out);
    buf_reset(&b->held);
    b->is_too_long = true;
}

static void finish_line(struct batch *b, struct bytes line, struct buf *out)
{
    if (b->is_too_long) {
        b->is_too_long = false;
        return;
    }
    if (b->held.len > 0) {
        buf_add(&b->held, line.data, line.len);
        line = buf_bytes(&b->held);
    }
    answer_line(b, line, out);
    buf_reset(&b->held);
}

size_t batch_take(struct batch *b, struct bytes input, struct buf *out)
{
    const char *at = input.data, *end = at + input.len, *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        finish_line(b, (struct bytes){at, (size_t)(newline - at)}, out);
        at = newline + 1;
        if (out->len >= BATCH_OUTPUT_FULL)
            return (size_t)(at - (const char *)input.data);
    }
    hold(b, (struct bytes){at, (size_t)(end - at)}, out);
    return input.len;
}

void batch_end(struct batch *b, struct buf *out)
{
    if (b->held.len > 0)
        finish_line(b, (struct bytes){NULL, 0}, out);
    b->is_too_long = false;
}
