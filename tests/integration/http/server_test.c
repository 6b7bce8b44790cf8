#include "http/server.h"

#include <assert.h>
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
#include "support/raw_http.h"

/*
 * A server on a thread of its own, with short time-outs and room for three connections; it
 * answers each request with what it saw of it, /late not before another request says /go.
 */

enum { BIG = 8 << 20 };

static struct loop *loop;
static struct http_server *server;
static struct loop_wake *stop_wake;
static struct http_exchange *late;
static int dropped;
static pthread_t thread;

static void echo(struct http_exchange *x)
{
    struct buf body = {0};

    buf_printf(&body, "%s %s %zu:%s", http_method_name(http_method(x)), http_path(x),
               http_body(x).len, http_body(x).len > 0 ? (const char *)http_body(x).data : "");
    http_answer(x, 200, "text/plain", &body);
}

static void answer_big(struct http_exchange *x)
{
    struct buf body = {0};

    memset(buf_reserve(&body, BIG), 'x', BIG);
    body.len = BIG;
    http_answer(x, 200, "text/plain", &body);
}

static void answer_connections(struct http_exchange *x)
{
    struct buf body = {0};

    buf_printf(&body, "connections: %d.", (int)http_server_stats(server)->connections);
    http_answer(x, 200, "text/plain", &body);
}

static void note_gone(struct http_exchange *x, void *ctx UNUSED)
{
    assert(x == late);
    late = NULL;
    dropped++;
    http_drop(x);
}

static void answer_gone(struct http_exchange *x)
{
    struct buf body = {0};

    buf_printf(&body, "gone: %d of %d, %s waits.", dropped, (int)http_server_stats(server)->gone,
               late != NULL ? "one" : "nobody");
    http_answer(x, 200, "text/plain", &body);
}

static void handle(struct http_exchange *x, void *ctx UNUSED)
{
    if (strcmp(http_path(x), "/big") == 0) {
        answer_big(x);
        return;
    }
    if (strcmp(http_path(x), "/connections") == 0) {
        answer_connections(x);
        return;
    }
    if (strcmp(http_path(x), "/late") == 0) {
        late = x;
        return;
    }
    if (strcmp(http_path(x), "/wait") == 0) {
        http_on_gone(x, note_gone, NULL);
        late = x;
        return;
    }
    if (strcmp(http_path(x), "/gone") == 0) {
        answer_gone(x);
        return;
    }
    if (strcmp(http_path(x), "/go") == 0 && late != NULL)
        echo(TAKE(late));
    echo(x);
}

static void stop(void *ctx UNUSED)
{
    loop_stop(loop);
}

static void *run(void *arg UNUSED)
{
    loop_run(loop);
    return NULL;
}

static int set_up(void **state UNUSED)
{
    struct http_config config = {.listen = "127.0.0.1:0",
                                 .handler = handle,
                                 .connections_max = 3,
                                 .body_max = 1000,
                                 .request_timeout = 300 * USEC_PER_MS,
                                 .idle_timeout = 600 * USEC_PER_MS,
                                 .write_timeout = 1 * USEC_PER_SEC,
                                 .memory_max = BIG / 4};

    late = NULL;
    dropped = 0;
    return loop_new(&loop, NULL) == RC_OK &&
                   loop_wake_new(loop, stop, NULL, &stop_wake, NULL) == RC_OK &&
                   http_server_new(loop, &config, &server, NULL) == RC_OK &&
                   pthread_create(&thread, NULL, run, NULL) == 0
               ? 0
               : -1;
}

static int tear_down(void **state UNUSED)
{
    loop_wake_send(stop_wake);
    (void)pthread_join(thread, NULL);
    http_server_free(server);
    loop_wake_free(stop_wake);
    loop_free(loop);
    return 0;
}

/* --- a client --- */

static int connected(void)
{
    return raw_connect(http_server_port(server), 0);
}

static int connected_with_little_room(void)
{
    return raw_connect(http_server_port(server), 65536);
}

/* What comes back for these bytes, until the server closes. */
static void exchange(const char *text, struct buf *out)
{
    int fd = connected();

    raw_send(fd, text);
    assert_true(raw_receive(fd, NULL, out));
    (void)close(fd);
}

/* --- what is served --- */

#define HOST  "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n"

