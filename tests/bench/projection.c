/*
 * B5: execution + statuses + logs into PostgreSQL, against `psql \copy` of the same final rows into the same tables.
 *
 * One execution is four records (ExecutionCreated, RUNNING, a final status, ten log lines) and five rows. "folded": all
 * four in one batch, as in a replay. "spread": in three batches, as live. From encoded bytes in memory to commit, decoding
 * included; the reference reads text files that lie in the page cache. Each figure has a reference of its own, measured
 * right behind it; CPU is that of the server's backends and of the client, where the server is on this machine.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "codec/codec.h"
#include "consumer/batch.h"
#include "support/broker.h"
#include "support/database.h"

#define START INT64_C(1763000000000000)

enum {
    EXECUTIONS = 60000,
    TASKS = 2000,
    PARTITIONS = 12,
    LINES = 10,
    RECORDS = 4,
    BLOCK = 5000,
    LANES = 2
};

struct lane { /* the messages of one consumer */
    struct message *items;
    size_t count;
    int64_t next[PARTITIONS][RECORDS];
};

static struct arena *memory;
static struct bytes frames[EXECUTIONS][RECORDS];
static int partitions[EXECUTIONS], log_partitions[EXECUTIONS];

/* --- records --- */

static const char *const topics[RECORDS] = {"executions.default", "status", "status", "logs"};

static struct bytes frame_of(enum record_kind kind, const void *record)
{
    SCOPED_BUF out = {0};

    MUST(codec_encode(kind, record, &out, &test_error));
    return (struct bytes){arena_memdup(memory, out.data, out.len), out.len};
}

static struct bytes created_frame(struct uuid id, struct uuid task, usec_t at)
{
    static struct pair labels[] = {{"team", "operations"}};
    const struct execution_created r = {
        .execution_id = id,
        .task_id = task,
        .task_key = "report",
        .project = "default",
        .revision = 3,
        .attempt = 1,
        .max_attempts = 1,
        .trigger = TRIGGER_SCHEDULED,
        .scheduled_at = at,
        .due_at = at,
        .nominal_local = at,
        .zone = "Europe/Berlin",
        .tzdata = "2025b",
        .run_timeout_ms = 3600000,
        .payload = {"{\"report\": \"daily\"}", 19},
        .content_type = "application/json",
        .labels = {labels, 1},
    };

    return frame_of(RECORD_EXECUTION_CREATED, &r);
}

static struct bytes status_frame(struct uuid id, struct uuid task, enum status status)
{
    const struct worker_ref worker = {"worker-1", {{7}}};
    const struct execution_status r = {
        .event_id = event_id_of(id, 1, enum_name(&status_enum, (int)status)),
        .execution_id = id,
        .task_id = task,
        .attempt = 1,
        .status = status,
        .occurred_at = START,
        .worker = &worker,
        .exit_code = {status == STATUS_FAILED, 1},
    };

    return frame_of(RECORD_EXECUTION_STATUS, &r);
}

static struct bytes log_frame(struct uuid id, struct uuid task, int n)
{
    struct log_line lines[LINES];
    struct log_batch r = {.execution_id = id,
                          .task_id = task,
                          .attempt = 1,
                          .writer = {{7}},
                          .first_seq = 1,
                          .lines = lines,
                          .line_count = LINES};

    for (int i = 0; i < LINES; i++) {
        lines[i] = (struct log_line){.at = START + i, .stream = STREAM_STDOUT};
        lines[i].message = arena_printf(
            memory, "step %d of %d: copied %d files from /srv/data/%08x to the archive", i, LINES,
            n * 7 + i, (unsigned)(unsigned)n * 2654435761U);
        lines[i].message_len = strlen(lines[i].message);
    }
    return frame_of(RECORD_LOG_BATCH, &r);
}

