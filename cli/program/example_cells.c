#include "cli/program/example_cells.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cli/shared/instant.h"
#include "cron/frequency.h"
#include "model/schedule_json.h"

struct row { /* what a cell is made of */
    const struct ask_options *options;
    const struct ask *ask;   /* its schedule is NULL when the expression is wrong */
    const struct error *err; /* then this says why */
};

typedef void (*cell_fn)(const struct row *r, struct buf *out);

struct example_column {
    const char *heading; /* how the heading of the column begins */
    cell_fn make;        /* NULL: it is read, into the text of ask_options at `offset` */
    size_t offset;
};

/* --- cells that are made --- */

static void add_code(const char *text, struct buf *out)
{
    buf_printf(out, "`%s`", text);
}

/* Without ", Europe/Berlin": it is the table's zone. */
static void make_meaning(const struct row *r, struct buf *out)
{
    SCOPED_BUF words = {0};
    SCOPED(text) char *zone = xasprintf(", %s", schedule_zone(r->ask->schedule));
    size_t len = strlen(zone);

    schedule_describe(r->ask->schedule, &words);
    if (words.len > len && strcmp(words.data + words.len - len, zone) == 0)
        words.len -= len;
    buf_add(out, words.data, words.len);
}

static void make_canonical(const struct row *r, struct buf *out)
{
    SCOPED_BUF text = {0};

    schedule_format(r->ask->schedule, &text);
    add_code(buf_text(&text), out);
}

static void make_class(const struct row *r, struct buf *out)
{
    buf_add_text(out, schedule_is_interval(r->ask->schedule) ? "interval-like" : "fixed-time");
}

/* "Sun 2027-03-28 03:00 +02:00 (moved)", on the schedule's clock; its offset from UTC where that matters. */
static void add_instant(const struct occurrence *o, bool with_offset, struct buf *out)
{
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const marks[] = {"", " (moved)", " (repeated)"};
    usec_t wall = o->at + o->offset * USEC_PER_SEC;
    struct civil c = civil_of(wall);
    char text[RFC3339_TEXT];

    buf_printf(out, "%s %04d-%02d-%02d %02d:%02d", weekdays[(wall / USEC_PER_DAY + 4) % 7], c.year,
               c.month, c.day, c.hour, c.minute);
    if (c.second != 0)
        buf_printf(out, ":%02d", c.second);
    if (with_offset)
        buf_printf(out, " %s", strpbrk(rfc3339_format_local(o->at, o->offset, text) + 19, "+-"));
    buf_add_text(out, marks[o->dst]);
}

static void make_list(const struct row *r, bool with_offset, struct buf *out)
{
    struct occurrence o = {.at = r->ask->from};
    int count = 0;

    for (; count < ask_count(r->options) && schedule_next(r->ask->schedule, o.at, &o) == RC_OK;
         count++) {
        buf_add_text(out, count > 0 ? "<br>" : "");
        add_instant(&o, with_offset, out);
    }
    if (count == 0)
        buf_add_text(out, "none");
}

static void make_next(const struct row *r, struct buf *out)
{
    make_list(r, false, out);
}

static void make_next_offset(const struct row *r, struct buf *out)
{
    make_list(r, true, out);
}

static void make_how_often(const struct row *r, struct buf *out)
{
    struct frequency f = frequency_of(r->ask->schedule, r->ask->from);

    buf_printf(out, "%lld a day, %lld a month, %lld a year", (long long)f.per_day,
               (long long)f.per_month, (long long)f.per_year);
}

static void make_changes(const struct row *r, struct buf *out)
{
    usec_t until = schedule_year_after(r->ask->from);
    struct clock_change c = {.at = r->ask->from};
    size_t before = out->len;

    while (schedule_next_change(r->ask->schedule, c.at, until, &c) == RC_OK) {
        buf_add_text(out, out->len > before ? "<br>" : "");
        clock_change_describe(&c, out);
    }
    if (out->len == before)
        buf_add_text(out, "none");
}

