#include "http/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *pattern, *path;
    bool fits;
    const char *params; /* "name=value " each */
} cases[] = {
    {"/v1/tasks", "/v1/tasks", true, ""},
    {"/v1/tasks", "/v1/tasks/", false, ""},
    {"/v1/tasks", "/v1", false, ""},
    {"/v1/tasks/:task", "/v1/tasks/default~a", true, "task=default~a "},
    {"/v1/tasks/:task", "/v1/tasks/default%7Ea", true, "task=default~a "},
    {"/v1/tasks/:task", "/v1/tasks/", false, ""},
    {"/v1/tasks/:task", "/v1/tasks/a/b", false, ""},
    {"/v1/tasks/:task", "/v1/tasks/a:pause", false, ""},
    {"/v1/tasks/:task:pause", "/v1/tasks/a:pause", true, "task=a "},
    {"/v1/tasks/:task:pause", "/v1/tasks/a:resume", false, ""},
    {"/v1/tasks/:task:pause", "/v1/tasks/a:pause:pause", false, ""},
    {"/v1/tasks/:task:pause", "/v1/tasks/:pause", false, ""},
    {"/v1/tasks/:task:pause", "/v1/tasks/a", false, ""},
    {"/v1/tasks/:task/revisions", "/v1/tasks/a/revisions", true, "task=a "},
    {"/v1/schedules:explain", "/v1/schedules:explain", true, ""},
    {"/a/:b/c/:d", "/a/1/c/2", true, "b=1 d=2 "},
    {"/a/:b", "/a/x%2Fy", true, "b=x/y "},
    {"/healthz", "/healthz", true, ""},
    {"/healthz", "/", false, ""},
};

static void patterns_fit_whole_paths(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct http_pair params[HTTP_SEGMENTS_MAX];
        struct http_target target;
        SCOPED_BUF text = {0};
        size_t count = 0;

        assert_int_equal(http_target_parse(cases[i].path, memory, &target, NULL), RC_OK);
        if (http_pattern_match(cases[i].pattern, &target, memory, params, &count) != cases[i].fits)
            fail_msg("%s against %s", cases[i].path, cases[i].pattern);
        for (size_t p = 0; cases[i].fits && p < count; p++)
            buf_printf(&text, "%s=%s ", params[p].name, params[p].value);
        assert_string_equal(buf_text(&text), cases[i].params);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_fit_whole_paths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
