/*
 * B5: execution + statuses + logs into PostgreSQL, against `psql \copy` of the same final rows into the same tables.
 *
 * One execution is four records (ExecutionCreated, RUNNING, a final status, ten log lines) and five rows. "folded": all
 * four in one batch, as in a replay. "spread": in three batches, as live. From encoded bytes in memory to commit, decoding
 * included; the reference reads text files that lie in the page cache.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
static int partitions[EXECUTIONS];

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
            n * 7 + i, (unsigned)n * 2654435761U);
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
        frames[i][0] = created_frame(id, task, at);
        frames[i][1] = status_frame(id, task, STATUS_RUNNING);
        frames[i][2] = status_frame(id, task, i % 20 == 0 ? STATUS_FAILED : STATUS_SUCCEEDED);
        frames[i][3] = log_frame(id, task, i);
    }
}

/* --- in which order they come --- */

static void add(struct lane *lane, int execution, int record)
{
    int p = partitions[execution];
    int kind = record == 2 ? 1 : record; /* both statuses in one topic */

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
            add(&lanes[partitions[i] % count], i, r);
}

static void fill_spread(struct lane *lanes, int count)
{
    static const int steps[][2] = {{0, 1}, {1, 2}, {2, 4}};

    for (int from = 0; from < EXECUTIONS; from += BLOCK * count)
        for (size_t s = 0; s < ARRAY_LEN(steps); s++)
            for (int i = from; i < MIN(from + BLOCK * count, EXECUTIONS); i++)
                for (int r = steps[s][0]; r < steps[s][1]; r++)
                    add(&lanes[partitions[i] % count], i, r);
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

/* Executions a second, into a new database. */
static double measure(void (*fill)(struct lane *, int), int lanes, size_t batch)
{
    struct run runs[LANES] = {0};
    struct lane filled[LANES] = {0};
    pthread_t threads[LANES];
    usec_t begun;

    (void)database_create(true);
    for (int i = 0; i < lanes; i++) {
        open_run(&runs[i], batch);
        filled[i] = runs[i].lane;
    }
    for (int i = 0; i < lanes; i++) /* the last claim stands: all share one epoch */
        for (size_t p = 0; p < runs[i].positions.count; p++)
            runs[i].positions.rows[p].epoch = lanes;
    fill(filled, lanes);
    begun = clock_monotonic();
    for (int i = 0; i < lanes; i++) {
        runs[i].lane = filled[i];
        (void)pthread_create(&threads[i], NULL, run_lane, &runs[i]);
    }
    for (int i = 0; i < lanes; i++)
        (void)pthread_join(threads[i], NULL);
    begun = clock_monotonic() - begun;
    for (int i = 0; i < lanes; i++) {
        store_free(runs[i].store);
        positions_clear(&runs[i].positions);
        free(runs[i].lane.items);
    }
    return EXECUTIONS * 1e6 / (double)begun;
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

static double measure_copy(const char *folder)
{
    const char *database = database_create(true);
    usec_t begun;

    database_exec(
        "SET search_path = cronobs; SELECT ensure_partition(p, '2025-11-13') FROM"
        " unnest('{execution,execution_event,log_writer,execution_rollup,log_batch}'::text[]) p");
    begun = clock_monotonic();
    run_psql(database, folder, "in.sql");
    begun = clock_monotonic() - begun;
    return EXECUTIONS * 1e6 / (double)begun;
}

static double measure_decoding(void)
{
    SCOPED(arena) struct arena *scratch = arena_new(0);
    usec_t begun = clock_monotonic();

    for (int i = 0; i < EXECUTIONS; i++) {
        for (int r = 0; r < RECORDS; r++) {
            const struct message m = {topics[r],  partitions[i],
                                      0,          START + (usec_t)i * USEC_PER_SEC,
                                      {"key", 3}, frames[i][r]};

            assert_int_equal(intake_take(&m, PARTITIONS, scratch).refusal, REFUSED_NOT);
        }
        if (i % 5000 == 0)
            arena_reset(scratch);
    }
    return (double)(clock_monotonic() - begun) / EXECUTIONS;
}

static void say(const char *what, double figure, double copy)
{
    printf("B5 %s: %.0f executions/s, %.2f x | psql \\copy of the same rows: %.0f executions/s\n",
           what, figure, figure / copy, copy);
    (void)fflush(stdout);
}

int main(void)
{
    double folded, copy;
    const char *folder;
    SCOPED(text) char *command = NULL;

    memory = arena_new(0);
    make_records();
    printf("decoding: %.1f us an execution (%d records), part of every figure\n",
           measure_decoding(), RECORDS);
    folded = measure(fill_folded, 1, 5000);
    folder = save_rows();
    copy = measure_copy(folder);
    say("folded, batches of 5,000 records", folded, copy);
    say("folded, batches of 20,000 records", measure(fill_folded, 1, 20000), copy);
    say("folded, batches of 1,000 records", measure(fill_folded, 1, 1000), copy);
    copy = measure_copy(folder);
    say("spread over three batches of 5,000, one connection", measure(fill_spread, 1, BLOCK), copy);
    say("spread over three batches of 5,000, two connections", measure(fill_spread, 2, BLOCK),
        copy);
    database_drop();
    arena_free(memory);
    command = xasprintf("rm -r '%s'", folder);
    return system(command) == 0 ? 0 : 1;
}
