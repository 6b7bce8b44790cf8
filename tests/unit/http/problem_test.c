#include "http/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/reply.h"

static void says_all_that_the_error_knows(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct error err;

    error_set(&err, RC_INVALID, "minute: 60 is outside 0-59");
    (void)error_hint(&err, "write \"0\"");
    (void)snprintf(err.pointer, sizeof err.pointer, "/schedules/0/expression");
    err.column = 3;
    problem_write(&out, PROBLEM_INVALID, &err, "INVALID_SPEC");
    assert_string_equal(
        out.data,
        "{\"type\":\"urn:cronobs:problem:invalid\",\"title\":\"A value in the request is not valid\","
        "\"status\":400,\"detail\":\"minute: 60 is outside 0-59\",\"code\":\"INVALID_SPEC\","
        "\"pointer\":\"/schedules/0/expression\",\"column\":3,\"hint\":\"write \\\"0\\\"\"}");
}

static void who_a_hint_is_for_is_told_and_read(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct error err, read = {0};
    struct reply reply = {.status = 400};

    error_set(&err, RC_INVALID, "tz: there is no zone");
    (void)error_hint_http(&err, "a '+' in a URL is %%2B");
    problem_write(&out, PROBLEM_INVALID, &err, NULL);
    assert_non_null(strstr(buf_text(&out), ",\"hint_for\":\"http\"}"));
    reply.body = buf_bytes(&out);
    assert_int_equal(reply_check(&reply, &read), RC_INVALID);
    assert_true(read.hint_is_http);
    (void)error_hint(&err, "did you mean UTC?");
    out.len = 0;
    problem_write(&out, PROBLEM_INVALID, &err, NULL);
    assert_null(strstr(buf_text(&out), "hint_for"));
    reply.body = buf_bytes(&out);
    assert_int_equal(reply_check(&reply, &read), RC_INVALID);
    assert_false(read.hint_is_http);
}

static void leaves_out_what_is_not_known(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct error err;

    error_set(&err, RC_RETRY, "away");
    problem_write(&out, PROBLEM_UNAVAILABLE, &err, NULL);
    assert_string_equal(
        out.data,
        "{\"type\":\"urn:cronobs:problem:unavailable\",\"title\":\"A part that is needed is "
        "away\",\"status\":503,\"detail\":\"away\"}");
}

static void every_kind_has_a_status_with_words(void **state UNUSED)
{
    for (int k = 0; k < PROBLEM_KIND_COUNT; k++) {
        int status = problem_status((enum problem_kind)k);

        assert_string_not_equal(http_status_text(status), "Unknown");
        assert_int_equal(problem_status(problem_of_status(status)), status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_all_that_the_error_knows),
        cmocka_unit_test(who_a_hint_is_for_is_told_and_read),
        cmocka_unit_test(leaves_out_what_is_not_known),
        cmocka_unit_test(every_kind_has_a_status_with_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