static void make_records(void)
{
    for (int i = 0; i < EXECUTIONS; i++) {
        char key[32];
        struct uuid task, id;
        usec_t at = START + (usec_t)i * USEC_PER_SEC / 2;

        (void)snprintf(key, sizeof key, "task-%d", i % TASKS);
        task = task_id_of("default", key);
        id = execution_id_of(task, at, "instant", "");
        partitions[i] = partition_of(task, PARTITIONS);
        log_partitions[i] = partition_of(id, PARTITIONS);
        frames[i][0] = created_frame(id, task, at);
        frames[i][1] = status_frame(id, task, STATUS_RUNNING);
        frames[i][2] = status_frame(id, task, i % 20 == 0 ? STATUS_FAILED : STATUS_SUCCEEDED);
        frames[i][3] = log_frame(id, task, i);
    }
}

/* --- in which order they come --- */

/* To the lane that has its partition, of all topics. */
static void add(struct lane *lanes, int count, int execution, int record)
{
    int p = record == 3 ? log_partitions[execution] : partitions[execution];
    int kind = record == 2 ? 1 : record; /* both statuses in one topic */
    struct lane *lane = &lanes[p % count];

    lane->items[lane->count++] =
        (struct message){topics[record],
                         p,
                         lane->next[p][kind]++,
                         START + (usec_t)execution * USEC_PER_SEC / 2 + record * 100000,
                         {"key", 3},
                         frames[execution][record]};
}

static void fill_folded(struct lane *lanes, int count)
{
    for (int i = 0; i < EXECUTIONS; i++)
        for (int r = 0; r < RECORDS; r++)
            add(lanes, count, i, r);
}

static void fill_spread(struct lane *lanes, int count)
{
    static const int steps[][2] = {{0, 1}, {1, 2}, {2, 4}};

    for (int from = 0; from < EXECUTIONS; from += BLOCK * count)
        for (size_t s = 0; s < ARRAY_LEN(steps); s++)
            for (int i = from; i < MIN(from + BLOCK * count, EXECUTIONS); i++)
                for (int r = steps[s][0]; r < steps[s][1]; r++)
                    add(lanes, count, i, r);
}

/* --- what it costs --- */

struct cost { /* of one execution */
    double per_second, server_us, client_us;
};

