#include "cli/program/examples.h"

#include <string.h>

#include "base/arena.h"
#include "cli/program/example_cells.h"
#include "cli/program/example_console.h"

static const char table_mark[] = "<!-- examples:", mark_end[] = "-->";

enum state { STATE_TEXT, STATE_HEADING, STATE_RULE, STATE_ROWS, STATE_CONSOLE };

struct page {
    struct bytes rest;
    struct zoneset *zones;
    struct buf *out;
    struct arena *memory; /* of the page */
    enum state state;
    struct example_table table;
    struct example_console console;
    int number; /* of the line */
};

/* The next line, without its end; false at the end of the page. */
static bool take_line(struct page *p, char **ret)
{
    const char *text = p->rest.data;
    const char *end = p->rest.len == 0 ? NULL : memchr(text, '\n', p->rest.len);
    size_t len = end == NULL ? p->rest.len : (size_t)(end - text);

    if (p->rest.len == 0)
        return false;
    *ret = arena_strndup(p->memory, text, len);
    len += end != NULL;
    p->rest = (struct bytes){text + len, p->rest.len - len};
    p->number++;
    return true;
}

static void keep(struct page *p, const char *line)
{
    buf_printf(p->out, "%s\n", line);
}

static enum rc start_table(struct page *p, const char *line, struct error *err)
{
    const char *from = line + strlen(table_mark), *to = strstr(from, mark_end);

    keep(p, line);
    if (to == NULL)
        return error_set(err, RC_INVALID, "the mark does not end in %s", mark_end);
    p->state = STATE_HEADING;
    return example_table_start(&p->table, arena_strndup(p->memory, from, (size_t)(to - from)),
                               p->memory, err);
}

static enum rc take_text(struct page *p, const char *line, struct error *err)
{
    if (text_starts(line, table_mark))
        return start_table(p, line, err);
    keep(p, line);
    if (strcmp(line, "```console") == 0) {
        p->state = STATE_CONSOLE;
        p->console = (struct example_console){0};
    }
    return RC_OK;
}

static enum rc take_heading(struct page *p, const char *line, struct error *err)
{
    keep(p, line);
    if (*line == '\0')
        return RC_OK;
    p->state = STATE_RULE;
    return example_table_heading(&p->table, line, p->memory, err);
}

static enum rc take_row(struct page *p, const char *line, struct error *err)
{
    if (*line == '|')
        return example_table_row(&p->table, line, p->zones, p->out, err);
    p->state = STATE_TEXT;
    return take_text(p, line, err);
}

static enum rc take_console(struct page *p, const char *line, struct error *err)
{
    if (strcmp(line, "```") == 0) {
        if (p->console.is_input)
            return error_set(err, RC_INVALID, "END is missing");
        p->state = STATE_TEXT;
        keep(p, line);
        return RC_OK;
    }
    return example_console_line(&p->console, line, p->zones, p->out, err);
}

static enum rc take(struct page *p, const char *line, struct error *err)
{
    switch (p->state) {
    case STATE_TEXT:
        return take_text(p, line, err);
    case STATE_HEADING:
        return take_heading(p, line, err);
    case STATE_RULE:
        keep(p, line);
        p->state = STATE_ROWS;
        return RC_OK;
    case STATE_ROWS:
        return take_row(p, line, err);
    case STATE_CONSOLE:
        break;
    }
    return take_console(p, line, err);
}

enum rc examples_make(struct bytes page, struct zoneset *zones, struct buf *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct page p = {.rest = page, .zones = zones, .out = out, .memory = memory};
    enum rc rc = RC_OK;
    char *line;

    while (rc == RC_OK && take_line(&p, &line))
        rc = take(&p, line, err);
    if (rc == RC_OK && p.console.is_input)
        rc = error_set(err, RC_INVALID, "END is missing");
    example_console_clear(&p.console);
    return rc == RC_OK ? RC_OK : error_prefix(err, "line %d", p.number);
}
