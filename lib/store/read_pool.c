/*
 * read_pool.c - connections as state machines round libpq's asynchronous calls.
 *
 *   DOWN --back-off is over--> CONNECTING (a thread: read_connect.h) --> SETTING (of the session) --> IDLE --a read--> BUSY --> IDLE
 *
 * A read's statement is prepared on the connection at its first use there (by a hash of its
 * text), so BUSY is up to three exchanges: DEALLOCATE ALL when too many are prepared, PREPARE,
 * EXECUTE.
 */
#include "store/read_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "store/read_connect.h"

#define QUERY_TIMEOUT   (7 * USEC_PER_SEC) /* the server's own is 5 s */
#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)
#define BACKOFF_MIN     (100 * USEC_PER_MS)
#define BACKOFF_MAX     (5 * USEC_PER_SEC)

enum { PREPARED_MAX = 200 };

static const char session_settings[] =
    "SET search_path = %s, pg_temp; SET role = cronobs_reader;"
    "SET default_transaction_read_only = on; SET statement_timeout = 5000; SET timezone = 'UTC';"
    "SET jit = off; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off";

enum slot_state { SLOT_DOWN, SLOT_CONNECTING, SLOT_SETTING, SLOT_IDLE, SLOT_BUSY };
enum stage { STAGE_DEALLOCATE, STAGE_PREPARE, STAGE_EXECUTE };

struct job {
    struct read_query query;
    uint64_t hash;
    read_rows_fn rows;
    void *ctx;
    usec_t asked, deadline;
    struct job *next;
};

struct slot {
    struct read_attempt *attempt; /* CONNECTING */
    PGconn *conn;
    enum slot_state state;
    enum stage stage;
    struct job *job;
    PGresult *result; /* of the current exchange, until libpq has no more */
    /* DOWN: try again then; CONNECTING: nobody waits after; SETTING, BUSY: give up then */
    usec_t until;
    usec_t backoff;
    uint64_t prepared[PREPARED_MAX];
    size_t prepared_count;
};

struct read_pool {
    struct read_config config;
    char *database, *settings; /* of a session */
    struct slot slots[READ_CONNECTIONS_MAX];
    struct job *first, **last;
    struct read_stats stats;
    struct read_leaves *leaves;
    usec_t now;
    char trouble[256];
    bool is_ending; /* nothing is asked any more */
};

static const char stopping[] = "the program is stopping";

static void pump(struct read_pool *p);

/* --- jobs --- */

/* Exactly once for each job: tells its owner, and frees it. */
static void finish_job(struct read_pool *p, struct job *job, const PGresult *r, bool missing,
                       const struct error *err)
{
    p->stats.queries++;
    p->stats.busy_us += p->now - job->asked;
    if (r == NULL && !missing)
        p->stats.failures++;
    query_clear(&job->query);
    job->rows(job->ctx, r, missing, err);
    free(job);
}

static void fail_job(struct read_pool *p, struct job *job, const char *why)
{
    struct error err;

    error_set(&err, RC_RETRY, "the database cannot be asked: %s", why);
    finish_job(p, job, NULL, false, &err);
}

/* Answers all that wait. Their owners may ask again at once: such reads go into a new list. */
static void fail_waiting(struct read_pool *p, const char *why)
{
    struct job *job = p->first;

    p->first = NULL;
    p->last = &p->first;
    p->stats.waiting = 0;
    while (job != NULL) {
        struct job *next = job->next;

        fail_job(p, job, why);
        job = next;
    }
}

static void push_job(struct read_pool *p, struct job *job)
{
    *p->last = job;
    p->last = &job->next;
    p->stats.waiting++;
}

static struct job *pop_job(struct read_pool *p)
{
    struct job *job = p->first;

    p->first = job->next;
    if (p->first == NULL)
        p->last = &p->first;
    job->next = NULL;
    p->stats.waiting--;
    return job;
}

/* --- connections --- */

static void watch(struct read_pool *p, struct slot *s, int wants)
{
    p->config.watch(p->config.ctx, (int)(s - p->slots), s->conn != NULL ? PQsocket(s->conn) : -1,
                    wants);
}

static bool is_up(const struct slot *s)
{
    return s->state == SLOT_IDLE || s->state == SLOT_BUSY;
}