static double seconds_of(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

static double seconds_used(int who)
{
    struct rusage u;

    (void)getrusage(who, &u);
    return seconds_of(&u);
}

/* CPU seconds in a text of /proc/<pid>/stat; 0 when there is none. */
static double seconds_in(const char *path)
{
    unsigned long user = 0, system = 0;
    FILE *f = fopen(path, "r");

    if (f == NULL)
        return 0;
    if (fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) !=
        2)
        user = system = 0;
    (void)fclose(f);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static double backend_seconds(struct store *s)
{
    SCOPED(text) char *pid = NULL;
    SCOPED(text) char *path = NULL;

    MUST(store_scalar(s, "SELECT pg_backend_pid()", &pid, &test_error));
    path = xasprintf("/proc/%s/stat", pid);
    return seconds_in(path);
}

static struct cost cost_of(usec_t elapsed, double server_seconds, double client_seconds)
{
    return (struct cost){EXECUTIONS * 1e6 / (double)elapsed, server_seconds * 1e6 / EXECUTIONS,
                         client_seconds * 1e6 / EXECUTIONS};
}

/* --- one connection --- */

struct run {
    struct lane lane;
    size_t batch;
    struct store *store;
    struct positions positions;
};

static void *run_lane(void *arg)
{
    struct run *run = arg;
    SCOPED(leaf_set) struct leaf_set *leaves = leaf_set_new();
    SCOPED(arena) struct arena *batch_memory = arena_new(0);
    struct batch_stats stats = {0};
    struct batch_writer w = {run->store, &run->positions, leaves, &stats, batch_memory};
    struct intake *items = xcalloc(run->batch, sizeof *items);
    struct error err;

    for (size_t from = 0; from < run->lane.count; from += run->batch) {
        size_t count = MIN(run->batch, run->lane.count - from);

        for (size_t i = 0; i < count; i++)
            items[i] = intake_take(&run->lane.items[from + i], PARTITIONS, batch_memory);
        if (batch_store(&w, items, count, &err) != RC_OK) {
            (void)fprintf(stderr, "%s\n", err.text);
            exit(1); /* main's business, but there is nothing to go on with */
        }
        arena_reset(batch_memory);
    }
    free(items);
    return NULL;
}

static void open_run(struct run *run, size_t batch)
{
    static const char *const all[] = {"executions.default", "logs", "status"};

    run->batch = batch;
    run->lane.items = xcalloc((size_t)EXECUTIONS * RECORDS, sizeof *run->lane.items);
    run->store = database_open(STORE_AS_WRITER);
    MUST(store_prepare(run->store, &test_error));
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        for (int p = 0; p < PARTITIONS; p++)
            positions_add(&run->positions, all[i], p);
    positions_sort(&run->positions);
    MUST(store_claim(run->store, "bench", run->positions.rows, run->positions.count, &test_error));
}

static void open_runs(struct run *runs, int lanes, size_t batch, void (*fill)(struct lane *, int))
{
    struct lane filled[LANES] = {0};

    for (int i = 0; i < lanes; i++) {
        open_run(&runs[i], batch);
        filled[i] = runs[i].lane;
    }
    fill(filled, lanes);
    for (int i = 0; i < lanes; i++) {
        runs[i].lane = filled[i];
        for (size_t p = 0; p < runs[i].positions.count; p++)
            /* the last claim stands: all share one epoch */
            runs[i].positions.rows[p].epoch = lanes;
    }
}

static double close_runs(struct run *runs, int lanes)
{
    double seconds = 0;

    for (int i = 0; i < lanes; i++) {
        seconds += backend_seconds(runs[i].store);
        store_free(runs[i].store);
        positions_clear(&runs[i].positions);
        free(runs[i].lane.items);
    }
    return seconds;
}

/* All executions into a new database. */
static struct cost measure(void (*fill)(struct lane *, int), int lanes, size_t batch)
{
    struct run runs[LANES] = {0};
    pthread_t threads[LANES];
    usec_t begun;
    double client;

    (void)database_create(true);
    open_runs(runs, lanes, batch, fill);
    client = seconds_used(RUSAGE_SELF);
    begun = clock_monotonic();
    for (int i = 0; i < lanes; i++)
        (void)pthread_create(&threads[i], NULL, run_lane, &runs[i]);
    for (int i = 0; i < lanes; i++)
        (void)pthread_join(threads[i], NULL);
    begun = clock_monotonic() - begun;
    client = seconds_used(RUSAGE_SELF) - client;
    return cost_of(begun, close_runs(runs, lanes), client);
}

/* --- the reference --- */

static const struct table {
    const char *name, *columns;
} tables[] = {
    {"execution",
     "execution_id, task_id, parent_execution_id, worker_incarnation, blocked_by, created_at, scheduled_at, due_at, started_at, finished_at, status_at,"
     " next_attempt_at, start_by, finish_by, run_timeout_ms, heartbeat_ms, nominal_local, revision, exit_code, attempt, created_attempt, max_attempts,"
     " status, trigger, reason, dst, cancel_requested, contradicted, queue, zone, tzdata, worker, message, content_type, labels, payload"},
    {"execution_event", "*"},
    {"log_batch", "*"},
    {"log_writer", "*"},
    {"execution_rollup", "*"},
    {"rollup_all", "*"},
};

static void write_script(const char *folder, const char *name, bool out)
{
    SCOPED(text) char *path = xasprintf("%s/%s", folder, name);
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    (void)fprintf(f, "SET search_path = cronobs; SET timezone = 'UTC';\n");
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        const struct table *t = &tables[i];

        if (out)
            (void)fprintf(f, "\\copy (SELECT %s FROM %s) TO '%s/%s.copy'\n", t->columns, t->name,
                          folder, t->name);
        else
            (void)fprintf(f, "\\copy %s%s%s%s FROM '%s/%s.copy'\n", t->name,
                          *t->columns == '*' ? "" : " (", *t->columns == '*' ? "" : t->columns,
                          *t->columns == '*' ? "" : ")", folder, t->name);
    }
    (void)fprintf(
        f,
        "SELECT pg_backend_pid() AS pid \\gset\n\\setenv PID :pid\n\\! cp /proc/$PID/stat %s/stat 2>/dev/null || true\n",
        folder);
    (void)fclose(f);
}

