#include "http/stream.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/chunked.h"
#include "support/raw_http.h"

/*
 * A server on a thread of its own. What it streams is told by the path:
 *
 *   /words   three words and the end, at once        /flood   FLOOD_LINES lines, as fast as the client takes them
 *   /open    one word; it ends with /end             /broken  one word, then it breaks
 *            or breaks with /break
 *   /stats   what is known of all streams
 */

enum { FLOOD_LINES = 200000, LINE = 32 };

static struct loop *loop;
static struct http_server *server;
static struct loop_wake *stop_wake;
static struct http_exchange *open_one;
static int gone;
static size_t most_waiting, most_memory;
static pthread_t thread;

struct flood {
    int line;
};

static void write_text(struct http_exchange *x, const char *text)
{
    assert_int_equal(http_stream_write(x, text, strlen(text)), RC_OK);
}

static void on_gone(struct http_exchange *x, void *ctx UNUSED)
{
    if (x == open_one)
        open_one = NULL;
    gone++;
    assert_int_equal(http_stream_write(x, "nobody", 6), RC_OK);
    http_drop(x);
}

static void begin(struct http_exchange *x)
{
    http_on_gone(x, on_gone, NULL);
    http_answer_header(x, "X-Kind", "stream");
    http_stream_begin(x, 200, "text/plain");
}

static void words(struct http_exchange *x)
{
    begin(x);
    write_text(x, "one ");
    write_text(x, "");
    write_text(x, "two ");
    write_text(x, "three.");
    http_stream_end(x);
}

static void pour(struct http_exchange *x, void *ctx)
{
    struct flood *f = ctx;
    char line[LINE + 1];

    while (f->line < FLOOD_LINES) {
        (void)snprintf(line, sizeof line, "%031d\n", f->line);
        if (http_stream_write(x, line, LINE) != RC_OK)
            break;
        f->line++;
        most_waiting = MAX(most_waiting, http_stream_waiting(x));
        most_memory = MAX(most_memory, http_server_memory(server));
    }
    if (f->line == FLOOD_LINES)
        http_stream_end(x);
}

static void flood(struct http_exchange *x)
{
    struct flood *f = arena_alloc(http_memory(x), sizeof *f);

    begin(x);
    http_stream_on_room(x, pour, f);
    pour(x, f);
}

static void answer_stats(struct http_exchange *x)
{
    const struct http_stats *stats = http_server_stats(server);
    struct buf body = {0};

    buf_printf(&body, "streams %d of %d, cut %d, gone %d, half %d.", (int)stats->streams,
               (int)stats->streams_total, (int)stats->streams_cut, gone,
               open_one != NULL && http_stream_is_half_closed(open_one));
    http_answer(x, 200, "text/plain", &body);
}

static void broken(struct http_exchange *x)
{
    begin(x);
    write_text(x, "begun");
    http_stream_break(x);
}

static void handle(struct http_exchange *x, void *ctx UNUSED)
{
    const char *path = http_path(x);

    if (strcmp(path, "/words") == 0) {
        words(x);
    } else if (strcmp(path, "/flood") == 0) {
        flood(x);
    } else if (strcmp(path, "/broken") == 0) {
        broken(x);
    } else if (strcmp(path, "/open") == 0) {
        begin(x);
        write_text(x, "begun");
        open_one = x;
    } else {
        if (strcmp(path, "/end") == 0 && open_one != NULL) {
            write_text(open_one, " ended");
            http_stream_end(TAKE(open_one));
        }
        if (strcmp(path, "/break") == 0 && open_one != NULL)
            http_stream_break(TAKE(open_one));
        answer_stats(x);
    }
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
                                 .idle_timeout = 5 * USEC_PER_SEC,
                                 .write_timeout = 100 * USEC_PER_MS,
                                 .stream_timeout = 600 * USEC_PER_MS};

    open_one = NULL;
    gone = 0;
    most_waiting = most_memory = 0;
    return loop_new(&loop, NULL) == RC_OK &&
                   loop_wake_new(loop, stop, NULL, &stop_wake, NULL) == RC_OK &&
                   http_server_new(loop, &config, &server, NULL) == RC_OK &&
                   pthread_create(&thread, NULL, run, NULL) == 0
               ? 0
               : -1;
}

static void stop_loop(void)
{
    loop_wake_send(stop_wake);
    (void)pthread_join(thread, NULL);
}

static void free_server(void)
{
    http_server_free(server);
    loop_wake_free(stop_wake);
    loop_free(loop);
    loop = NULL;
}

static int tear_down(void **state UNUSED)
{
    if (loop == NULL)
        return 0;
    stop_loop();
    free_server();
    return 0;
}

/* --- clients --- */

#define HOST  "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n"

static int asked(const char *text, int room)
{
    int fd = raw_connect(http_server_port(server), room);

    raw_send(fd, text);
    return fd;
}

static void exchange(const char *text, struct buf *out)
{
    int fd = asked(text, 0);

    assert_true(raw_receive(fd, NULL, out));
    (void)close(fd);
}