static void make_lints(const struct row *r, struct buf *out)
{
    const struct lints *lints = &r->ask->lints;

    for (size_t i = 0; i < lints->count; i++)
        buf_printf(out, "%s`%s`: %s", i > 0 ? "<br>" : "", lint_code_name(lints->list[i].code),
                   lints->list[i].text);
    if (lints->count == 0)
        buf_add_text(out, "none");
}

/* The text as it was before a mark was put under the expression. */
static void make_error(const struct row *r, struct buf *out)
{
    if (r->ask->schedule != NULL) {
        buf_add_text(out, "none");
        return;
    }
    buf_printf(out, "column %d: %.*s", r->err->column, (int)strcspn(r->err->text, "\n"),
               r->err->text);
    if (*r->err->hint != '\0')
        buf_printf(out, "<br>%s", r->err->hint);
}

/* clang-format off */
static const struct example_column columns[] = { /* the first whose heading fits */
    {"expression",         NULL,             0},
    {"zone",               NULL,             offsetof(struct ask_options, zone)},
    {"dialect",            NULL,             offsetof(struct ask_options, dialect)},
    {"dst_gap",            NULL,             offsetof(struct ask_options, dst_gap)},
    {"dst_overlap",        NULL,             offsetof(struct ask_options, dst_overlap)},
    {"from",               NULL,             offsetof(struct ask_options, from)},
    {"meaning",            make_meaning,     0},
    {"canonical",          make_canonical,   0},
    {"class",              make_class,       0},
    {"next with offset",   make_next_offset, 0},
    {"next",               make_next,        0},
    {"how often",          make_how_often,   0},
    {"clock changes",      make_changes,     0},
    {"lints",              make_lints,       0},
    {"error",              make_error,       0},
};
/* clang-format on */

/* --- reading tables --- */

enum rc example_words(const char *text, struct arena *memory, const char *const **ret,
                      struct error *err)
{
    const char **words = arena_alloc(memory, (strlen(text) + 2) * sizeof(const char *));
    size_t count = 0;

    for (;;) {
        char quote = ' ';
        size_t len;

        text += strspn(text, " ");
        if (*text == '\0')
            break;
        if (*text == '\'' || *text == '"')
            quote = *text++;
        len = strcspn(text, (char[]){quote, '\0'});
        if (quote != ' ' && text[len] == '\0')
            return error_set(err, RC_INVALID, "a quote is not closed");
        words[count++] = arena_strndup(memory, text, len);
        text += len + (quote != ' ');
    }
    *ret = words;
    return RC_OK;
}

enum rc example_table_start(struct example_table *t, const char *options, struct arena *memory,
                            struct error *err)
{
    struct setting_set sets[] = {{ask_options, &t->options, NULL}, {NULL, NULL, NULL}};
    struct setting_input in = {0};
    struct setting_words words;

    *t = (struct example_table){0};
    TRY(example_words(options, memory, &in.arguments, err));
    return settings_load(sets, &in, memory, &words, err);
}

/* The cells of a row, without the blanks around them; `\|` is no border. */
static enum rc split(const char *line, struct arena *memory, char *cells[EXAMPLE_COLUMNS_MAX],
                     size_t *ret_count, struct error *err)
{
    size_t count = 0;

    for (const char *at = line + 1; *at != '\0' && strcmp(at, " ") != 0;) {
        const char *end = at, *from, *to;

        while (*end != '\0' && !(*end == '|' && end[-1] != '\\'))
            end++;
        for (from = at; from < end && *from == ' ';)
            from++;
        for (to = end; to > from && to[-1] == ' ';)
            to--;
        if (count == EXAMPLE_COLUMNS_MAX)
            return error_set(err, RC_INVALID, "more than %d columns", EXAMPLE_COLUMNS_MAX);
        cells[count++] = arena_strndup(memory, from, (size_t)(to - from));
        at = end + (*end == '|');
    }
    *ret_count = count;
    return RC_OK;
}