/* Nobody can be asked, and nobody is about to be: waiting would be in vain. */
static bool all_down(const struct read_pool *p)
{
    for (int i = 0; i < p->config.connections; i++)
        if (is_up(&p->slots[i]) || (p->slots[i].state != SLOT_DOWN && p->slots[i].backoff == 0))
            return false;
    return true;
}

static void slot_down(struct read_pool *p, struct slot *s, const char *why)
{
    struct job *job = TAKE(s->job);

    if (is_up(s))
        p->stats.connected--;
    (void)snprintf(p->trouble, sizeof p->trouble, "%.*s", (int)strcspn(why, "\n"), why);
    p->config.watch(p->config.ctx, (int)(s - p->slots), -1, 0);
    attempt_abandon(TAKE(s->attempt));
    PQclear(s->result);
    PQfinish(s->conn);
    s->result = NULL;
    s->conn = NULL;
    s->state = SLOT_DOWN;
    s->prepared_count = 0;
    s->backoff = s->backoff == 0 ? BACKOFF_MIN : MIN(s->backoff * 2, BACKOFF_MAX);
    s->until = p->now + s->backoff;
    if (job != NULL)
        fail_job(p, job, p->trouble);
    if (all_down(p))
        fail_waiting(p, p->trouble);
}

static void slot_connect(struct read_pool *p, struct slot *s)
{
    s->state = SLOT_CONNECTING;
    s->until = p->now + CONNECT_TIMEOUT;
    if (pg_check_string(p->database, NULL) != RC_OK) {
        slot_down(p, s, "the connection string cannot be read");
        return;
    }
    s->attempt = attempt_begin(p->database);
    if (s->attempt == NULL)
        slot_down(p, s, "there is no thread to connect with");
    else
        p->config.watch(p->config.ctx, (int)(s - p->slots), attempt_fd(s->attempt),
                        READ_WANTS_INPUT);
}

/* Nobody waits for it any more. It goes on: what it waits for cannot be interrupted, and a second one would wait likewise. */
static void slot_give_up(struct read_pool *p, struct slot *s)
{
    s->until = INT64_MAX;
    s->backoff = MAX(s->backoff, BACKOFF_MIN);
    (void)snprintf(p->trouble, sizeof p->trouble, "connecting takes too long");
    if (all_down(p))
        fail_waiting(p, p->trouble);
}

/* After a send: all of it may not have fitted into the socket. */
static void slot_flush(struct read_pool *p, struct slot *s)
{
    int rest = PQflush(s->conn);

    if (rest < 0)
        slot_down(p, s, PQerrorMessage(s->conn));
    else
        watch(p, s, READ_WANTS_INPUT | (rest > 0 ? READ_WANTS_OUTPUT : 0));
}

static void slot_send_settings(struct read_pool *p, struct slot *s)
{
    s->state = SLOT_SETTING;
    if (PQsendQuery(s->conn, p->settings) == 0)
        slot_down(p, s, PQerrorMessage(s->conn));
    else
        slot_flush(p, s);
}

/* What the attempt came to. */
static void slot_connected(struct read_pool *p, struct slot *s)
{
    s->conn = attempt_end(s->attempt);
    if (s->conn == NULL)
        return; /* it is not over */
    s->attempt = NULL;
    p->config.watch(p->config.ctx, (int)(s - p->slots), -1, 0);
    s->until = p->now + CONNECT_TIMEOUT;
    if (PQstatus(s->conn) == CONNECTION_OK && PQsetnonblocking(s->conn, 1) == 0)
        slot_send_settings(p, s);
    else
        slot_down(p, s, PQerrorMessage(s->conn));
}

/* --- running a job --- */

static bool is_prepared(const struct slot *s, uint64_t hash)
{
    for (size_t i = 0; i < s->prepared_count; i++)
        if (s->prepared[i] == hash)
            return true;
    return false;
}

static int send_prepare(struct slot *s, const struct job *job, const char *name)
{
    Oid types[READ_PARAMS_MAX];

    for (int i = 0; i < job->query.param_count; i++)
        types[i] = job->query.params[i].oid;
    s->stage = STAGE_PREPARE;
    return PQsendPrepare(s->conn, name, job->query.sql.data, job->query.param_count, types);
}