/* Asks on one connection after the other until the server says so. */
static void wait_for_stats(const char *text)
{
    usec_t deadline = clock_monotonic() + RAW_DEADLINE_MS * USEC_PER_MS;

    for (;;) {
        SCOPED_BUF out = {0};

        exchange("GET /stats HTTP/1.1\r\n" HOST CLOSE "\r\n", &out);
        if (strstr(buf_text(&out), text) != NULL)
            return;
        if (clock_monotonic() > deadline)
            fail_msg("%s", buf_text(&out));
    }
}

/* The chunks behind a head, as one text; RC_OK: the last one was there. */
static enum rc decoded(const struct buf *answer, struct buf *body, size_t *ret_len)
{
    const char *at = strstr(answer->data, "\r\n\r\n") + 4;
    struct chunked state = {0};
    size_t used;
    enum rc rc =
        chunked_decode(&state, (struct bytes){at, answer->len - (size_t)(at - answer->data)},
                       SIZE_MAX / 2, body, &used, NULL);

    *ret_len = (size_t)(at - answer->data) + used;
    return rc;
}

static void assert_is_flood(const struct buf *body)
{
    assert_int_equal(body->len, (size_t)FLOOD_LINES * LINE);
    for (int i = 0; i < FLOOD_LINES; i++)
        assert_int_equal(strtol(body->data + (size_t)i * LINE, NULL, 10), i);
}

/* --- tests --- */

static void pieces_are_chunks_and_the_connection_goes_on(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF body = {0};
    size_t len;
    int fd =
        asked("GET /words HTTP/1.1\r\n" HOST "\r\nGET /words HTTP/1.1\r\n" HOST CLOSE "\r\n", 0);

    assert_true(raw_receive(fd, NULL, &out));
    assert_starts(&out, "HTTP/1.1 200 OK\r\n");
    assert_holds(&out, "\r\nTransfer-Encoding: chunked\r\n");
    assert_holds(&out, "\r\nX-Kind: stream\r\n");
    assert_holds(&out, "\r\nConnection: keep-alive\r\n");
    assert_null(strstr(out.data, "Content-Length"));
    assert_int_equal(decoded(&out, &body, &len), RC_OK);
    assert_string_equal(body.data, "one two three.");
    assert_true(text_starts(out.data + len, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(out.data + len, "\r\nConnection: close\r\n"));
    (void)close(fd);
}

static void a_request_behind_a_stream_waits_for_its_end(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd =
        asked("GET /open HTTP/1.1\r\n" HOST "\r\nGET /stats HTTP/1.1\r\n" HOST CLOSE "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    wait_for_stats("streams 1 of 1");
    assert_null(strstr(out.data, "streams"));
    wait_for_stats("streams 1 of 1");
    {
        SCOPED_BUF end = {0};

        exchange("GET /end HTTP/1.1\r\n" HOST CLOSE "\r\n", &end);
    }
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, " ended\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n");
    assert_holds(&out, "streams 0 of 1");
    (void)close(fd);
}

static void an_old_client_gets_it_until_the_connection_ends(void **state UNUSED)
{
    SCOPED_BUF out = {0};

    exchange("GET /words HTTP/1.0\r\n\r\n", &out);
    assert_null(strstr(out.data, "chunked"));
    assert_holds(&out, "\r\nConnection: close\r\n\r\none two three.");
}

static void head_has_no_body(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd =
        asked("HEAD /words HTTP/1.1\r\n" HOST "\r\nGET /stats HTTP/1.1\r\n" HOST CLOSE "\r\n", 0);

    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, "\r\nTransfer-Encoding: chunked\r\n");
    assert_holds(&out, "\r\nConnection: keep-alive\r\n\r\nHTTP/1.1 200 OK\r\n");
    (void)close(fd);
}

static void a_writer_is_held_to_its_readers_pace(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF body = {0};
    size_t len;
    int fd = asked("GET /flood HTTP/1.1\r\n" HOST CLOSE "\r\n", 8192);

    for (int i = 0; i < 200; i++) /* byte by byte, then in odd pieces */
        assert_true(raw_receive_some(fd, 1, &out));
    while (raw_receive_some(fd, 7001, &out))
        continue;
    assert_int_equal(decoded(&out, &body, &len), RC_OK);
    assert_is_flood(&body);
    assert_in_range(most_waiting, HTTP_STREAM_ROOM, HTTP_STREAM_MAX + 16);
    assert_in_range(most_memory, HTTP_STREAM_ROOM, 2 * HTTP_STREAM_MAX);
    (void)close(fd);
    wait_for_stats("streams 0 of 1, cut 0, gone 0");
}

static void an_old_client_is_held_to_as_well(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF body = {0};
    int fd = asked("GET /flood HTTP/1.0\r\n\r\n", 8192);

    while (raw_receive_some(fd, 30000, &out))
        continue;
    buf_add_text(&body, strstr(out.data, "\r\n\r\n") + 4);
    assert_is_flood(&body);
    assert_in_range(most_waiting, HTTP_STREAM_ROOM, HTTP_STREAM_MAX + 16);
    (void)close(fd);
}

