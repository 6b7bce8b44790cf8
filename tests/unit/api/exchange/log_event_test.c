#include "api/exchange/log_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct log_line_view line(int64_t seq, const char *message)
{
    return (struct log_line_view){
        .seq = seq, .level = "I", .stream = "O", .message = message, .received_at = USEC_PER_SEC};
}

static void lines_that_follow_each_other_are_one_event(void **state UNUSED)
{
    struct log_line_view lines[] = {line(7, "one"), line(8, "two")};
    SCOPED_BUF out = {0};

    lines[1].escaped = lines[1].unfinished = true;
    assert_int_equal(log_event("log:x", lines, 2, false, &out), 2);
    assert_string_equal(
        out.data,
        "{\"topic\":\"log:x\",\"from\":7,\"lines\":["
        "{\"seq\":7,\"received_at\":\"1970-01-01T00:00:01Z\",\"level\":\"INFO\",\"stream\":\"STDOUT\",\"message\":\"one\"},"
        "{\"seq\":8,\"received_at\":\"1970-01-01T00:00:01Z\",\"level\":\"INFO\",\"stream\":\"STDOUT\",\"message\":\"two\","
        "\"escaped\":true,\"unfinished\":true}],\"more\":false}");
}

static void a_hole_ends_it(void **state UNUSED)
{
    struct log_line_view lines[] = {line(1, "one"), line(2, "two"), line(5, "five")};
    SCOPED_BUF out = {0};

    assert_int_equal(log_event("log:x", lines, 3, false, &out), 2);
    assert_non_null(strstr(out.data, "\"more\":true"));
    buf_reset(&out);
    assert_int_equal(log_event("log:x", lines + 2, 1, false, &out), 1);
    assert_non_null(strstr(out.data, "\"from\":5,"));
    assert_non_null(strstr(out.data, "\"more\":false"));
}

static void it_is_no_longer_than_64_kib_but_for_one_line(void **state UNUSED)
{
    static char wide[16384 + 1], wild[16384 + 1];
    struct log_line_view lines[8];
    SCOPED_BUF out = {0};

    memset(wide, 'x', sizeof wide - 1);
    memset(wild, '\033', sizeof wild - 1); /* six characters each */
    for (int i = 0; i < 8; i++)
        lines[i] = line(i, wide);
    assert_int_equal(log_event("log:x", lines, 8, false, &out), 3);
    assert_true(out.len < LOG_EVENT_MAX + 64);
    assert_non_null(strstr(out.data, "\"more\":true}"));
    lines[0].message = wild;
    buf_reset(&out);
    assert_int_equal(log_event("log:x", lines, 8, false, &out), 1);
    assert_int_equal(strncmp(out.data + out.len - 16, "\"}],\"more\":true}", 16), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_that_follow_each_other_are_one_event),
        cmocka_unit_test(a_hole_ends_it),
        cmocka_unit_test(it_is_no_longer_than_64_kib_but_for_one_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
