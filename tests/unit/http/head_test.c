#include "http/head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static char bytes[20000];

/* Finds and parses the head at the start of text; answers the status of a refusal, 0 when it is
   fine, -1 when it is cut. */
static int parse(const char *text, size_t len, struct http_head *ret)
{
    size_t scanned = 0, head = 0;
    struct error err = {0};
    int status = 0;

    assert_true(len < sizeof bytes);
    memcpy(bytes, text, len);
    if (http_head_length(bytes, len, &scanned, &head, &status, &err) != RC_OK) {
        assert_true(err.text[0] != '\0');
        return status;
    }
    if (head == 0)
        return -1;
    if (http_head_parse(bytes, head, ret, &status, &err) != RC_OK) {
        assert_true(err.text[0] != '\0');
        return status;
    }
    return 0;
}

static void reads_method_target_and_fields(void **state UNUSED)
{
    static const char text[] =
        "PUT /v1/tasks/a?b=c HTTP/1.1\r\nHost: localhost\r\nX-Empty:\r\n"
        "content-length: \t12 \r\nExpect: 100-continue\r\n\r\nbody";
    struct http_head head;

    assert_int_equal(parse(text, sizeof text - 1, &head), 0);
    assert_int_equal(head.method, HTTP_PUT);
    assert_string_equal(head.target, "/v1/tasks/a?b=c");
    assert_string_equal(head.host, "localhost");
    assert_string_equal(http_head_find(&head, "x-empty"), "");
    assert_null(http_head_find(&head, "X-None"));
    assert_int_equal(head.content_length, 12);
    assert_true(head.keep_alive && head.expects_continue && !head.is_chunked);
}

