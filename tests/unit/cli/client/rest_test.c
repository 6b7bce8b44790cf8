#include "cli/client/rest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/rfc3339.h"

static struct call call = {.common = {.url = "http://127.0.0.1:1"}}; /* nobody is asked */

static int set_up(void **state UNUSED)
{
    call.memory = arena_new(0);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    arena_free(call.memory);
    return 0;
}

static struct rest *make(const char *zone)
{
    struct rest *r = NULL;

    assert_int_equal(rest_new(&call, zone, &r, NULL), RC_OK);
    return r;
}

static const struct instant_case {
    const char *text, *utc; /* NULL: refused */
} instant_cases[] = {
    {"2026-11-25", "2026-11-24T23:00:00Z"},
    {"2026-11-25T08:00", "2026-11-25T07:00:00Z"},
    {"2026-11-25 08:00:30", "2026-11-25T07:00:30Z"},
    {"2026-07-01", "2026-06-30T22:00:00Z"},
    {"2026-11-25T08:00:00Z", "2026-11-25T08:00:00Z"},
    {"2026-11-25T08:00:00+05:30", "2026-11-25T02:30:00Z"},
    {"2026-03-29T02:30", "2026-03-29T01:00:00Z"}, /* does not exist: the instant after the gap */
    {"", NULL},
    {"tomorrow", NULL},
    {"2026-13-01", NULL},
    {"2026-11-25T8:00", NULL},
    {"2h", NULL},
    {"-2", NULL},
    {"+", NULL},
};

static void instants_are_read_as_people_write_them(void **state UNUSED)
{
    SCOPED(rest) struct rest *r = make("Europe/Berlin");
    const char *text = "x";

    for (size_t i = 0; i < ARRAY_LEN(instant_cases); i++) {
        const struct instant_case *c = &instant_cases[i];

        assert_int_equal(rest_instant(r, "--from", c->text, &text, NULL),
                         c->utc == NULL ? RC_INVALID : RC_OK);
        if (c->utc != NULL)
            assert_string_equal(text, c->utc);
    }
    assert_int_equal(rest_instant(r, "--from", NULL, &text, NULL), RC_OK);
    assert_null(text);
}

static void a_span_counts_from_now(void **state UNUSED)
{
    SCOPED(rest) struct rest *r = make("UTC");
    usec_t now = clock_realtime(), at = 0;
    const char *text;

    assert_int_equal(rest_instant(r, "--from", "-1h30m", &text, NULL), RC_OK);
    assert_int_equal(rfc3339_parse(text, &at, NULL), RC_OK);
    assert_in_range((now - at) / USEC_PER_MIN, 89, 90);
    assert_int_equal(rest_instant(r, "--from", "+2h", &text, NULL), RC_OK);
    assert_int_equal(rfc3339_parse(text, &at, NULL), RC_OK);
    assert_in_range((at - now) / USEC_PER_MIN, 120, 121);
}

static const struct task_case {
    const char *project, *name, *suffix, *target;
} task_cases[] = {
    {"default", "a.b", ":pause", "/v1/tasks/default~a.b:pause"},
    {"default", "other~key", "", "/v1/tasks/other~key"},
    {"default", "5a665fbf-9a60-5b4e-adcd-8526b59ef519", "",
     "/v1/tasks/5a665fbf-9a60-5b4e-adcd-8526b59ef519"},
    {"p", "a/b?c", "", "/v1/tasks/p~a%2Fb%3Fc"},
};

static void a_bare_key_is_one_of_the_project(void **state UNUSED)
{
    SCOPED(rest) struct rest *r = make("UTC");

    for (size_t i = 0; i < ARRAY_LEN(task_cases); i++) {
        const struct task_case *c = &task_cases[i];
        const struct rest_task task = {c->project, c->name};
        const char *target = NULL;

        assert_int_equal(rest_task_target(r, &task, c->suffix, &target, NULL), RC_OK);
        assert_string_equal(target, c->target);
    }
}