static void who_takes_nothing_any_more_is_cut_off(void **state UNUSED)
{
    int fd = asked("GET /flood HTTP/1.1\r\n" HOST CLOSE "\r\n", 8192);
    SCOPED_BUF out = {0};

    wait_for_stats("streams 1 of 1");
    wait_for_stats("streams 0 of 1, cut 1, gone 1");
    while (raw_receive_some(fd, 65536, &out))
        continue;
    assert_true(out.len < (size_t)FLOOD_LINES * LINE);
    (void)close(fd);
}

static void who_has_nothing_to_take_is_not(void **state UNUSED)
{
    struct pollfd nothing = {.fd = -1};
    SCOPED_BUF out = {0};
    SCOPED_BUF end = {0};
    int fd = asked("GET /open HTTP/1.1\r\n" HOST CLOSE "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    (void)poll(&nothing, 1, 1000); /* longer than the time-out for those who have */
    exchange("GET /end HTTP/1.1\r\n" HOST CLOSE "\r\n", &end);
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, " ended\r\n0\r\n\r\n");
    (void)close(fd);
}

static void a_reset_is_noticed_while_nothing_is_written(void **state UNUSED)
{
    static const struct linger at_once = {.l_onoff = 1};
    SCOPED_BUF out = {0};
    int fd = asked("GET /open HTTP/1.1\r\n" HOST "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)close(fd);
    wait_for_stats("streams 0 of 1, cut 0, gone 1");
}

static void who_closes_its_half_gets_the_rest(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF end = {0};
    int fd = asked("GET /open HTTP/1.1\r\n" HOST "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    (void)shutdown(fd, SHUT_WR);
    wait_for_stats("gone 0, half 1.");
    exchange("GET /end HTTP/1.1\r\n" HOST CLOSE "\r\n", &end);
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, " ended\r\n0\r\n\r\n");
    (void)close(fd);
}

static void what_breaks_is_known_not_to_be_whole(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF body = {0};
    int fd = asked("GET /broken HTTP/1.1\r\n" HOST "\r\n", 0);
    char byte;

    assert_true(raw_receive(fd, NULL, &out));
    assert_null(strstr(buf_text(&out), "\r\n0\r\n\r\n"));
    (void)close(fd);
    fd = asked("GET /broken HTTP/1.0\r\n\r\n", 0);
    wait_for_stats("streams 0 of 2");
    while (recv(fd, &byte, 1, 0) > 0)
        continue;
    assert_int_equal(errno, ECONNRESET);
    (void)close(fd);
}

/* Not when its client is cut off because it takes nothing: there is nothing to take. */
static void what_breaks_late_breaks_at_once(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    SCOPED_BUF asked_to = {0};
    int fd = asked("GET /open HTTP/1.1\r\n" HOST "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    exchange("GET /break HTTP/1.1\r\n" HOST CLOSE "\r\n", &asked_to);
    assert_true(raw_receive(fd, NULL, &out));
    wait_for_stats("streams 0 of 1, cut 0,");
    (void)close(fd);
}

static void streams_of_a_server_that_goes_are_told(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd = asked("GET /open HTTP/1.1\r\n" HOST "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    stop_loop();
    http_server_end(server);
    assert_int_equal(gone, 0);
    free_server();
    assert_int_equal(gone, 1);
    assert_true(raw_receive(fd, NULL, &out));
    assert_null(strstr(out.data, "0\r\n\r\n"));
    (void)close(fd);
}

static void an_ending_server_ends_streams_in_order(void **state UNUSED)
{
    SCOPED_BUF out = {0};
    int fd = asked("GET /open HTTP/1.1\r\n" HOST "\r\n", 0);

    assert_false(raw_receive(fd, "begun", &out));
    stop_loop();
    http_server_end(server);
    write_text(open_one, " bye");
    http_stream_end(TAKE(open_one));
    free_server();
    assert_int_equal(gone, 0);
    assert_true(raw_receive(fd, NULL, &out));
    assert_holds(&out, " bye\r\n0\r\n\r\n");
    (void)close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_are_chunks_and_the_connection_goes_on),
        TEST(a_request_behind_a_stream_waits_for_its_end),
        TEST(an_old_client_gets_it_until_the_connection_ends),
        TEST(head_has_no_body),
        TEST(a_writer_is_held_to_its_readers_pace),
        TEST(an_old_client_is_held_to_as_well),
        TEST(who_takes_nothing_any_more_is_cut_off),
        TEST(who_has_nothing_to_take_is_not),
        TEST(a_reset_is_noticed_while_nothing_is_written),
        TEST(who_closes_its_half_gets_the_rest),
        TEST(what_breaks_is_known_not_to_be_whole),
        TEST(what_breaks_late_breaks_at_once),
        TEST(streams_of_a_server_that_goes_are_told),
        TEST(an_ending_server_ends_streams_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