static void the_old_version_closes_and_needs_no_host(void **state UNUSED)
{
    struct http_head head;

    assert_int_equal(parse("GET / HTTP/1.0\r\n\r\n", 18, &head), 0);
    assert_false(head.keep_alive);
    assert_int_equal(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", 46, &head), 0);
    assert_false(head.keep_alive);
}

#define HOST "Host: a\r\n"

/* What names the server in its target goes before its Host field (RFC 9112, 3.2.2). */
static void a_target_may_name_the_server(void **state UNUSED)
{
    static const struct {
        const char *target, *host, *rest;
    } rows[] = {
        {"http://b:80/v1/tasks?x=y", "b:80", "/v1/tasks?x=y"},
        {"HTTP://[::1]:8080/", "[::1]:8080", "/"},
        {"http://b", "b", "/"},
        {"http://b?x=y", "b", "/?x=y"},
        {"http://b//c", "b", "//c"},
        {"/v1/tasks", "a", "/v1/tasks"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SCOPED(text) char *text = xasprintf("GET %s HTTP/1.1\r\n" HOST "\r\n", rows[i].target);
        struct http_head head;

        assert_int_equal(parse(text, strlen(text), &head), 0);
        assert_string_equal(head.target, rows[i].rest);
        assert_string_equal(head.host, rows[i].host);
    }
}

static void lists_are_read_whole(void **state UNUSED)
{
    static const struct {
        const char *fields;
        bool keeps_alive, expects_continue;
    } rows[] = {
        {"Connection: keep-alive, close\r\n", false, false},
        {"Connection: TE\r\nConnection: Close\r\n", false, false},
        {"Connection: closed, \"close\"\r\n", true, false},
        {"Connection:\r\nExpect:\r\n", true, false},
        {"Expect: , 100-Continue ,\r\n", true, true},
        {"Expect: 100-continue\r\nExpect: 100-continue\r\n", true, true},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        SCOPED(text) char *text = xasprintf("GET / HTTP/1.1\r\n" HOST "%s\r\n", rows[i].fields);
        struct http_head head;

        assert_int_equal(parse(text, strlen(text), &head), 0);
        assert_int_equal(head.keep_alive, rows[i].keeps_alive);
        assert_int_equal(head.expects_continue, rows[i].expects_continue);
    }
}

static void members_of_a_list_end_at_commas_that_are_not_quoted(void **state UNUSED)
{
    const char *at = " , a;b=\"x, \\\" y\" ,\tc = d,,";
    struct bytes member;

    assert_true(http_list_next(&at, &member));
    assert_int_equal(member.len, strlen("a;b=\"x, \\\" y\""));
    assert_true(http_list_next(&at, &member));
    assert_memory_equal(member.data, "c = d", member.len);
    assert_int_equal(member.len, 5);
    assert_false(http_list_next(&at, &member));
    at = "\"open, end";
    assert_true(http_list_next(&at, &member));
    assert_int_equal(member.len, 10);
    assert_false(http_list_next(&at, &member));
}

/* One line per malformed form; evhttp 2.1.12 lets most of them pass. */
static const struct {
    const char *text;
    size_t len; /* 0: strlen */
    int status;
} refusals[] = {
    {"GET / HTTP/1.1\r\n\r\n", 0, 400},                               /* no Host */
    {"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400}, /* unknown to 1.0 */
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 0, 400},                  /* two */
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 0, 400},                   /* a blank before the colon */
    {"GET / HTTP/1.1\r\n" HOST ": v\r\n\r\n", 0, 400},                /* no name */
    {"GET / HTTP/1.1\r\n" HOST "X\r\n\r\n", 0, 400},                  /* no colon */
    {"GET / HTTP/1.1\r\n" HOST "X: a\r\n folded\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: +4\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 0x3\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400},
    {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 0, 501},
    {"GET / HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n", 36, 400},
    {"GET / HTTP/1.1\r\n" HOST "X: a\x01"
     "b\r\n\r\n",
     0, 400},
    {"GET / HTTP/1.1\nHost: a\n\n", 0, 400}, /* bare LF */
    {"GET / HTTP/1.1\r\n" HOST "X: a\n\r\n", 0, 400},
    {"\r\nGET / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET /\r\n" HOST "\r\n", 0, 400},
    {"GET  / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET / HTTP/1.1 \r\n" HOST "\r\n", 0, 505},
    {"GET / HTTP/2.0\r\n" HOST "\r\n", 0, 505},
    {"GET / FTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET https://a/ HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET http:/a HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET http:///a HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET http://u@a/ HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET http://a/#b HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET http://a/ HTTP/1.1\r\n\r\n", 0, 400}, /* no Host all the same */
    {"GET / HTTP/1.1\r\n" HOST "Expect: foo\r\n\r\n", 0, 417},
    {"GET / HTTP/1.1\r\n" HOST "Expect: 100-continue, foo\r\n\r\n", 0, 417},
    {"GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nExpect: foo\r\n\r\n", 0, 417},
    {"GET /a#b HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"BREW / HTTP/1.1\r\n" HOST "\r\n", 0, 501},
    {"get / HTTP/1.1\r\n" HOST "\r\n", 0, 501},
    {"G(T / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {" / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
};

static void refuses_what_is_malformed(void **state UNUSED)
{
    struct http_head head;

    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        size_t len = refusals[i].len != 0 ? refusals[i].len : strlen(refusals[i].text);
        int status = parse(refusals[i].text, len, &head);

        if (status != refusals[i].status)
            print_error("%s\n", refusals[i].text);
        assert_int_equal(status, refusals[i].status);
    }
}

static void sixty_four_fields_are_fine_and_one_more_is_not(void **state UNUSED)
{
    SCOPED_BUF text = {0};
    struct http_head head;

    buf_add_text(&text, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 1; i < HTTP_HEADERS_MAX; i++)
        buf_printf(&text, "X-%d: %d\r\n", i, i);
    buf_add_text(&text, "\r\n");
    assert_int_equal(parse(text.data, text.len, &head), 0);
    assert_int_equal(head.header_count, HTTP_HEADERS_MAX);
    text.len -= 2;
    buf_add_text(&text, "X-64: 64\r\n\r\n");
    assert_int_equal(parse(text.data, text.len, &head), 431);
}

static void a_head_of_8_kib_is_fine_and_one_byte_more_is_not(void **state UNUSED)
{
    SCOPED_BUF text = {0};
    struct http_head head;

    buf_add_text(&text, "GET / HTTP/1.1\r\n" HOST "X: ");
    while (text.len < HTTP_HEAD_MAX - 4)
        buf_add_char(&text, 'x');
    buf_add_text(&text, "\r\n\r\n");
    assert_int_equal(text.len, HTTP_HEAD_MAX);
    assert_int_equal(parse(text.data, text.len, &head), 0);
    text.len -= 4;
    buf_add_text(&text, "x\r\n\r\n");
    assert_int_equal(parse(text.data, text.len, &head), 431);
    text.len = 0;
    buf_add_text(&text, "GET /");
    while (text.len < HTTP_HEAD_MAX)
        buf_add_char(&text, 'x');
    assert_int_equal(parse(text.data, text.len, &head), 414);
}

static void a_head_that_comes_byte_by_byte_is_scanned_once(void **state UNUSED)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
    size_t scanned = 0, len = 0;
    int status;

    for (size_t i = 1; i < sizeof text - 1; i++) {
        assert_int_equal(http_head_length(text, i, &scanned, &len, &status, NULL), RC_OK);
        assert_int_equal(len, 0);
    }
    assert_true(scanned > 20);
    assert_int_equal(http_head_length(text, sizeof text - 1, &scanned, &len, &status, NULL), RC_OK);
    assert_int_equal(len, sizeof text - 1);
}

static void a_target_is_split_and_decoded(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct http_target t;

    assert_int_equal(http_target_parse("/v1/a%2Fb/?x=1%2C2&y&z=a+b%20c&&x=3", memory, &t, NULL),
                     RC_OK);
    assert_string_equal(t.path, "/v1/a%2Fb/");
    assert_int_equal(t.segment_count, 3);
    assert_string_equal(t.segments[1], "a/b");
    assert_string_equal(t.segments[2], "");
    assert_int_equal(t.query_count, 4);
    assert_string_equal(t.query[0].value, "1,2");
    assert_string_equal(t.query[1].name, "y");
    assert_string_equal(t.query[1].value, "");
    assert_string_equal(t.query[2].value, "a b c");
}

static void a_bad_target_is_refused(void **state UNUSED)
{
    static const char *const wrong[] = {
        "/%",
        "/%4",
        "/%zz",
        "/a%00b",
        "/?x=%1",
        "/?%=1",
        "/a/b/c/d/e/f/g/h/i/j/k/l/m",
        "/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y&z&0&1&2&3&4&5&6"};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct http_target t;
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(http_target_parse(wrong[i], memory, &t, &err), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_method_target_and_fields),
        cmocka_unit_test(a_target_may_name_the_server),
        cmocka_unit_test(lists_are_read_whole),
        cmocka_unit_test(members_of_a_list_end_at_commas_that_are_not_quoted),
        cmocka_unit_test(the_old_version_closes_and_needs_no_host),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(sixty_four_fields_are_fine_and_one_more_is_not),
        cmocka_unit_test(a_head_of_8_kib_is_fine_and_one_byte_more_is_not),
        cmocka_unit_test(a_head_that_comes_byte_by_byte_is_scanned_once),
        cmocka_unit_test(a_target_is_split_and_decoded),
        cmocka_unit_test(a_bad_target_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
