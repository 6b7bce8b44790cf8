/*
 * Each write waits until a scheduler has carried it out, some 50 ms; so several connections, a thread each, take one
 * task after the other from a common counter. They share nothing else: a line's result belongs to who took it.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "cli/import/server.h"

enum { CONNECTIONS = 16 };

typedef enum rc (*import_fn)(struct import_server *s, struct import *i, size_t number,
                             struct error *err);

struct pool {
    const char *url;
    struct import *import;
    import_fn work;
    size_t count;
    atomic_size_t next;
    atomic_bool has_failed; /* the server is away: nobody begins another */
};

struct member {
    struct pool *pool;
    pthread_t thread;
    enum rc rc;
    struct error err;
};

static enum rc work_through(struct pool *p, struct error *err)
{
    SCOPED(import_server) struct import_server *server = NULL;
    size_t number;

    TRY(import_server_new(p->url, &server, err));
    while (!atomic_load(&p->has_failed) && (number = atomic_fetch_add(&p->next, 1)) < p->count)
        TRY(p->work(server, p->import, number, err));
    return RC_OK;
}

static void *run_member(void *ctx)
{
    struct member *m = ctx;

    m->rc = work_through(m->pool, &m->err);
    if (m->rc != RC_OK)
        atomic_store(&m->pool->has_failed, true);
    return NULL;
}

/* The caller is one of the members; without threads it is the only one. */
static enum rc run_all(struct pool pool, struct error *err)
{
    struct member members[CONNECTIONS] = {{.pool = &pool}};
    size_t started = 1;
    const struct member *failed = NULL;

    while (started < MIN(pool.count, (size_t)CONNECTIONS)) {
        members[started] = (struct member){.pool = &pool};
        if (pthread_create(&members[started].thread, NULL, run_member, &members[started]) != 0)
            break;
        started++;
    }
    (void)run_member(&members[0]);
    for (size_t n = 1; n < started; n++)
        (void)pthread_join(members[n].thread, NULL);
    for (size_t n = 0; n < started && failed == NULL; n++)
        failed = members[n].rc != RC_OK ? &members[n] : NULL;
    if (failed == NULL)
        return RC_OK;
    *err = failed->err;
    return failed->rc;
}

enum rc import_put_all(const char *url, struct import *i, struct error *err)
{
    return run_all(
        (struct pool){.url = url, .import = i, .work = import_put, .count = i->line_count}, err);
}

enum rc import_delete_all(const char *url, struct import *i, struct error *err)
{
    return run_all(
        (struct pool){.url = url, .import = i, .work = import_delete, .count = i->vanished_count},
        err);
}
