#include "api/routes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/session.h"

/*
 * docs/http-api.md holds the table of resources as this program writes it: run it with --write
 * after a change.
 */

#define DOCUMENT COBS_SOURCE_DIR "/docs/http-api.md"

static const char begin_mark[] =
    "<!-- routes: written by tests/unit/api/routes_test.c --write -->\n";
static const char end_mark[] = "<!-- end of routes -->\n";
static bool is_writing;

static void write_table(struct buf *out)
{
    buf_add_text(out, "| method | resource | parameters | what |\n|---|---|---|---|\n");
    for (const struct http_route *r = api_routes; r->pattern != NULL; r++)
        buf_printf(out, "| %s | `%s` | %s | %s |\n", http_method_name(r->method), r->pattern,
                   r->query == NULL || text_equal(r->query, "*") ? "" : r->query, r->summary);
}

static void read_document(struct buf *out)
{
    FILE *f = fopen(DOCUMENT, "r");
    char chunk[4096];
    size_t len;

    assert_non_null(f);
    while ((len = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(out, chunk, len);
    (void)fclose(f);
}

static void the_document_lists_every_resource(void **state UNUSED)
{
    SCOPED_BUF table = {0};
    SCOPED_BUF text = {0};
    const char *begin, *end;

    write_table(&table);
    read_document(&text);
    begin = strstr(buf_text(&text), begin_mark);
    end = strstr(buf_text(&text), end_mark);
    assert_true(begin != NULL && end != NULL && begin < end);
    begin += strlen(begin_mark);
    if (is_writing) {
        FILE *f = fopen(DOCUMENT, "w");

        assert_non_null(f);
        (void)fprintf(f, "%.*s%s%s", (int)(begin - text.data), text.data, table.data, end);
        (void)fclose(f);
        return;
    }
    assert_int_equal(end - begin, table.len);
    assert_memory_equal(begin, table.data, table.len);
}

static void every_route_finds_itself(void **state UNUSED)
{
    for (const struct http_route *r = api_routes; r->pattern != NULL; r++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct http_pair params[HTTP_SEGMENTS_MAX];
        SCOPED_BUF path = {0};
        struct http_target target;
        size_t count = 0, matches = 0;

        for (const char *c = r->pattern; *c != '\0'; c++) /* ":task" becomes "task" */
            if (*c != ':' || c[-1] != '/')
                buf_add_char(&path, *c);
        assert_int_equal(http_target_parse(path.data, memory, &target, NULL), RC_OK);
        for (const struct http_route *other = api_routes; other->pattern != NULL; other++)
            matches += other->method == r->method &&
                       http_pattern_match(other->pattern, &target, memory, params, &count);
        if (matches != 1)
            fail_msg("%s fits %zu routes", path.data, matches);
    }
}

static void every_route_is_whole(void **state UNUSED)
{
    for (const struct http_route *r = api_routes; r->pattern != NULL; r++) {
        assert_int_equal(r->pattern[0], '/');
        assert_non_null(r->handler);
        assert_int_equal(r->summary[strlen(r->summary) - 1], '.');
    }
}

static size_t routes_of(const struct session_action *a)
{
    size_t count = 0;

    for (const struct http_route *r = api_routes; r->pattern != NULL; r++)
        count += r->method == a->method && text_equal(r->pattern, a->pattern);
    return count;
}

static size_t actions_of(const struct http_route *r)
{
    size_t count = 0;

    for (const struct session_action *a = session_actions; a->name != NULL; a++)
        count += r->method == a->method && text_equal(r->pattern, a->pattern);
    return count;
}

static void an_action_is_a_route_that_writes_and_each_of_those_is_one(void **state UNUSED)
{
    for (const struct session_action *a = session_actions; a->name != NULL; a++)
        if (routes_of(a) != 1)
            fail_msg("the action %s is no route", a->name);
    for (const struct http_route *r = api_routes; r->pattern != NULL; r++)
        if (actions_of(r) != (r->access == ACCESS_WRITE))
            fail_msg("%s %s: %zu actions", http_method_name(r->method), r->pattern, actions_of(r));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_lists_every_resource),
        cmocka_unit_test(every_route_finds_itself),
        cmocka_unit_test(every_route_is_whole),
        cmocka_unit_test(an_action_is_a_route_that_writes_and_each_of_those_is_one),
    };

    is_writing = argc > 1 && strcmp(argv[1], "--write") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
