#include "cli/program/example_console.h"

#include <string.h>

#include "cli/program/example_cells.h"
#include "cli/schedule/next_batch.h"

static const char prompt[] = "$ ", batch[] = "$ cronobs next --batch <<'END'", end[] = "END";

void example_console_clear(struct example_console *c)
{
    buf_clear(&c->input);
}

/* --- standard input --- */

static void answer_input(struct example_console *c, struct zoneset *zones, struct buf *out)
{
    struct batch b = {.zones = zones};
    size_t taken = batch_take(&b, buf_bytes(&c->input), out);

    (void)taken; /* a page is no more than it takes at once */
    batch_clear(&b);
    buf_clear(&c->input);
    c->is_input = false;
}

/* --- commands --- */

typedef void (*answer_fn)(const struct ask *a, const struct ask_options *o, struct buf *out);

/* As the dispatcher says it. */
static void add_error(const char *command, const struct error *err, struct buf *out)
{
    buf_printf(out, "cronobs %s: %s\n", command, err->text);
    if (*err->hint != '\0')
        buf_printf(out, "  %s\n", err->hint);
}

static enum rc answer(const char *const *words, answer_fn print, struct zoneset *zones,
                      struct buf *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct ask_options options = {0};
    struct setting_set sets[] = {{ask_options, &options, NULL}, {NULL, NULL, NULL}};
    struct setting_input in = {.arguments = words + 2};
    struct setting_words read;
    SCOPED_ASK ask = {0};

    TRY(settings_load(sets, &in, memory, &read, err));
    TRY(ask_read(&read.operands, &options, zones, 0, &ask, err));
    print(&ask, &options, out);
    return RC_OK;
}

static enum rc run(const char *line, struct zoneset *zones, struct buf *out, struct error *err)
{
    static const struct {
        const char *name;
        answer_fn print;
    } commands[] = {{"next", ask_next}, {"explain", ask_explain}};
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char *const *words;
    struct error why = {0};

    TRY(example_words(line + strlen(prompt), memory, &words, err));
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (!text_equal(words[0], "cronobs") || !text_equal(words[1], commands[i].name))
            continue;
        if (answer(words, commands[i].print, zones, out, &why) != RC_OK)
            add_error(words[1], &why, out);
        return RC_OK;
    }
    return error_set(err, RC_INVALID, "'%.60s' is no command that a page can show", line);
}

enum rc example_console_line(struct example_console *c, const char *line, struct zoneset *zones,
                             struct buf *out, struct error *err)
{
    bool is_command = text_starts(line, prompt);

    if (c->is_input || is_command)
        buf_printf(out, "%s\n", line);
    if (c->is_input && strcmp(line, end) == 0)
        answer_input(c, zones, out);
    else if (c->is_input)
        buf_printf(&c->input, "%s\n", line);
    else if (strcmp(line, batch) == 0)
        c->is_input = true;
    else if (is_command)
        return run(line, zones, out, err);
    return RC_OK;
}
