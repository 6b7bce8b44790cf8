#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/exchange.h"
#include "http/server.h"

/*
 * A handler that uses an exchange after its answer crashes in builds with assertions, at its first request or, if it
 * wrote into the exchange's memory, some requests later. Each case is a server in a process of its own.
 */

enum { REQUESTS = 200 };

struct thing {
    const char *text;
    char written;
};

static void answer(struct http_exchange *x)
{
    struct buf body = {0};

    buf_add_text(&body, "done");
    http_answer(x, 200, "text/plain", &body);
}

static void well_behaved(struct http_exchange *x, void *ctx UNUSED)
{
    answer(x);
}

#ifndef NDEBUG /* an answered exchange is poisoned in debug builds only */
static void reads_a_parameter(struct http_exchange *x, void *ctx UNUSED)
{
    answer(x);
    (void)http_param(x, "version");
}

static void reads_a_header(struct http_exchange *x, void *ctx UNUSED)
{
    answer(x);
    (void)http_header(x, "Host");
}

static void reads_its_own_memory(struct http_exchange *x, void *ctx UNUSED)
{
    struct thing *t = arena_alloc(http_memory(x), sizeof *t);

    t->text = "text";
    answer(x);
    if (t->text[0] == 'x')
        abort(); /* never: not even what decides it can be read */
}

static void writes_into_its_own_memory(struct http_exchange *x, void *ctx UNUSED)
{
    struct thing *t = arena_alloc(http_memory(x), sizeof *t);

    answer(x);
    t->written = 1;
}

static void answers_twice(struct http_exchange *x, void *ctx UNUSED)
{
    answer(x);
    answer(x);
}

#endif

static void serve(http_handler_fn handler, int port_to)
{
    const struct http_config config = {.listen = "127.0.0.1:0", .handler = handler};
    const struct rlimit none = {0, 0};
    struct http_server *server;
    struct loop *loop;
    int port;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGSEGV, SIG_DFL); /* cmocka's handlers are the parent's */
    (void)signal(SIGBUS, SIG_DFL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)alarm(60);
    if (loop_new(&loop, NULL) != RC_OK || http_server_new(loop, &config, &server, NULL) != RC_OK)
        _exit(1);
    port = http_server_port(server);
    if (write(port_to, &port, sizeof port) != sizeof port)
        _exit(1);
    loop_run(loop);
}

static pid_t start(http_handler_fn handler, int *port)
{
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        serve(handler, ends[1]);
    assert_int_equal(read(ends[0], port, sizeof *port), sizeof *port);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return pid;
}

/* One request on a connection of its own; false when no answer came. */
static bool ask(int port)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer_text[512];
    bool is_answered;

    (void)inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    is_answered = connect(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
                  send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
                  recv(fd, answer_text, sizeof answer_text, 0) > 0;
    (void)close(fd);
    return is_answered;
}

static bool survives(http_handler_fn handler)
{
    int port, status, asked = 0;
    pid_t pid = start(handler, &port);

    while (asked < REQUESTS && ask(port))
        asked++;
    if (asked == REQUESTS)
        (void)kill(pid, SIGTERM);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return asked == REQUESTS && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
}

static void a_handler_that_lets_go_serves(void **state UNUSED)
{
    assert_true(survives(well_behaved));
}

#ifndef NDEBUG
static void a_handler_that_does_not_let_go_crashes(void **state UNUSED)
{
    static const http_handler_fn wrong[] = {reads_a_parameter, reads_a_header, reads_its_own_memory,
                                            writes_into_its_own_memory, answers_twice};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        if (survives(wrong[i]))
            fail_msg("handler %zu used an answered exchange and lived", i);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handler_that_lets_go_serves),
#ifndef NDEBUG
        cmocka_unit_test(a_handler_that_does_not_let_go_crashes),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