static void run_psql(const char *database, const char *folder, const char *script)
{
    SCOPED(text)
    char *command = xasprintf("psql -q -X -v ON_ERROR_STOP=1 -f '%s/%s' '%s' >/dev/null", folder,
                              script, database);

    assert_int_equal(system(command), 0);
}

static const char *save_rows(void)
{
    static char folder[] = "/tmp/cobs-bench-XXXXXX";

    assert_non_null(mkdtemp(folder));
    write_script(folder, "out.sql", true);
    write_script(folder, "in.sql", false);
    run_psql(database_address(), folder, "out.sql");
    return folder;
}

static struct cost measure_copy(const char *folder)
{
    const char *database = database_create(true);
    SCOPED(text) char *stat = xasprintf("%s/stat", folder);
    double client = seconds_used(RUSAGE_CHILDREN);
    usec_t begun;

    database_exec(
        "SET search_path = cronobs; SELECT ensure_partition(p, '2025-11-13') FROM"
        " unnest('{execution,execution_event,log_writer,execution_rollup,log_batch}'::text[]) p");
    begun = clock_monotonic();
    run_psql(database, folder, "in.sql");
    begun = clock_monotonic() - begun;
    return cost_of(begun, seconds_in(stat), seconds_used(RUSAGE_CHILDREN) - client);
}

static double measure_decoding(void)
{
    SCOPED(arena) struct arena *scratch = arena_new(0);
    usec_t begun = clock_monotonic();

    for (int i = 0; i < EXECUTIONS; i++) {
        for (int r = 0; r < RECORDS; r++) {
            const struct message m = {topics[r],  r == 3 ? log_partitions[i] : partitions[i],
                                      0,          START + (usec_t)i * USEC_PER_SEC,
                                      {"key", 3}, frames[i][r]};

            assert_int_equal(intake_take(&m, PARTITIONS, scratch).refusal, REFUSED_NOT);
        }
        if (i % 5000 == 0)
            arena_reset(scratch);
    }
    return (double)(clock_monotonic() - begun) / EXECUTIONS;
}

static void say(const char *what, struct cost c, struct cost copy)
{
    printf(
        "B5 %s: %.0f executions/s, %.2f x (CPU: server %.0f us, client %.0f us) | psql \\copy of the "
        "same rows: %.0f executions/s (server %.0f us, client %.0f us)\n",
        what, c.per_second, c.per_second / copy.per_second, c.server_us, c.client_us,
        copy.per_second, copy.server_us, copy.client_us);
    (void)fflush(stdout);
}

static const struct bench_case {
    const char *what;
    void (*fill)(struct lane *, int);
    int lanes;
    size_t batch;
} bench_cases[] = {
    {"folded, batches of 5,000 records", fill_folded, 1, 5000},
    {"folded, batches of 20,000 records", fill_folded, 1, 20000},
    {"folded, batches of 1,000 records", fill_folded, 1, 1000},
    {"spread over three batches, one connection", fill_spread, 1, BLOCK},
    {"spread over three batches, two connections", fill_spread, 2, BLOCK},
};

int main(void)
{
    const char *folder = NULL;
    SCOPED(text) char *command = NULL;

    memory = arena_new(0);
    make_records();
    printf("decoding: %.1f us an execution (%d records), part of every figure\n",
           measure_decoding(), RECORDS);
    for (size_t i = 0; i < ARRAY_LEN(bench_cases); i++) {
        const struct bench_case *b = &bench_cases[i];
        struct cost cost = measure(b->fill, b->lanes, b->batch);

        if (folder == NULL)
            folder = save_rows();
        say(b->what, cost, measure_copy(folder));
    }
    database_drop();
    arena_free(memory);
    command = xasprintf("rm -r '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
