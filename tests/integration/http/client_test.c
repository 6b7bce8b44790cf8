#include "http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

/*
 * A server that plays a script: for each connection, what it answers to the requests that come, one after the
 * other. It keeps all that it has read.
 */

#define SHORT (200 * USEC_PER_MS)
#define HI    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

enum { ANSWERS_MAX = 3 };

/* As the second answer: the first one again and again, a byte at a time, until the client goes. */
static const char for_ever[] = "";

struct script {
    const char *answers[ANSWERS_MAX]; /* NULL ends: the connection is closed then */
    bool stays; /* but not closed: kept open, and silent, until the client goes */
};

struct fake {
    const struct script *scripts; /* one a connection; the first answer NULL and not `stays` ends */
    int listener, port;
    pthread_t thread;
    struct buf seen;
    int connections;
};

/* Up to the end of a request without a body, or of one whose body ends in "}". */
static bool read_request(struct fake *f, int fd)
{
    char data[4096];
    size_t from = f->seen.len;

    for (;;) {
        ssize_t got = recv(fd, data, sizeof data, 0);

        if (got <= 0)
            return false;
        buf_add(&f->seen, data, (size_t)got);
        if (strstr(f->seen.data + from, "Content-Length: 0") != NULL ||
            strstr(f->seen.data + from, "Content-Length:") == NULL ||
            f->seen.data[f->seen.len - 1] == '}')
            return strstr(f->seen.data + from, "\r\n\r\n") != NULL;
    }
}

static bool send_byte_by_byte(int fd, const char *text)
{
    for (; *text != '\0'; text++)
        if (send(fd, text, 1, MSG_NOSIGNAL) != 1)
            return false;
    return true;
}

static void play(struct fake *f, const struct script *s, int fd)
{
    char rest[256];

    for (size_t i = 0;
         i < ARRAY_LEN(s->answers) && s->answers[i] != NULL && s->answers[i] != for_ever; i++) {
        if (!read_request(f, fd))
            return;
        (void)send(fd, s->answers[i], strlen(s->answers[i]), MSG_NOSIGNAL);
    }
    while (s->answers[1] == for_ever && send_byte_by_byte(fd, s->answers[0]))
        ;
    while (s->stays && recv(fd, rest, sizeof rest, 0) > 0)
        ;
}

static void *serve(void *ctx)
{
    struct fake *f = ctx;

    for (const struct script *s = f->scripts; s->answers[0] != NULL || s->stays; s++) {
        int fd = accept(f->listener, NULL, NULL);

        f->connections++;
        play(f, s, fd);
        (void)close(fd);
    }
    return NULL;
}

static void fake_start(struct fake *f, const struct script *scripts, struct http_client **client)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    char url[64];

    *f = (struct fake){.scripts = scripts, .listener = socket(AF_INET, SOCK_STREAM, 0)};
    assert_int_equal(bind(f->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(f->listener, 8), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&at, &len), 0);
    f->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/base", f->port);
    assert_int_equal(http_client_new(url, client, NULL), RC_OK);
}

/* The client must have been freed: a script that stays waits for that. */
static void fake_stop(struct fake *f)
{
    (void)pthread_join(f->thread, NULL);
    (void)close(f->listener);
}

static void fake_clear(struct fake *f)
{
    buf_clear(&f->seen);
}

#define SCOPED_FAKE __attribute__((cleanup(fake_clear))) struct fake

static enum rc get(struct http_client *c, const struct reply **ret)
{
    const struct http_request request = {.method = HTTP_GET, .target = "/x", .timeout = SHORT * 10};

    return http_client_call(c, &request, ret, NULL);
}

static void a_connection_is_used_again(void **state UNUSED)
{
    static const struct script scripts[] = {{{HI, HI, HI}, false}, {{NULL}, false}};
    SCOPED_FAKE f = {0};
    struct http_client *c;
    const struct reply *reply;

    fake_start(&f, scripts, &c);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(c, &reply), RC_OK);
        assert_int_equal(reply->status, 200);
        assert_string_equal(reply->body.data, "hi");
    }
    http_client_free(c);
    fake_stop(&f);
    assert_int_equal(f.connections, 1);
    assert_true(text_starts(f.seen.data, "GET /base/x HTTP/1.1\r\nHost: 127.0.0.1:"));
}

static void one_that_was_closed_meanwhile_is_opened_anew(void **state UNUSED)
{
    static const struct script scripts[] = {{{HI}, false}, {{HI}, false}, {{NULL}, false}};
    SCOPED_FAKE f = {0};
    struct http_client *c;
    const struct reply *reply;

    fake_start(&f, scripts, &c);
    assert_int_equal(get(c, &reply), RC_OK);
    assert_int_equal(get(c, &reply), RC_OK);
    http_client_free(c);
    fake_stop(&f);
    assert_int_equal(f.connections, 2);
}