static int send_execute(struct slot *s, const struct job *job, const char *name)
{
    const char *values[READ_PARAMS_MAX];
    int lengths[READ_PARAMS_MAX], formats[READ_PARAMS_MAX];

    for (int i = 0; i < job->query.param_count; i++) {
        values[i] = job->query.params[i].value.data;
        lengths[i] = (int)job->query.params[i].value.len;
        formats[i] = 1;
    }
    s->stage = STAGE_EXECUTE;
    return PQsendQueryPrepared(s->conn, name, job->query.param_count, values, lengths, formats, 1);
}

/* The next exchange that the slot's job needs. */
static void slot_advance(struct read_pool *p, struct slot *s)
{
    struct job *job = s->job;
    char name[24];
    int sent;

    (void)snprintf(name, sizeof name, "q%016llx", (unsigned long long)job->hash);
    if (is_prepared(s, job->hash)) {
        sent = send_execute(s, job, name);
    } else if (s->prepared_count == PREPARED_MAX) {
        s->stage = STAGE_DEALLOCATE;
        sent = PQsendQuery(s->conn, "DEALLOCATE ALL");
    } else {
        sent = send_prepare(s, job, name);
    }
    if (sent == 0)
        slot_down(p, s, PQerrorMessage(s->conn));
    else
        slot_flush(p, s);
}

/* Free for the next job: also for one that comes while the last one's owner is being told. */
static void slot_rest(struct read_pool *p, struct slot *s)
{
    s->state = SLOT_IDLE;
    watch(p, s, READ_WANTS_INPUT); /* the server's good-bye is noticed at once */
}

static bool is_missing_table(const PGresult *r)
{
    return text_equal(PQresultErrorField(r, PG_DIAG_SQLSTATE), "42P01");
}

static void job_failed(struct read_pool *p, struct slot *s, const PGresult *r)
{
    struct job *job = TAKE(s->job);
    struct error err;
    bool missing = is_missing_table(r);

    (void)pg_fail(s->conn, r, "read", &err);
    if (missing)
        (void)error_hint(&err, "has `cronobs db migrate` run?");
    slot_rest(p, s);
    finish_job(p, job, NULL, missing, &err);
    pump(p);
}

static void job_executed(struct read_pool *p, struct slot *s)
{
    struct job *job = TAKE(s->job);
    SCOPED(pg_result) PGresult *r = TAKE(s->result);

    slot_rest(p, s);
    finish_job(p, job, r, false, NULL);
    pump(p);
}

/* An exchange is over. */
static void slot_answered(struct read_pool *p, struct slot *s)
{
    ExecStatusType status = PQresultStatus(s->result);
    bool is_fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;

    if (s->state == SLOT_SETTING && !is_fine) {
        slot_down(p, s,
                  s->result != NULL ? PQresultErrorMessage(s->result) : PQerrorMessage(s->conn));
        return;
    }
    if (s->state == SLOT_BUSY && !is_fine && s->result != NULL &&
        PQstatus(s->conn) == CONNECTION_OK) {
        SCOPED(pg_result) PGresult *r = TAKE(s->result);

        job_failed(p, s, r);
        return;
    }
    if (!is_fine) {
        slot_down(p, s, PQerrorMessage(s->conn));
        return;
    }
    if (s->state == SLOT_BUSY && s->stage == STAGE_EXECUTE) {
        job_executed(p, s);
        return;
    }
    PQclear(s->result);
    s->result = NULL;
    if (s->state == SLOT_SETTING) {
        s->backoff = 0;
        p->trouble[0] = '\0';
        p->stats.connected++;
        slot_rest(p, s);
        pump(p);
        return;
    }
    if (s->stage == STAGE_DEALLOCATE)
        s->prepared_count = 0;
    else
        s->prepared[s->prepared_count++] = s->job->hash;
    slot_advance(p, s);
}

