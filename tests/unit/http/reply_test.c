#include "http/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OK "HTTP/1.1 200 OK\r\n"

/* clang-format off */
static const struct reading {
    const char *text;
    enum rc rc;        /* of all its bytes; RC_RETRY: complete when the connection ends, or not at all */
    int status;        /* 0: not complete even then */
    const char *body;
    bool keeps_alive;
} readings[] = {
    {OK "Content-Length: 2\r\n\r\nhi",                                  RC_OK,      200, "hi",  true},
    {OK "content-length:2 \r\n\r\nhi, and more",                        RC_OK,      200, "hi",  true},
    {OK "Content-Length: 0\r\n\r\n",                                    RC_OK,      200, "",    true},
    {OK "Content-Length: 2\r\nConnection: close\r\n\r\nhi",             RC_OK,      200, "hi",  false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",                  RC_OK,      200, "hi",  false},
    {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", RC_OK, 200, "hi", true},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", RC_OK, 200, "hi", true},
    {OK "\r\nhi",                                                       RC_RETRY,   200, "hi",  false},
    {"HTTP/1.1 204 No Content\r\n\r\n",                                 RC_OK,      204, "",    true},
    {"HTTP/1.1 304\r\n\r\n",                                            RC_OK,      304, "",    true},
    {"HTTP/1.1 304 \r\n\r\n",                                           RC_OK,      304, "",    true},
#define EARLY "HTTP/1.1 103 Early\r\nA: b\r\n\r\n"
    {EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY OK "Content-Length: 2\r\n\r\nhi", RC_OK, 200, "hi", true},
    {EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY EARLY OK "Content-Length: 2\r\n\r\nhi", RC_INVALID, 0, "", false},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n" OK "Content-Length: 2\r\n\r\nhi", RC_OK, 200, "hi", true},
    {"HTTP/1.1 404 No\nContent-Length: 2\n\nno",                        RC_OK,      404, "no",  true},
    {OK "Content-Length: 3\r\n\r\nhi",                                  RC_RETRY,   0,   NULL,  false},
    {OK "Content-Length: 2\r\n",                                        RC_RETRY,   0,   NULL,  false},
    {"",                                                                RC_RETRY,   0,   NULL,  false},
    {OK "Content-Length: -1\r\n\r\n",                                   RC_INVALID, 0,   NULL,  false},
    {OK "Content-Length: 9999999999999\r\n\r\n",                        RC_INVALID, 0,   NULL,  false},
    {OK "Content-Length: 999999999\r\n\r\n",                            RC_INVALID, 0,   NULL,  false},
    {OK "Transfer-Encoding: gzip\r\n\r\n",                              RC_INVALID, 0,   NULL,  false},
    {OK "Transfer-Encoding: chunked\r\n\r\nxyz\r\n",                    RC_INVALID, 0,   NULL,  false},
    {"SSH-2.0-OpenSSH_9.2\r\n\r\n",                                     RC_INVALID, 0,   NULL,  false},
    {"HTTP/2.0 200 OK\r\n\r\n",                                         RC_INVALID, 0,   NULL,  false},
    {"HTTP/1.1 2000 OK\r\n\r\n",                                        RC_INVALID, 0,   NULL,  false},
};
/* clang-format on */

static void check(const struct reading *c, const struct reply_reader *r)
{
    assert_int_equal(reply_of(r)->status, c->status);
    assert_string_equal(reply_of(r)->body.data, c->body);
    assert_int_equal(reply_keeps_alive(r), c->keeps_alive);
}

/* Whole, and byte by byte. */
static void answers_are_read_however_they_are_cut(void **state UNUSED)
{
    for (size_t i = 0; i < 2 * ARRAY_LEN(readings); i++) {
        const struct reading *c = &readings[i / 2];
        size_t len = strlen(c->text), step = i % 2 == 0 ? MAX(len, 1u) : 1;
        SCOPED(reply_reader) struct reply_reader *r = reply_reader_new(false);
        enum rc rc = RC_RETRY;

        for (size_t at = 0; at < len && rc == RC_RETRY; at += step)
            rc = reply_take(r, c->text + at, step, NULL);
        if (rc != c->rc)
            fail_msg("%s: %s", c->text, rc_name(rc));
        if (rc == RC_RETRY)
            assert_int_equal(reply_end(r, NULL), c->status == 0 ? RC_RETRY : RC_OK);
        if (c->status != 0)
            check(c, r);
    }
}

static void an_answer_to_head_has_no_body(void **state UNUSED)
{
    SCOPED(reply_reader) struct reply_reader *r = reply_reader_new(true);
    static const char text[] = OK "Content-Length: 200\r\nETag: \"7\"\r\n\r\n";

    assert_int_equal(reply_take(r, text, strlen(text), NULL), RC_OK);
    assert_int_equal(reply_of(r)->body.len, 0);
    assert_string_equal(reply_header(reply_of(r), "etag"), "\"7\"");
    assert_null(reply_header(reply_of(r), "location"));
}

static void a_head_without_end_is_given_up(void **state UNUSED)
{
    SCOPED(reply_reader) struct reply_reader *r = reply_reader_new(false);
    enum rc rc = reply_take(r, OK, strlen(OK), NULL);

    for (int i = 0; i < 10000 && rc == RC_RETRY; i++)
        rc = reply_take(r, "A: bcdefgh\r\n", 12, NULL);
    assert_int_equal(rc, RC_INVALID);
}

/* clang-format off */
static const struct checking {
    int status;
    const char *body;
    enum rc rc;
    const char *text, *hint;
} checkings[] = {
    {201, "",                                                RC_OK,        NULL,                   NULL},
    {404, "{\"title\":\"none\",\"detail\":\"no task a\",\"hint\":\"PUT it\"}", RC_NOT_FOUND, "no task a", "PUT it"},
    {412, "{\"title\":\"stale\"}",                           RC_CONFLICT,  "stale",                ""},
    {503, "<html>",                                          RC_RETRY,     "the server answered 503", ""},
    {400, "[]",                                              RC_INVALID,   "the server answered 400", ""},
    {400, "{}",                                              RC_INVALID,   "the server refused it", ""},
    {400, "{\"detail\":7,\"title\":\"t\"}",                  RC_INVALID,   "t",                    ""},
};
/* clang-format on */

static void problems_become_errors(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(checkings); i++) {
        const struct checking *c = &checkings[i];
        const struct reply reply = {.status = c->status, .body = bytes_of(c->body)};
        struct error err = {0};

        assert_int_equal(reply_check(&reply, &err), c->rc);
        if (c->text != NULL)
            assert_string_equal(err.text, c->text);
        if (c->hint != NULL)
            assert_string_equal(err.hint, c->hint);
        assert_int_equal(reply_check(&reply, NULL), c->rc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_read_however_they_are_cut),
        cmocka_unit_test(an_answer_to_head_has_no_body),
        cmocka_unit_test(a_head_without_end_is_given_up),
        cmocka_unit_test(problems_become_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