static void a_connection_serves_request_after_request(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd = connected();

    raw_send(fd, "GET /one HTTP/1.1\r\n" HOST "\r\n");
    assert_false(raw_receive(fd, "GET /one 0:", &out));
    assert_starts(&out, "HTTP/1.1 200 OK\r\nDate: ");
    assert_holds(&out, "\r\nContent-Length: 11\r\n");
    assert_holds(&out, "\r\nConnection: keep-alive\r\n");
    raw_send(fd, "PUT /two HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel");
    raw_send(fd, "loGET /three HTTP/1.1\r\n" HOST CLOSE "\r\n"); /* the next one right behind */
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, "PUT /two 5:hello");
    assert_holds(&out, "GET /three 0:");
    (void)close(fd);
}

static void a_request_may_come_byte_by_byte(void **state UNUSED)
{
    static const char text[] = "POST /a HTTP/1.1\r\n" HOST CLOSE
                               "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    SCOPED_BUF out = {0};
    int fd = connected();

    for (size_t i = 0; i < sizeof text - 1; i++)
        raw_send_bytes(fd, text + i, 1);
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, "POST /a 5:abcde");
    (void)close(fd);
}

static void head_has_the_length_but_no_body(void **state UNUSED)
{
    SCOPED_BUF out = {0};

    exchange("HEAD /x HTTP/1.1\r\n" HOST CLOSE "\r\n", &out);
    assert_holds(&out, "\r\nContent-Length: 10\r\n");
    assert_string_equal(strstr(out.data, "\r\n\r\n"), "\r\n\r\n");
}

static void a_client_that_asks_may_continue(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd = connected();

    raw_send(fd,
             "PUT /x HTTP/1.1\r\n" HOST CLOSE "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    assert_false(raw_receive(fd, "\r\n\r\n", &out));
    assert_string_equal(out.data, "HTTP/1.1 100 Continue\r\n\r\n");
    raw_send(fd, "ok");
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, "PUT /x 2:ok");
    (void)close(fd);
}

static void a_client_that_closes_its_half_is_answered(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd = connected();

    raw_send(fd, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    (void)shutdown(fd, SHUT_WR);
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, "GET /x 0:");
    (void)close(fd);
}

static void a_late_answer_finds_its_client_or_nobody(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF go = {0};
    int waiting = connected(), gone = connected();

    raw_send(waiting, "GET /late HTTP/1.1\r\n" HOST CLOSE "\r\n");
    exchange("GET /go HTTP/1.1\r\n" HOST CLOSE "\r\n", &go);
    assert_true(raw_receive(waiting, NULL, &out));
    assert_holds(&out, "GET /late 0:");
    (void)close(waiting);

    raw_send(gone, "GET /late HTTP/1.1\r\n" HOST "\r\n");
    (void)close(gone);
    buf_reset(&go);
    exchange("GET /go HTTP/1.1\r\n" HOST CLOSE "\r\n", &go);
    assert_holds(&go, "GET /go 0:");
}

/* Waits until the server says so, on one connection after the other. */
static void wait_for_gone(const char *text)
{
    usec_t deadline = clock_monotonic() + RAW_DEADLINE_MS * USEC_PER_MS;

    for (;;) {
        SCOPED_BUF out = {0};

        exchange("GET /gone HTTP/1.1\r\n" HOST CLOSE "\r\n", &out);
        if (strstr(buf_text(&out), text) != NULL)
            return;
        if (clock_monotonic() > deadline)
            fail_msg("%s", buf_text(&out));
    }
}

