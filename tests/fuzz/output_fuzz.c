/*
 * What a command prints. Input: one character by which its writes are cut and timed, then the bytes.
 *
 * However they come, the lines are the bytes: each with a line end behind it, unless it is unfinished. A piece that comes out
 * before its end is known parts no character for which it has not waited long enough; the level of a line is one of the four, and looking for it reads nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/worker/level.h"
#include "cli/worker/lines.h"
#include "fuzz/harness.h"

void fuzz_start(void)
{
}

/* In memory that ends where the line does. */
static void check_level(struct bytes line)
{
    char *copy = xcalloc(line.len + 1, 1);
    enum cronobs_level level = CRONOBS_LEVEL_INFO;

    memcpy(copy, line.data, line.len);
    copy = realloc(copy, MAX(line.len, (size_t)1));
    CLAIM(copy != NULL, "no memory");
    if (level_read((struct bytes){.data = copy, .len = line.len}, &level))
        CLAIM(level >= CRONOBS_LEVEL_INFO && level <= CRONOBS_LEVEL_ERROR, "level %d", (int)level);
    free(copy);
}

/* Half a character may end a piece where what follows is known to be no other half, or does not come. */
static bool may_end_there(const struct lines *l, const struct line *line, usec_t tick)
{
    size_t after = l->at + line->taken;

    return l->is_ended || tick - l->grown >= LINE_LIMIT_US ||
           utf8_whole(line->text.data, line->text.len) == line->text.len ||
           (after < l->held.len && ((uint8_t)l->held.data[after] & 0xc0) != 0x80);
}

static void collect(struct lines *l, usec_t tick, struct buf *out)
{
    struct line line;

    while (lines_next(l, tick, &line)) {
        CLAIM(line.text.len <= LINE_MAX_BYTES && line.taken > 0, "%zu bytes", line.text.len);
        CLAIM(!line.is_unfinished || may_end_there(l, &line, tick), "a character is parted");
        CLAIM(line.known.len >= line.text.len, "%zu known", line.known.len);
        check_level(line.known);
        buf_add(out, line.text.data, line.text.len);
        if (!line.is_unfinished)
            buf_add_char(out, '\n');
        lines_drop(l, line.taken);
    }
}

void fuzz_input(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    uint8_t how = input_byte(&in);
    size_t step = 1 + how % 16, len = (size_t)(in.end - in.at);
    usec_t tick = 0, pause = how / 16 * (usec_t)LINE_PATIENCE_US / 4;
    struct lines l = {0};
    SCOPED_BUF out = {0};

    for (size_t at = 0, part; at < len; at += part, tick += pause) {
        part = MIN(step, len - at);
        memcpy(lines_room(&l, part), in.at + at, part);
        lines_grow(&l, part, tick);
        collect(&l, tick + pause, &out);
        CLAIM(lines_wake(&l) > tick + pause, "due, and not given out");
    }
    l.is_ended = true;
    collect(&l, tick, &out);
    CLAIM(lines_is_empty(&l), "something is left");
    CLAIM(out.len == len && (len == 0 || memcmp(out.data, in.at, len) == 0), "other bytes");
    lines_clear(&l);
}