/* Takes what the server has sent. */
static void slot_read(struct read_pool *p, struct slot *s)
{
    if (PQconsumeInput(s->conn) == 0) {
        slot_down(p, s, PQerrorMessage(s->conn));
        return;
    }
    if (s->state == SLOT_IDLE)
        return; /* a notice */
    while (PQisBusy(s->conn) == 0) {
        PGresult *r = PQgetResult(s->conn);

        if (r == NULL) {
            slot_answered(p, s);
            return;
        }
        PQclear(s->result); /* of several statements the last one counts: an error ends them */
        s->result = r;
    }
    slot_flush(p, s);
}

/* Gives waiting jobs to idle connections. */
static void pump(struct read_pool *p)
{
    for (int i = 0; i < p->config.connections && p->first != NULL; i++) {
        struct slot *s = &p->slots[i];

        if (s->state != SLOT_IDLE)
            continue;
        s->job = pop_job(p);
        s->state = SLOT_BUSY;
        s->until = p->now + QUERY_TIMEOUT;
        slot_advance(p, s);
    }
}

void read_submit(struct read_pool *p, struct read_query *q, read_rows_fn rows, void *ctx)
{
    struct job *job = xcalloc(1, sizeof *job);

    job->query = *q;
    *q = (struct read_query){0};
    job->hash = fnv1a(job->query.sql.data, job->query.sql.len, 0);
    job->rows = rows;
    job->ctx = ctx;
    p->now = clock_monotonic();
    job->asked = p->now;
    job->deadline = p->now + QUERY_TIMEOUT;
    if (p->is_ending)
        fail_job(p, job, stopping);
    else if (p->stats.waiting >= READ_QUEUE_MAX)
        fail_job(p, job, "too many reads are waiting");
    else if (all_down(p))
        fail_job(p, job, p->trouble);
    else
        push_job(p, job);
    pump(p);
}

/* --- the pool --- */

struct read_pool *read_pool_new(const struct read_config *config, usec_t now)
{
    struct read_pool *p = xcalloc(1, sizeof *p);

    p->config = *config;
    p->config.connections = MAX(1, MIN(config->connections, READ_CONNECTIONS_MAX));
    p->database = xstrdup(config->database);
    p->settings =
        xasprintf(session_settings, config->schema != NULL ? config->schema : STORE_SCHEMA);
    p->last = &p->first;
    p->now = now;
    for (int i = 0; i < p->config.connections; i++)
        slot_connect(p, &p->slots[i]);
    return p;
}

void read_pool_end(struct read_pool *p)
{
    p->is_ending = true;
    for (int i = 0; i < p->config.connections; i++)
        if (p->slots[i].state != SLOT_DOWN)
            slot_down(p, &p->slots[i], stopping);
    fail_waiting(p, stopping);
}

void read_pool_free(struct read_pool *p)
{
    if (p == NULL)
        return;
    read_pool_end(p);
    leaves_free(p->leaves);
    free(p->database);
    free(p->settings);
    free(p);
}

void read_pool_ready(struct read_pool *p, int slot, usec_t now)
{
    struct slot *s = &p->slots[slot];

    p->now = now;
    if (s->state == SLOT_CONNECTING)
        slot_connected(p, s);
    else if (s->state != SLOT_DOWN)
        slot_read(p, s);
}

/* The list is in the order of asking, so of deadlines. */
static void expire_waiting(struct read_pool *p)
{
    while (p->first != NULL && p->first->deadline <= p->now)
        fail_job(p, pop_job(p), "no connection was free for 7 s");
}

void read_pool_step(struct read_pool *p, usec_t now)
{
    p->now = now;
    if (p->is_ending)
        return;
    expire_waiting(p);
    for (int i = 0; i < p->config.connections; i++) {
        struct slot *s = &p->slots[i];

        if (s->state == SLOT_IDLE || now < s->until)
            continue;
        if (s->state == SLOT_DOWN)
            slot_connect(p, s);
        else if (s->state == SLOT_CONNECTING)
            slot_give_up(p, s);
        else
            slot_down(p, s, "it does not answer");
    }
}

struct read_stats read_pool_stats(const struct read_pool *p)
{
    return p->stats;
}

const char *read_pool_trouble(const struct read_pool *p)
{
    return p->trouble;
}

struct read_leaves **read_pool_leaves(struct read_pool *p)
{
    return &p->leaves;
}

usec_t read_pool_now(const struct read_pool *p)
{
    return p->now;
}
