/*
 * What `cronobs next --batch` reads. Input: one character by which the stream is cut in two, then the stream.
 *
 * Each line has one answer of one line, printable, of one of the three kinds; and the answers are the same however the
 * stream is cut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/schedule/next_batch.h"
#include "fuzz/harness.h"

enum { COUNT_FIELD = 3, COUNT_TIMED = 100 };

static struct zoneset *zones;

void fuzz_start(void)
{
    zones = fuzz_zones();
}

/* How many instants a line asks for; 0 when it is no line that asks. */
static long asked_for(const char *line)
{
    for (int i = 0; i < COUNT_FIELD && line != NULL; i++) {
        line = strchr(line, '\t');
        line = line == NULL ? NULL : line + 1;
    }
    return line == NULL ? 0 : strtol(line, NULL, 10);
}

/* A line that asks for many instants is right to take long: it would only hide others that are slow. */
static bool asks_for_many(struct input stream)
{
    while (stream.at < stream.end) {
        SCOPED(text) char *line = input_text(&stream, '\n');
        long count = asked_for(line);

        if (count > COUNT_TIMED && count <= BATCH_COUNT_MAX)
            return true;
    }
    return false;
}

static size_t take(struct batch *b, const char *data, size_t len, struct buf *out)
{
    size_t taken = batch_take(b, (struct bytes){data, len}, out);

    CLAIM(taken <= len && (taken == len || out->len >= BATCH_OUTPUT_FULL), "%zu of %zu taken",
          taken, len);
    return taken;
}

static void answer_stream(const char *data, size_t len, size_t cut, struct buf *out)
{
    __attribute__((cleanup(batch_clear))) struct batch b = {.zones = zones};

    for (size_t at = 0; at < cut;)
        at += take(&b, data + at, cut - at, out);
    for (size_t at = cut; at < len;)
        at += take(&b, data + at, len - at, out);
    batch_end(&b, out);
}

/* One answer, up to its '\n'. */
static void check_answer(const char *answer)
{
    int column, end = 0;

    if (text_starts(answer, "error ")) {
        CLAIM(sscanf(answer, "error %d %n", &column, &end) == 1 && column >= 0 && end > 0,
              "'%.80s'", answer);
        return;
    }
    CLAIM(text_starts(answer, "none\n") || (answer[4] == '-' && answer[10] == 'T'), "'%.80s'",
          answer);
}

static void check_answers(const struct buf *out, const char *data, size_t len)
{
    size_t lines = len > 0 && data[len - 1] != '\n', answers = 0;

    for (size_t i = 0; i < len; i++)
        lines += data[i] == '\n';
    for (const char *at = buf_text(out); *at != '\0'; at = strchr(at, '\n') + 1) {
        check_answer(at);
        answers++;
    }
    CLAIM(answers == lines, "%zu answers to %zu lines", answers, lines);
    for (size_t i = 0; i < out->len; i++)
        CLAIM(out->data[i] == '\n' || (unsigned char)out->data[i] >= ' ', "byte %d in '%s'",
              out->data[i], buf_text(out));
}

void fuzz_input(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    size_t cut = input_byte(&in), len = (size_t)(in.end - in.at);
    SCOPED_BUF whole = {0};
    SCOPED_BUF pieces = {0};

    if (len == 0 || asks_for_many(in))
        return;
    answer_stream((const char *)in.at, len, len, &whole);
    check_answers(&whole, (const char *)in.at, len);
    answer_stream((const char *)in.at, len, cut * len / 256, &pieces);
    CLAIM(text_equal(buf_text(&whole), buf_text(&pieces)), "'%s', '%s'", buf_text(&whole),
          buf_text(&pieces));
}
