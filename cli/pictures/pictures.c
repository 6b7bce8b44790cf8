#include "cli/pictures/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "cli/pictures/picture.h"
#include "cli/pictures/script.h"

static const char fence[] = "```", opening[] = "```timeline";

struct page {
    struct bytes rest;
    struct zoneset *zones;
    struct buf *out;
    struct arena *memory; /* of one fence */
    int number;           /* of the line */
};

/* The next line, without its end; NULL at the end of the page. */
static const char *take_line(struct page *p)
{
    const char *text = p->rest.data, *line;
    const char *end = p->rest.len == 0 ? NULL : memchr(text, '\n', p->rest.len);
    size_t len = end == NULL ? p->rest.len : (size_t)(end - text);

    if (p->rest.len == 0)
        return NULL;
    line = arena_strndup(p->memory, text, len);
    len += end != NULL;
    p->rest = (struct bytes){text + len, p->rest.len - len};
    p->number++;
    return line;
}

static enum rc fail_line(const struct page *p, struct error *err)
{
    return error_prefix(err, "line %d", p->number);
}

/* Up to the end of the fence. */
static enum rc make_picture(struct page *p, struct error *err)
{
    struct stage_script script = {.length_ms = 60000, .column_ms = 1000};
    struct stage_show show;
    const char *line = take_line(p);

    for (; line != NULL && *line != '\0' && !text_starts(line, fence); line = take_line(p)) {
        buf_printf(p->out, "%s\n", line);
        if (script_line(&script, line, p->memory, err) != RC_OK)
            return fail_line(p, err);
    }
    while (line != NULL && !text_starts(line, fence)) /* what was there before */
        line = take_line(p);
    if (line == NULL) {
        (void)error_set(err, RC_INVALID, "a fence has no end");
        return fail_line(p, err);
    }
    if (stage_play(&script, p->zones, p->memory, &show, err) != RC_OK)
        return fail_line(p, err);
    buf_add_char(p->out, '\n');
    picture_draw(&script, &show, p->out);
    buf_printf(p->out, "%s\n", line);
    free(show.notes);
    return RC_OK;
}

enum rc pictures_make(struct bytes page, struct zoneset *zones, struct buf *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct page p = {.rest = page, .zones = zones, .out = out, .memory = memory};
    const char *line;

    while ((line = take_line(&p)) != NULL) {
        bool is_picture = text_equal(line, opening);

        buf_printf(out, "%s\n", line);
        if (is_picture)
            TRY(make_picture(&p, err));
        arena_reset(memory);
    }
    return RC_OK;
}