static const struct example_column *column_of(const char *heading)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        if (text_starts(heading, columns[i].heading))
            return &columns[i];
    return NULL;
}

enum rc example_table_heading(struct example_table *t, const char *line, struct arena *memory,
                              struct error *err)
{
    char *cells[EXAMPLE_COLUMNS_MAX];

    if (*line != '|')
        return error_set(err, RC_INVALID, "the heading of a table is missing after the mark");
    TRY(split(line, memory, cells, &t->count, err));
    for (size_t i = 0; i < t->count; i++)
        t->columns[i] = column_of(cells[i]);
    return RC_OK;
}

/* What stands between backquotes; the cell itself where there are none. `\|` is a bar. */
static const char *code_of(const char *cell, struct arena *memory)
{
    size_t len = strlen(cell);
    char *text;

    if (len >= 2 && cell[0] == '`' && cell[len - 1] == '`')
        cell = arena_strndup(memory, cell + 1, len - 2);
    text = arena_strdup(memory, cell);
    for (char *bar = text; (bar = strstr(bar, "\\|")) != NULL;)
        memmove(bar, bar + 1, strlen(bar));
    return text;
}

static enum rc read_row(const struct example_table *t, char *const *cells, struct arena *memory,
                        struct ask_options *options, const char **ret_expression)
{
    *ret_expression = NULL;
    for (size_t i = 0; i < t->count; i++) {
        const struct example_column *c = t->columns[i];

        if (c == NULL || c->make != NULL)
            continue;
        if (c == &columns[0])
            *ret_expression = code_of(cells[i], memory);
        else if (*cells[i] != '\0')
            memcpy((char *)options + c->offset, &(const char *){code_of(cells[i], memory)},
                   sizeof(const char *));
    }
    return *ret_expression == NULL ? RC_NOT_FOUND : RC_OK;
}

/* A bar in what is made would be a border. */
static void add_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
}

static void add_row(const struct example_table *t, char *const *cells, const struct row *r,
                    struct buf *out)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct example_column *c = t->columns[i];
        SCOPED_BUF made = {0};

        if (c == NULL || c->make == NULL) {
            buf_printf(out, "| %s ", cells[i]);
            continue;
        }
        if (c->make == make_error || r->ask->schedule != NULL)
            c->make(r, &made);
        buf_add_text(out, "| ");
        add_cell(out, buf_text(&made));
        buf_add_char(out, ' ');
    }
    buf_add_text(out, "|\n");
}

static bool shows_errors(const struct example_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->columns[i] != NULL && t->columns[i]->make == make_error)
            return true;
    return false;
}

/* What counts as now: where the row begins, as if that were UTC. */
static usec_t now_of(const struct ask_options *options)
{
    struct zone *utc = zone_utc();
    usec_t now = 0;

    if (options->from != NULL && instant_parse(options->from, utc, 0, &now, NULL) != RC_OK)
        now = 0; /* ask_read says what is wrong with it */
    zone_unref(utc);
    return now;
}

enum rc example_table_row(const struct example_table *t, const char *line, struct zoneset *zones,
                          struct buf *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct ask_options options = t->options;
    char *cells[EXAMPLE_COLUMNS_MAX];
    struct texts operands = {.count = 1};
    const char *expression;
    SCOPED_ASK ask = {0};
    struct error why = {0};
    size_t count;
    enum rc rc;

    TRY(split(line, memory, cells, &count, err));
    if (count != t->count || read_row(t, cells, memory, &options, &expression) != RC_OK)
        return error_set(err, RC_INVALID, "a row without expression, or with other columns");
    operands.items = &expression;
    rc = ask_read(&operands, &options, zones, now_of(&options), &ask, &why);
    if (rc != RC_OK && (!shows_errors(t) || why.column == 0))
        return error_set(err, RC_INVALID, "%s: %s", expression, why.text);
    add_row(t, cells, &(struct row){&options, &ask, &why}, out);
    return RC_OK;
}