static void a_project_is_said_once(void **state UNUSED)
{
    static const char *given[] = {"project", NULL};
    SCOPED(rest) struct rest *r = make("UTC");
    const struct rest_task whole = {"shop", "other~key"}, bare = {"shop", "key"};
    struct error err = {0};
    const char *name = NULL;

    call.options = (struct texts){given, 1};
    assert_int_equal(rest_task_name(r, &whole, &name, &err), RC_INVALID);
    assert_string_equal(err.text, "--project does not go with 'other~key', which says all");
    assert_int_equal(rest_task_name(r, &bare, &name, &err), RC_OK);
    assert_string_equal(name, "shop~key");
    call.options = (struct texts){0};
}

static void an_id_is_one(void **state UNUSED)
{
    SCOPED(rest) struct rest *r = make("UTC");
    struct error err = {0};
    const char *target = NULL;

    assert_int_equal(rest_id_target(r, "/v1/executions", "report", "/logs", &target, &err),
                     RC_INVALID);
    assert_string_equal(err.text, "ID: 'report' is no id");
    assert_string_equal(err.hint, "cronobs execution list --task report shows those of a task");
    assert_int_equal(rest_id_target(r, "/v1/executions", "5a665fbf-9a60-5b4e-adcd-8526b59ef519",
                                    "/logs", &target, &err),
                     RC_OK);
    assert_string_equal(target, "/v1/executions/5a665fbf-9a60-5b4e-adcd-8526b59ef519/logs");
}

static void a_query_holds_what_was_given(void **state UNUSED)
{
    SCOPED_QUERY query = rest_query_of("/v1/tasks");

    rest_query_add(&query, "queue", NULL);
    rest_query_add_int(&query, "limit", 0);
    assert_string_equal(buf_text(&query.text), "/v1/tasks");
    rest_query_add(&query, "label", "a:b&c");
    rest_query_add_int(&query, "limit", 5);
    assert_string_equal(buf_text(&query.text), "/v1/tasks?label=a%3Ab%26c&limit=5");
}

static void members_are_shown_in_words(void **state UNUSED)
{
    static const char text[] =
        "{\"at\":\"2026-11-24T23:30:00.5Z\",\"short\":7,\"mid\":1250,\"long\":5400999,\"zero\":0,"
        "\"key\":\"k\",\"project\":\"p\",\"odd\":\"soon\"}";
    SCOPED(rest) struct rest *r = make("Europe/Berlin");
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;

    assert_int_equal(json_doc_parse(bytes_of(text), &doc, NULL), RC_OK);
    root = json_doc_root(doc);
    assert_string_equal(rest_time(r, &root, "at"), "2026-11-25 00:30:00");
    assert_string_equal(rest_time(r, &root, "odd"), "soon");
    assert_string_equal(rest_time(r, &root, "none"), "");
    assert_string_equal(rest_duration(r, &root, "short"), "7ms");
    assert_string_equal(rest_duration(r, &root, "mid"), "1.25s");
    assert_string_equal(rest_duration(r, &root, "long"), "1h30m");
    assert_string_equal(rest_duration(r, &root, "zero"), "0ms");
    assert_string_equal(rest_duration(r, &root, "none"), "");
    assert_string_equal(rest_number(r, &root, "short"), "7");
    assert_string_equal(rest_number(r, &root, "none"), "");
    assert_string_equal(rest_key(r, &root), "p~k");
    assert_string_equal(rest_zone(r), "Europe/Berlin");
}

static void an_unknown_zone_is_refused(void **state UNUSED)
{
    struct rest *r = NULL;

    assert_int_equal(rest_new(&call, "Europe/Berlim", &r, NULL), RC_INVALID);
    assert_null(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read_as_people_write_them),
        cmocka_unit_test(a_span_counts_from_now),
        cmocka_unit_test(a_bare_key_is_one_of_the_project),
        cmocka_unit_test(a_project_is_said_once),
        cmocka_unit_test(an_id_is_one),
        cmocka_unit_test(a_query_holds_what_was_given),
        cmocka_unit_test(members_are_shown_in_words),
        cmocka_unit_test(an_unknown_zone_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