static void a_waiting_request_whose_client_leaves_is_dropped(void **state UNUSED)
{
    static const struct linger at_once = {.l_onoff = 1};
    int leaves = connected(), breaks;
    char body[900];

    memset(body, 'x', sizeof body);
    raw_send(leaves, "PUT /wait HTTP/1.1\r\n" HOST "Content-Length: 900\r\n\r\n");
    raw_send_bytes(leaves, body, sizeof body);
    wait_for_gone("gone: 0 of 0, one waits.");
    (void)close(leaves);
    wait_for_gone("gone: 1 of 1, nobody waits.");
    breaks = connected();
    raw_send(breaks, "GET /wait HTTP/1.1\r\n" HOST "\r\nGET /behind HTTP/1.1\r\n");
    wait_for_gone("gone: 1 of 1, one waits.");
    (void)setsockopt(breaks, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(breaks); /* a reset */
    wait_for_gone("gone: 2 of 2, nobody waits.");
}

static void a_half_closed_client_is_answered_in_a_moment(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF go = {0};
    int waiting = connected();

    raw_send(waiting, "GET /wait HTTP/1.1\r\n" HOST "\r\nGET /next HTTP/1.1\r\n" HOST "\r\n");
    (void)shutdown(waiting, SHUT_WR);
    exchange("GET /go HTTP/1.1\r\n" HOST CLOSE "\r\n", &go);
    assert_true(raw_receive(waiting, NULL, &out));
    assert_holds(&out, "GET /wait 0:");
    assert_holds(&out, "GET /next 0:");
    (void)close(waiting);
}

/* --- what is refused --- */

static void refusals_are_problems_and_close(void **state UNUSED)
{
    static const struct {
        const char *text, *status, *words;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", "no Host"},
        {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 421 ", "evil.example"},
        {"GET / HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n", "HTTP/1.1 413 ",
         "1001 bytes is longer than 1000"},
        {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n3e9\r\n", "HTTP/1.1 413 ",
         ""},
        {"GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nx\r\n", "HTTP/1.1 400 ",
         "hexadecimal"},
        {"GET /%zz HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 400 ", "escape"},
        {"BREW / HTTP/1.1\r\n" HOST "\r\n", "HTTP/1.1 501 ", "BREW"},
        {"GET / HTTP/1.1\nHost: a\n\n", "HTTP/1.1 400 ", "LF"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED_BUF out = {0};
        int fd = connected();

        raw_send(fd, cases[i].text);
        if (i == 3)
            for (int k = 0; k < 0x3e9; k++)
                raw_send(fd, "x");
        assert_true(raw_receive(fd, NULL, &out));
        assert_starts(&out, cases[i].status);
        assert_holds(&out, "\r\nContent-Type: application/problem+json\r\n");
        assert_holds(&out, "\r\nConnection: close\r\n");
        assert_holds(&out, cases[i].words);
        (void)close(fd);
    }
}

static void a_refused_client_that_goes_on_sending_sees_why(void **state UNUSED)
{
    char noise[8192];
    SCOPED_BUF out = {0};
    int fd = connected();

    memset(noise, 'x', sizeof noise);
    raw_send(fd, "PUT / HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n");
    for (int i = 0; i < 12; i++)
        raw_send_bytes(fd, noise, sizeof noise);
    assert_true(raw_receive(fd, NULL, &out));
    assert_starts(&out, "HTTP/1.1 413 ");
    (void)close(fd);
}

static void a_request_that_takes_too_long_is_ended(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    usec_t began = clock_monotonic();

    exchange("GET / HTTP/1.1\r\nHost: lo", &out);
    assert_starts(&out, "HTTP/1.1 408 ");
    assert_true(clock_monotonic() - began < 3 * USEC_PER_SEC);
}

static void an_idle_connection_is_closed_without_a_word(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd = connected();

    assert_true(raw_receive(fd, NULL, &out));
    assert_int_equal(out.len, 0);
    (void)close(fd);
}

static void at_the_limit_nobody_is_accepted_until_one_leaves(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    struct pollfd p = {.events = POLLIN};
    int fds[3], late_one;

    for (int i = 0; i < 3; i++) {
        buf_reset(&out);
        fds[i] = connected();
        raw_send(fds[i], "GET /x HTTP/1.1\r\n" HOST "\r\n");
        assert_false(raw_receive(fds[i], "GET /x 0:", &out));
    }
    late_one = connected(); /* by the kernel */
    raw_send(late_one, "GET /y HTTP/1.1\r\n" HOST CLOSE "\r\n");
    p.fd = late_one;
    assert_int_equal(poll(&p, 1, 100), 0);
    (void)close(fds[0]);
    buf_reset(&out);
    assert_true(raw_receive(late_one, NULL, &out));
    assert_holds(&out, "GET /y 0:");
    (void)close(late_one);
    (void)close(fds[1]);
    (void)close(fds[2]);
}

static void the_port_of_another_is_refused(void **state UNUSED)
{
    struct http_config config = {.handler = handle};
    char listen[32];
    struct http_server *second = NULL;
    struct error err;

    (void)snprintf(listen, sizeof listen, "127.0.0.1:%d", http_server_port(server));
    config.listen = listen;
    assert_int_equal(http_server_new(loop, &config, &second, &err), RC_RETRY);
    assert_non_null(strstr(err.text, listen));
    config.listen = "0.0.0.0:0";
    assert_int_equal(http_server_new(loop, &config, &second, &err), RC_INVALID);
    assert_non_null(strstr(err.hint, "api.hosts"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Bytes until the server closes, at most `rate` of them every 25 ms. */
static size_t read_slowly(int fd, size_t rate)
{
    static char bytes[1 << 20];
    struct pollfd nothing = {.fd = -1};
    size_t all = 0;

    for (;;) {
        ssize_t got = recv(fd, bytes, rate, 0);

        if (got <= 0)
            return all;
        all += (size_t)got;
        (void)poll(&nothing, 1, 25);
    }
}

static void a_slow_reader_is_served_while_it_reads(void **state UNUSED)
{
    usec_t began = clock_monotonic();
    int fd = connected_with_little_room();

    raw_send(fd, "GET /big HTTP/1.1\r\n" HOST CLOSE "\r\n");
    assert_true(read_slowly(fd, 1 << 16) > BIG);
    assert_true(clock_monotonic() - began > 2 * USEC_PER_SEC); /* both time-outs are shorter */
    (void)close(fd);
}

/* Waits until the server says so, on one connection after the other. */
static void wait_for_connections(const char *count)
{
    usec_t deadline = clock_monotonic() + RAW_DEADLINE_MS * USEC_PER_MS;

    for (;;) {
        SCOPED_BUF out = {0};

        exchange("GET /connections HTTP/1.1\r\n" HOST CLOSE "\r\n", &out);
        if (strstr(buf_text(&out), count) != NULL)
            return;
        assert_true(clock_monotonic() < deadline);
    }
}

static void a_reader_that_stops_is_cut_off(void **state UNUSED)
{
    int fd = connected_with_little_room();

    raw_send(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    wait_for_connections("connections: 2.");
    wait_for_connections("connections: 1.");
    assert_true(read_slowly(fd, 1 << 20) < BIG);
    (void)close(fd);
}

static void bodies_are_refused_when_memory_is_spent(void **state UNUSED)
{
    static const char put[] = "PUT /x HTTP/1.1\r\n" HOST CLOSE "Content-Length: 5\r\n\r\nhello";
    static const char chunked[] = "PUT /x HTTP/1.1\r\n" HOST CLOSE
                                  "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    SCOPED_BUF out = {0};
    int fd = connected_with_little_room();

    raw_send(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    wait_for_connections("connections: 2.");
    exchange(put, &out);
    assert_starts(&out, "HTTP/1.1 503 ");
    assert_holds(&out, "Retry-After: ");
    buf_reset(&out);
    exchange(chunked, &out);
    assert_starts(&out, "HTTP/1.1 503 ");
    (void)close(fd); /* and with it goes what it held */
    wait_for_connections("connections: 1.");
    buf_reset(&out);
    exchange(put, &out);
    assert_holds(&out, "PUT /x 5:hello");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_connection_serves_request_after_request),
        TEST(a_request_may_come_byte_by_byte),
        TEST(head_has_the_length_but_no_body),
        TEST(a_client_that_asks_may_continue),
        TEST(a_client_that_closes_its_half_is_answered),
        TEST(a_late_answer_finds_its_client_or_nobody),
        TEST(a_waiting_request_whose_client_leaves_is_dropped),
        TEST(a_half_closed_client_is_answered_in_a_moment),
        TEST(refusals_are_problems_and_close),
        TEST(a_refused_client_that_goes_on_sending_sees_why),
        TEST(a_request_that_takes_too_long_is_ended),
        TEST(an_idle_connection_is_closed_without_a_word),
        TEST(at_the_limit_nobody_is_accepted_until_one_leaves),
        TEST(a_slow_reader_is_served_while_it_reads),
        TEST(a_reader_that_stops_is_cut_off),
        TEST(bodies_are_refused_when_memory_is_spent),
        TEST(the_port_of_another_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