static void bodies_and_fields_are_sent(void **state UNUSED)
{
    static const struct script scripts[] = {
        {{"HTTP/1.1 201 Created\r\nETag: \"1\"\r\n"
          "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
         true},
        {{NULL}, false}};
    const struct http_pair headers[] = {{"Prefer", "wait=1"}, {NULL, NULL}};
    const struct http_request request = {.method = HTTP_PUT,
                                         .target = "/y",
                                         .headers = headers,
                                         .body = bytes_of("{\"a\": 1}"),
                                         .timeout = SHORT * 10};
    SCOPED_FAKE f = {0};
    struct http_client *c;
    const struct reply *reply;

    fake_start(&f, scripts, &c);
    assert_int_equal(http_client_call(c, &request, &reply, NULL), RC_OK);
    assert_int_equal(reply->status, 201);
    assert_string_equal(reply->body.data, "{}");
    assert_string_equal(reply_header(reply, "etag"), "\"1\"");
    http_client_free(c);
    fake_stop(&f);
    assert_non_null(strstr(f.seen.data, "PUT /base/y HTTP/1.1\r\n"));
    assert_non_null(strstr(f.seen.data, "\r\nPrefer: wait=1\r\n"));
    assert_non_null(strstr(f.seen.data,
                           "\r\nContent-Type: application/json\r\nContent-Length: 8\r\n"
                           "\r\n{\"a\": 1}"));
}

static void a_silent_server_is_given_up_in_time(void **state UNUSED)
{
    static const struct script scripts[] = {{{NULL}, true}, {{NULL}, false}};
    const struct http_request request = {.method = HTTP_GET, .target = "/", .timeout = SHORT};
    SCOPED_FAKE f = {0};
    struct http_client *c;
    const struct reply *reply;
    usec_t began = clock_monotonic();
    struct error err;

    fake_start(&f, scripts, &c);
    assert_int_equal(http_client_call(c, &request, &reply, &err), RC_RETRY);
    assert_non_null(strstr(err.text, "took too long"));
    assert_true(clock_monotonic() - began >= SHORT);
    http_client_free(c);
    fake_stop(&f);
}

/* clang-format off */
static const struct breaking {
    const char *answer;
    enum rc rc;
} breakings[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", RC_RETRY},
    {"HTTP/1.1 200 OK\r\nContent-Le",                  RC_RETRY},
    {"HTTP/1.1 200 OK\r\n\r\nhi",                      RC_OK},
    {"220 mail.example.org ESMTP\r\n\r\n",             RC_INVALID},
};
/* clang-format on */

static void a_broken_answer_is_told_from_a_complete_one(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(breakings); i++) {
        const struct script scripts[] = {{{breakings[i].answer}, false}, {{NULL}, false}};
        SCOPED_FAKE f = {0};
        struct http_client *c;
        const struct reply *reply;

        fake_start(&f, scripts, &c);
        assert_int_equal(get(c, &reply), breakings[i].rc);
        http_client_free(c);
        fake_stop(&f);
        assert_int_equal(f.connections, 1);
    }
}

static void nobody_there_is_said_at_once(void **state UNUSED)
{
    struct http_client *c;
    const struct reply *reply;
    struct error err;
    const struct http_request request = {.method = HTTP_GET, .target = "/"};

    assert_int_equal(http_client_new("http://127.0.0.1:1", &c, NULL), RC_OK);
    assert_int_equal(http_client_call(c, &request, &reply, &err), RC_RETRY);
    assert_non_null(strstr(err.text, "could not reach http://127.0.0.1:1: Connection refused"));
    assert_true(err.hint[0] != '\0');
    http_client_free(c);
}

/* There is always a little more to read, so nothing ever waits: the clock is looked at all the same. */
static void a_server_that_never_ends_is_left_in_time(void **state UNUSED)
{
    static const char *const endless[] = {
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        "x",
        "\r\n",
    };

    for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
        const struct script scripts[] = {{{endless[i], for_ever}, false}, {{NULL}, false}};
        const struct http_request request = {.method = HTTP_POST, .target = "/x", .timeout = SHORT};
        const struct reply *reply;
        struct http_client *client;
        usec_t began = clock_monotonic();
        SCOPED_FAKE f;

        fake_start(&f, scripts, &client);
        assert_int_not_equal(http_client_call(client, &request, &reply, NULL), RC_OK);
        assert_true(clock_monotonic() - began < 20 * SHORT);
        http_client_free(client);
        fake_stop(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_never_ends_is_left_in_time),
        cmocka_unit_test(a_connection_is_used_again),
        cmocka_unit_test(one_that_was_closed_meanwhile_is_opened_anew),
        cmocka_unit_test(bodies_and_fields_are_sent),
        cmocka_unit_test(a_silent_server_is_given_up_in_time),
        cmocka_unit_test(a_broken_answer_is_told_from_a_complete_one),
        cmocka_unit_test(nobody_there_is_said_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
