#include "store/read_connect.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct read_attempt {
    char *database;
    PGconn *conn;       /* the thread's, until it has written to fd */
    int fd;             /* an eventfd */
    atomic_int holders; /* the thread, and who began it: the last one frees */
};

static void let_go(struct read_attempt *a)
{
    if (atomic_fetch_sub(&a->holders, 1) > 1)
        return;
    PQfinish(a->conn);
    if (a->fd >= 0)
        (void)close(a->fd);
    free(a->database);
    free(a);
}

static void *connect_there(void *ctx)
{
    static const char *const names[] = {"dbname",          "connect_timeout",  "client_encoding",
                                        "keepalives_idle", "application_name", NULL};
    struct read_attempt *a = ctx;
    const char *const values[] = {a->database, "5", "UTF8", "10", "cronobs-api", NULL};

    a->conn = PQconnectdbParams(names, values, 1);
    (void)eventfd_write(a->fd, 1);
    let_go(a);
    return NULL;
}

/* The program's signals are not for this thread. */
static int start_quietly(pthread_t *thread, struct read_attempt *a)
{
    sigset_t all, before;
    int error;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(thread, NULL, connect_there, a);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

struct read_attempt *attempt_begin(const char *database)
{
    struct read_attempt *a = xcalloc(1, sizeof *a);
    pthread_t thread;

    a->database = xstrdup(database);
    a->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    atomic_init(&a->holders, 2);
    if (a->fd < 0 || start_quietly(&thread, a) != 0) {
        atomic_store(&a->holders, 1);
        let_go(a);
        return NULL;
    }
    (void)pthread_detach(thread);
    return a;
}

int attempt_fd(const struct read_attempt *a)
{
    return a->fd;
}

PGconn *attempt_end(struct read_attempt *a)
{
    PGconn *conn;
    eventfd_t times;

    if (eventfd_read(a->fd, &times) != 0)
        return NULL;
    conn = TAKE(a->conn);
    if (conn == NULL)
        abort(); /* out of memory */
    let_go(a);
    return conn;
}

void attempt_abandon(struct read_attempt *a)
{
    if (a != NULL)
        let_go(a);
}
