#include "cli/demo/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

enum { BAR_WIDTH = 28, PAUSE_MS = 41000 };

struct printing {
    const struct story_run *run;
    uint64_t seed;
    struct arena *memory;
    struct story_line *items;
    size_t count, capacity;
};

static const struct dress { /* of a level; by voice, what stands before the text and behind it */
    char level;
    enum log_line_level as;
    enum log_stream stream;
    const char *json, *logger, *plain, *colour, *colour_end;
} dresses[] = {
    {'I', LINE_INFO, STREAM_STDOUT, "info", "INFO  ", "", "\x1b[32m\xe2\x9c\x94\x1b[0m ", ""},
    {'D', LINE_DEBUG, STREAM_STDOUT, "debug", "DEBUG ", "debug: ", "\x1b[2mDEBUG ", "\x1b[0m"},
    {'W', LINE_WARN, STREAM_STDERR, "warn", "WARN  ", "warning: ", "\x1b[1;33mWARN\x1b[0m  ", ""},
    {'E', LINE_ERROR, STREAM_STDERR, "error", "ERROR ", "error: ", "\x1b[1;31mERROR\x1b[0m ", ""},
};

/* "{3-9}", "{i}", "{n}" at *at, which moves behind it. */
static void add_number(struct printing *p, const char **at, int i, int n, struct buf *out)
{
    char *end;
    long low, high;

    (*at)++;
    if (**at == 'i' || **at == 'n') {
        buf_printf(out, "%d", **at == 'i' ? i : n);
        *at += 2;
        return;
    }
    low = strtol(*at, &end, 10);
    high = strtol(end + 1, &end, 10);
    buf_printf(out, "%ld", low + (long)story_draw(&p->seed, (uint64_t)(high - low + 1)));
    *at = end + 1;
}

static void add_text(struct printing *p, const struct story_step *step, int i, struct buf *out)
{
    for (const char *at = step->text; *at != '\0';) {
        if (*at == '{')
            add_number(p, &at, i, step->times, out);
        else
            buf_add_char(out, *at++);
    }
}

static void add(struct printing *p, const struct story_line *line)
{
    p->items = array_grow(p->items, p->count, &p->capacity, sizeof *p->items);
    p->items[p->count++] = *line;
}

static void add_json(struct printing *p, const struct dress *d, const char *text, struct buf *out)
{
    struct json j = json_into(out);

    json_open_object(&j);
    json_add_text(&j, "level", d->json);
    json_add_text(&j, "msg", text);
    json_add_text(&j, "job", p->run->task->key);
    json_close_object(&j);
}

static void add_dressed(struct printing *p, const struct dress *d, const char *text)
{
    SCOPED_BUF out = {0};

    if (p->run->task->voice == VOICE_JSON)
        add_json(p, d, text, &out);
    else if (p->run->task->voice == VOICE_LOGGER)
        buf_printf(&out, "%s%s", d->logger, text);
    else if (p->run->task->voice == VOICE_PLAIN)
        buf_printf(&out, "%s%s", d->plain, text);
    else
        buf_printf(&out, "%s%s%s", d->colour, text, d->colour_end);
    add(p, &(struct story_line){.level = d->as,
                                .stream = d->stream,
                                .text = arena_strdup(p->memory, buf_text(&out))});
}

static void add_bar(struct printing *p, const struct story_step *step, int i)
{
    int full = BAR_WIDTH * i / step->times;
    SCOPED_BUF out = {0};

    buf_add_char(&out, '[');
    for (int n = 0; n < BAR_WIDTH; n++)
        buf_add_char(&out, n < full ? '#' : '.');
    buf_printf(&out, "] %3d %% of %s%s", 100 * i / step->times, step->text,
               i < step->times ? "\r" : "");
    add(p, &(struct story_line){.stream = STREAM_STDOUT,
                                .text = arena_strdup(p->memory, buf_text(&out)),
                                .is_unfinished = i < step->times});
}

static void add_step(struct printing *p, const struct story_step *step, int i)
{
    SCOPED_BUF text = {0};

    if (step->level == 'P') {
        add_bar(p, step, i);
        return;
    }
    add_text(p, step, i, &text);
    for (size_t n = 0; n < ARRAY_LEN(dresses); n++)
        if (dresses[n].level == step->level)
            add_dressed(p, &dresses[n], buf_text(&text));
    if (step->level == 'T')
        add(p, &(struct story_line){.stream = STREAM_STDERR,
                                    .text = arena_strdup(p->memory, buf_text(&text))});
}

static void add_steps(struct printing *p, const struct story_step *steps)
{
    for (; steps->text != NULL; steps++)
        for (int i = 1; i <= steps->times; i++)
            add_step(p, steps, i);
}

/* A run that fails or hangs gets so far. A bar that was cut off ends its line. */
static void cut(struct printing *p)
{
    size_t percent = 30 + story_draw(&p->seed, 60);

    p->count = MAX(p->count * percent / 100, (size_t)1);
    p->items[p->count - 1].is_unfinished = false;
}

/* Evenly, the last words at the end, those of a run that hangs far apart. */
static void spread(struct printing *p, size_t said)
{
    int64_t length = p->run->run_ms;

    for (size_t i = 0; i < p->count; i++) {
        struct story_line *line = &p->items[i];

        if (i < said)
            line->after_ms = length * (int64_t)i / (int64_t)(said + 1) + 30;
        else if (p->run->hangs)
            line->after_ms = length + PAUSE_MS * (int64_t)(i - said) / 2;
        else
            line->after_ms = MAX(length - (int64_t)(p->count - i), 30);
    }
}

struct story_line *story_lines(const struct story_run *run, int64_t stopped_ms,
                               struct arena *memory, size_t *ret_count)
{
    struct printing p = {.run = run, .seed = run->seed, .memory = memory};
    struct story_line *ret;
    size_t said;

    add_steps(&p, run->task->steps);
    if (run->fails || run->hangs)
        cut(&p);
    said = p.count;
    if (run->last_words != NULL)
        add_steps(&p, run->last_words);
    spread(&p, said);
    while (p.count > 0 && p.items[p.count - 1].after_ms > stopped_ms)
        p.count--;
    ret = arena_memdup(memory, p.items, p.count * sizeof *ret);
    free(p.items);
    *ret_count = p.count;
    return ret;
}
