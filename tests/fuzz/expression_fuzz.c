/*
 * An expression in any dialect. Input: two characters of options (harness.h), one that picks an instant, the text.
 *
 * What is accepted must survive the way to its canonical text and back, be sayable, and agree with itself about
 * when it is due; what is refused must say where.
 */
#include <string.h>

#include "fuzz/harness.h"

enum { CHANGES = 3 };

#define YEAR_AND_A_BIT (400 * USEC_PER_DAY)

static struct zoneset *zones;

void fuzz_start(void)
{
    zones = fuzz_zones();
}

static void check_error(const struct error *err, size_t len)
{
    CLAIM(err->rc == RC_INVALID && err->text[0] != '\0', "rc %d", (int)err->rc);
    CLAIM(err->column >= 0 && (size_t)err->column <= len + 1, "column %d of %zu: %s", err->column,
          len, err->text);
}

static void check_lints(const struct lints *lints, size_t len)
{
    unsigned seen = 0;

    for (size_t i = 0; i < lints->count; i++) {
        const struct lint *l = &lints->list[i];

        CLAIM(l->column >= 0 && (size_t)l->column <= len, "column %d of %zu", l->column, len);
        CLAIM(!(seen >> l->code & 1) && l->text[0] != '\0', "lint %s", lint_code_name(l->code));
        seen |= 1U << l->code;
    }
}

/* parse(format(s)) = s, and that has the same text. */
static void check_format(const struct schedule *s, const struct schedule_options *options)
{
    SCOPED(schedule) struct schedule *again = NULL;
    SCOPED_BUF text = {0};
    SCOPED_BUF twice = {0};
    struct error err = {0};

    schedule_format(s, &text);
    CLAIM(schedule_parse(buf_text(&text), options, zones, NULL, &again, &err) == RC_OK, "'%s': %s",
          buf_text(&text), err.text);
    CLAIM(schedule_equal(s, again), "'%s'", buf_text(&text));
    schedule_format(again, &twice);
    CLAIM(text_equal(buf_text(&text), buf_text(&twice)), "'%s', '%s'", buf_text(&text),
          buf_text(&twice));
}

static void check_words(const struct schedule *s)
{
    SCOPED_BUF words = {0};

    schedule_describe(s, &words);
    CLAIM(words.len > 0, "no description");
    for (size_t i = 0; i < words.len; i++)
        CLAIM(words.data[i] >= ' ' && words.data[i] <= '~', "byte %d in '%s'", words.data[i],
              buf_text(&words));
}

/* Those of a year and a bit, as whoever saves a schedule is told. */
static void check_changes(const struct schedule *s, usec_t after)
{
    const usec_t until = MIN(after, USEC_MAX - YEAR_AND_A_BIT) + YEAR_AND_A_BIT;
    struct clock_change c;

    for (int i = 0; i < CHANGES && schedule_next_change(s, after, until, &c) == RC_OK; i++) {
        SCOPED_BUF words = {0};

        CLAIM(c.at > after && c.at <= until, "%lld after %lld", (long long)c.at, (long long)after);
        clock_change_describe(&c, &words);
        CLAIM(words.len > 0, "no description");
        after = c.at;
    }
}

void fuzz_input(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    struct schedule_options options = input_options(&in);
    usec_t after = fuzz_instant(input_byte(&in));
    SCOPED(text) char *text = input_text(&in, '\0');
    SCOPED(schedule) struct schedule *s = NULL;
    struct lints lints;
    struct error err = {0};

    if (schedule_parse(text, &options, zones, &lints, &s, &err) != RC_OK) {
        check_error(&err, strlen(text));
        return;
    }
    check_lints(&lints, strlen(text));
    check_format(s, &options);
    check_words(s);
    check_changes(s, after);
    check_instants(s, after);
}
