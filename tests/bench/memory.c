/*
 * B10, B12: what a task takes in the scheduler, and how long it takes to be restored from its record. Needs no services.
 *
 * Cores are filled as a restore fills them, from records of `state` in memory, and then fire all that they hold, each
 * turn planned and committed, its records thrown away. Memory: what malloc has handed out, its own overhead included,
 * and resident pages; the reference is the task's record as the log has it. Time is CPU time of the one thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <malloc.h>

#include "base/hash.h"
#include "codec/codec.h"
#include "cron/zoneset.h"
#include "scheduler/core.h"
#include "scheduler/state.h"

#define START (INT64_C(1767225600) * USEC_PER_SEC) /* 2026-01-01T00:00:00Z */

enum { PARTITIONS = 12, TEXT = 160, TURN = 10000 };

struct sample {
    char key[TEXT], title[TEXT], payload[TEXT], expression[TEXT], number[TEXT];
    struct pair labels[2];
    struct schedule_spec schedule;
    struct task_spec spec;
};

static bool queue_exists(void *ctx, const char *queue)
{
    (void)ctx;
    return queue != NULL;
}

static double cpu_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double resident_bytes(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (f == NULL || fscanf(f, "%*s %ld", &pages) != 1)
        pages = 0;
    if (f != NULL)
        (void)fclose(f);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static double heap_bytes(void)
{
    struct mallinfo2 m = mallinfo2();

    return (double)m.uordblks + (double)m.hblkhd;
}

/* --- tasks --- */

static void name_it(struct sample *s, int n, const char *expression)
{
    (void)snprintf(s->key, TEXT, "settlement-%07d", n);
    (void)snprintf(s->title, TEXT, "Settlement of merchant %d", n);
    (void)snprintf(s->payload, TEXT, "{\"merchant\": %d, \"currency\": \"EUR\"}", n);
    (void)snprintf(s->number, TEXT, "%d", n);
    (void)snprintf(s->expression, TEXT, "%s", expression);
    s->labels[0] = (struct pair){"merchant", s->number};
    s->labels[1] = (struct pair){"team", "payments"};
    s->schedule = (struct schedule_spec){.expression = s->expression, .zone = "Europe/Berlin"};
    s->spec = (struct task_spec){
        .key = s->key,
        .project = "billing",
        .title = s->title,
        .labels = {s->labels, ARRAY_LEN(s->labels)},
        .queue = "settlements",
        .payload = {s->payload, strlen(s->payload)},
        .content_type = "application/json",
        .schedules = &s->schedule,
        .schedule_count = 1,
        .misfire = {MISFIRE_LAST, 60000, 86400000, 100},
        .overlap = OVERLAP_ALLOW,
        .max_concurrency = 1,
        .retry = {.max_attempts = 1},
    };
}

static void plain(struct sample *s, int n)
{
    name_it(s, n, "@every 1h");
}

static void retried(struct sample *s, int n, const char *expression)
{
    name_it(s, n, expression);
    s->spec.retry = (struct retry_spec){.max_attempts = 5,
                                        .first_delay_ms = 30000,
                                        .max_delay_ms = 600000,
                                        .jitter_ms = 5000,
                                        .multiplier = 2,
                                        .on = "FAILED,LOST"};
    s->spec.run_timeout_ms = 3600000;
}

/* Each minute of a day has its own. */
static void cron(struct sample *s, int n)
{
    char expression[TEXT];

    (void)snprintf(expression, TEXT, "%d %d * * MON-FRI", n % 60, n / 60 % 24);
    retried(s, n, expression);
}

/* Hardly two of a partition are alike: each second of a day has its own. */
static void unlike(struct sample *s, int n)
{
    char expression[TEXT];

    (void)snprintf(expression, TEXT, "%d %d %d * * MON-FRI", n % 60, n / 60 % 60, n / 3600 % 24);
    retried(s, n, expression);
}

static void mixed(struct sample *s, int n)
{
    (n % 2 == 0 ? plain : cron)(s, n);
}

static void hashed(struct sample *s, int n)
{
    name_it(s, n, "H H(0-5) * * *");
    s->spec.jitter_ms = 60000;
}

static const struct kind {
    const char *name;
    void (*make)(struct sample *s, int n);
    int count;
    usec_t due; /* when all of them have come to be due */
} kinds[] = {
    {"@every 1h, labels, payload", plain, 200000, START + 3600 * USEC_PER_SEC},
    {"cron in a zone, retries, labels, payload", cron, 200000, 0},
    {"cron in a zone, a schedule of its own, retries, labels, payload", unlike, 200000, 0},
    {"H in a zone, jitter, labels, payload", hashed, 200000, 0},
    {"the first two by halves", mixed, 1000000, 0},
};

/* --- cores --- */

struct cores {
    struct core_env env;
    struct core *of[PARTITIONS];
    size_t log_bytes;
    double restored; /* CPU seconds, without making the records */
};

static void must(enum rc rc, const struct error *err)
{
    if (rc == RC_OK)
        return;
    (void)fprintf(stderr, "%s\n", err->text);
    exit(1);
}

static void restore_one(struct cores *c, const struct sample *s, struct buf *frame)
{
    struct recent_command put = {.command_id = uuid_named(UUID_NIL, s->key), .at = START};
    struct uuid id = task_id_of(s->spec.project, s->spec.key);
    struct task_state_record record = {.task_id = id,
                                       .revision = 1,
                                       .state = TASK_ACTIVE,
                                       .effective_at = START,
                                       .floor = START,
                                       .recent = &put,
                                       .recent_count = 1,
                                       .spec = s->spec,
                                       .spec_since = 1};
    char key[STATE_KEY_TEXT];
    struct error err;
    double began;

    buf_reset(frame);
    must(codec_encode(RECORD_TASK_STATE, &record, frame, &err), &err);
    c->log_bytes += frame->len;
    began = cpu_seconds();
    core_restore(c->of[partition_of(id, PARTITIONS)], 1,
                 bytes_of(state_key_format(STATE_TASK, id, key)),
                 (struct bytes){frame->data, frame->len});
    c->restored += cpu_seconds() - began;
}

static void restore_watermark(struct core *c, struct buf *frame)
{
    const struct watermark w = {.due = START, .tzdata = "2026a", .writer = "bench-1"};
    char key[STATE_KEY_TEXT];
    struct error err;

    buf_reset(frame);
    must(codec_encode(RECORD_WATERMARK, &w, frame, &err), &err);
    core_restore(c, 2, bytes_of(state_key_format(STATE_WATERMARK, UUID_NIL, key)),
                 (struct bytes){frame->data, frame->len});
}

static void restore_all(struct cores *c, const struct kind *kind)
{
    SCOPED_BUF frame = {0};
    int64_t next[2];
    struct sample s;
    struct error err;
    double began;

    for (int n = 0; n < kind->count; n++) {
        kind->make(&s, n);
        restore_one(c, &s, &frame);
    }
    began = cpu_seconds();
    for (int p = 0; p < PARTITIONS; p++) {
        restore_watermark(c->of[p], &frame);
        must(core_restored(c->of[p], next, &err), &err);
    }
    c->restored += cpu_seconds() - began;
}

/* All that is due by then, a turn at a time; answers how many. */
static long fire_all(struct cores *c, usec_t now)
{
    long fired = 0;

    for (int p = 0; p < PARTITIONS; p++) {
        struct core_plan *plan = NULL;
        struct error err;

        do {
            plan = NULL;
            must(core_plan(c->of[p], now, true, (struct core_room){TURN, TURN, true}, &plan, &err),
                 &err);
            if (plan == NULL)
                break;
            fired += plan->counts.fired;
            core_commit(c->of[p], plan);
        } while (true);
    }
    return fired;
}

static void measure(const struct kind *kind, struct zoneset *zones)
{
    struct cores c = {.env = {.prefix = "bench.",
                              .partitions = PARTITIONS,
                              .instance = "bench-1",
                              .zones = zones,
                              .queue_exists = queue_exists}};
    double heap = heap_bytes(), resident = resident_bytes(), began;
    long fired = 0;

    for (int p = 0; p < PARTITIONS; p++)
        c.of[p] = core_new(&c.env, p);
    restore_all(&c, kind);
    heap = heap_bytes() - heap;
    resident = resident_bytes() - resident;
    printf("B10 %s: %.0f bytes a task (resident %.0f) | its record in the log: %.0f bytes\n",
           kind->name, heap / kind->count, resident / kind->count,
           (double)c.log_bytes / kind->count);
    printf("B12 %s: restored at %.2f us a task\n", kind->name, c.restored / kind->count * 1e6);
    if (kind->due > 0) {
        began = cpu_seconds();
        fired = fire_all(&c, kind->due);
        printf("B2 %s: decided at %.2f us a firing (%ld)\n", kind->name,
               (cpu_seconds() - began) / (double)MAX(fired, 1) * 1e6, fired);
    }
    (void)fflush(stdout);
    for (int p = 0; p < PARTITIONS; p++)
        core_free(c.of[p]);
    (void)malloc_trim(0);
}

int main(int argc, char **argv)
{
    struct zoneset *zones = zoneset_new(NULL);

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (argc == 1 || i == strtoul(argv[1], NULL, 10))
            measure(&kinds[i], zones);
    zoneset_free(zones);
    return 0;
}
