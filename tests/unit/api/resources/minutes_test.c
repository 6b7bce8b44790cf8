#include "api/resources/minutes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Firings by the hour-quarter, as a text: a letter a minute would be long. '0'-'9': so many in the first minute of the quarter. */
static struct minutes quarters(const char *text, struct arena *memory)
{
    struct minutes m = minutes_new(0, (usec_t)strlen(text) * 15 * USEC_PER_MIN, memory);

    for (size_t i = 0; text[i] != '\0'; i++)
        if (text[i] != '0')
            minutes_add(&m, i * 15, &(struct minute_part){.firings = text[i] - '0', .tasks = 1});
    return m;
}

static void a_minute_keeps_what_makes_most_of_it(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct minutes m = minutes_new(0, 2 * USEC_PER_MIN, memory);
    struct timing timings[8] = {{.spec = "a"}};
    static const int64_t firings[] = {3, 9, 1, 7, 7, 2, 8, 5};
    static const size_t order[MINUTES_TOP] = {1, 6, 3, 4, 7};

    for (size_t i = 0; i < ARRAY_LEN(firings); i++)
        minutes_add(
            &m, 1, &(struct minute_part){.timing = &timings[i], .firings = firings[i], .tasks = 2});
    assert_int_equal(m.count, 2);
    assert_int_equal(m.items[0].firings, 0);
    assert_int_equal(m.items[1].firings, 42);
    assert_int_equal(m.items[1].tasks, 16);
    assert_int_equal(m.items[1].timings, 8);
    for (size_t i = 0; i < MINUTES_TOP; i++)
        assert_ptr_equal(m.items[1].top[i].timing, &timings[order[i]]);
}

static void peaks_are_the_fullest_minutes(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct minutes m = quarters("1203000456781119", memory);
    static const size_t fullest[] = {15, 11, 10, 9, 8, 7, 3, 1, 0, 12};
    size_t peaks[MINUTES_PEAKS_MAX];

    assert_int_equal(minutes_peaks(&m, 0, peaks), MINUTES_PEAKS_MAX);
    for (size_t i = 0; i < MINUTES_PEAKS_MAX; i++)
        assert_int_equal(peaks[i], fullest[i] * 15);
    assert_int_equal(minutes_peaks(&m, 15 * 15, peaks), 1);
    m = quarters("000", memory);
    assert_int_equal(minutes_peaks(&m, 0, peaks), 0);
}

static const struct quiet_case {
    const char *quarters;
    size_t since;      /* minute */
    const char *slots; /* "first-end:firings", in quarters, the quietest first */
} quiet_cases[] = {
    {"0000", 0, "0-4:0 "},
    {"1000", 0, "1-4:0 0-1:1 "},
    {"0120021000", 0, "7-10:0 3-5:0 0-1:0 1-2:1 6-7:1 "},
    {"3333", 0, "0-4:12 "},
    {"123456789", 0, "0-1:1 1-2:2 2-3:3 3-4:4 4-5:5 "},
    {"0001", 16, "2-3:0 3-4:1 "},
    {"", 0, ""},
};

static void quiet_slots_are_joined_and_the_longest_first(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(quiet_cases); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct minutes m = quarters(quiet_cases[i].quarters, memory);
        struct quiet quiet[MINUTES_QUIET_MAX];
        size_t count = minutes_quiet(&m, quiet_cases[i].since, quiet);
        SCOPED_BUF text = {0};

        for (size_t n = 0; n < count; n++)
            buf_printf(&text, "%zu-%zu:%d ", quiet[n].first / 15, quiet[n].end / 15,
                       (int)quiet[n].firings);
        assert_string_equal(buf_text(&text), quiet_cases[i].slots);
    }
}

static void what_is_met_moves_with_the_shift(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct minutes m = quarters("1529", memory);
    static const size_t fires[] = {0, 30};
    size_t at = 99;

    assert_int_equal(minutes_busiest(&m, fires, 2, 0, &at), 2);
    assert_int_equal(at, 30);
    assert_int_equal(minutes_busiest(&m, fires, 2, 15, &at), 9);
    assert_int_equal(at, 45);
    assert_int_equal(minutes_busiest(&m, fires, 2, 40, &at), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_keeps_what_makes_most_of_it),
        cmocka_unit_test(peaks_are_the_fullest_minutes),
        cmocka_unit_test(quiet_slots_are_joined_and_the_longest_first),
        cmocka_unit_test(what_is_met_moves_with_the_shift),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
