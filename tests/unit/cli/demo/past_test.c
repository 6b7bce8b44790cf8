/*
 * The demonstration's past is one that a scheduler could have left: each instant is accounted for once, and a core that reads its
 * state goes on. Looks at the machine's zones, as the tale does.
 */
#include "cli/demo/past.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "cli/demo/crew.h"
#include "cli/demo/lines.h"
#include "cli/worker/level.h"
#include "codec/codec.h"
#include "model/spec_timeline.h"
#include "scheduler/core.h"

/* A pause begins as its task is due. */
#define UNTIL (INT64_C(1796212800) * USEC_PER_SEC) /* 2026-12-02, 12:00 */

enum { PARTITIONS = 3 };

static struct error err;

#define MUST(call)                               \
    do {                                         \
        if ((call) != RC_OK)                     \
            fail_msg("%s: %s", #call, err.text); \
    } while (0)

struct written { /* one record */
    const char *topic;
    int partition;
    struct bytes key, value;
    usec_t at;
    enum record_kind kind;
    const void *record; /* NULL: of logs and state, which are not looked into */
};

static struct arena *memory;
static struct zoneset *zones;
static struct written *records;
static size_t count, capacity;
static struct past_totals totals;

static bool is_looked_into(const char *topic)
{
    return strcmp(topic, "t.logs") != 0 && strcmp(topic, "t.state") != 0;
}

static enum rc keep(void *ctx, const struct bus_record *r, struct error *e)
{
    struct arena *into = ctx;
    struct written *w;

    records = array_grow(records, count, &capacity, sizeof *records);
    w = &records[count++];
    *w = (struct written){
        .topic = arena_strdup(into, r->topic), .partition = r->partition, .at = r->at};
    w->key = (struct bytes){arena_memdup(into, r->key.data, r->key.len), r->key.len};
    if (r->value.data != NULL)
        w->value = (struct bytes){arena_memdup(into, r->value.data, r->value.len), r->value.len};
    if (!is_looked_into(r->topic))
        return RC_OK;
    return codec_decode(w->value, into, &w->kind, &w->record, e);
}

static int tell(void **state UNUSED)
{
    struct past_env env = {.prefix = "t.", .partitions = PARTITIONS, .until = UNTIL, .write = keep};

    memory = arena_new(0);
    zones = zoneset_new(NULL);
    env.zones = zones;
    env.ctx = memory;
    MUST(past_tell(&env, &totals, &err));
    return 0;
}

static int forget(void **state UNUSED)
{
    free(records);
    zoneset_free(zones);
    arena_free(memory);
    return 0;
}

static const void *decoded(const struct written *w, enum record_kind wanted)
{
    return w->record != NULL && w->kind == wanted ? w->record : NULL;
}

/* --- each instant --- */

struct tale { /* of one task */
    struct uuid task;
    const struct task_revision *revisions[8];
    size_t revision_count;
    const struct schedule_gap *gaps[16];
    size_t gap_count;
    usec_t *instants; /* with an execution */
    size_t instant_count, instant_capacity;
};

static void add_instant(struct tale *t, usec_t at)
{
    t->instants =
        array_grow(t->instants, t->instant_count, &t->instant_capacity, sizeof *t->instants);
    t->instants[t->instant_count++] = at;
}

static void take(struct tale *t, const struct written *w)
{
    const struct task_revision *revision = decoded(w, RECORD_TASK_REVISION);
    const struct schedule_gap *gap = decoded(w, RECORD_SCHEDULE_GAP);
    const struct execution_created *created = decoded(w, RECORD_EXECUTION_CREATED);
    const struct execution_status *status = decoded(w, RECORD_EXECUTION_STATUS);

    if (revision != NULL && uuid_equal(revision->task_id, t->task))
        t->revisions[t->revision_count++] = revision;
    if (gap != NULL && uuid_equal(gap->task_id, t->task))
        t->gaps[t->gap_count++] = gap;
    if (created != NULL && uuid_equal(created->task_id, t->task) &&
        created->trigger != TRIGGER_MANUAL)
        add_instant(t, created->scheduled_at);
    if (status != NULL && uuid_equal(status->task_id, t->task) &&
        status->trigger != TRIGGER_UNKNOWN)
        add_instant(t, status->scheduled_at);
}

/* In how many executions and gaps it is. */
static size_t times_accounted_for(const struct tale *t, usec_t at)
{
    size_t ret = 0;

    for (size_t i = 0; i < t->instant_count; i++)
        ret += t->instants[i] == at;
    for (size_t i = 0; i < t->gap_count; i++)
        ret += at > t->gaps[i]->from && at <= t->gaps[i]->to;
    return ret;
}

static size_t check_revision(const struct tale *t, const struct task_revision *r, usec_t end)
{
    struct timeline *timeline;
    struct occurrence o = {.at = r->effective_at};
    size_t ret = 0;

    MUST(spec_timeline(&r->spec, t->task, zones, &timeline, &err));
    while (timeline_next(timeline, o.at, &o) == RC_OK && o.at <= end) {
        size_t times = times_accounted_for(t, o.at);

        if (times != 1)
            fail_msg("%s: instant %lld is accounted for %zu times", r->spec.key, (long long)o.at,
                     times);
        ret++;
    }
    timeline_free(timeline);
    return ret;
}

/* What is due when a pause begins, and not decided yet, is told of when the pause ends. */
static usec_t told_until(const struct tale *t, size_t revision)
{
    const struct task_revision *next;

    if (revision + 1 == t->revision_count)
        return UNTIL - USEC_PER_SEC;
    next = t->revisions[revision + 1];
    return next->state == TASK_PAUSED && revision + 2 == t->revision_count
               ? next->effective_at - USEC_PER_SEC
               : next->effective_at;
}

static void check_task(struct tale *t)
{
    size_t instants = 0;

    for (size_t i = 0; i < t->revision_count; i++)
        if (t->revisions[i]->state == TASK_ACTIVE)
            instants += check_revision(t, t->revisions[i], told_until(t, i));
    assert_true(t->revision_count > 0);
    assert_true(t->instant_count > 0 && t->instant_count <= instants);
}

static void each_instant_is_accounted_for_once(void **state UNUSED)
{
    for (const struct story_task *task = story_tasks; task->key != NULL; task++) {
        struct tale tale = {.task = task_id_of(task->project, task->key)};

        for (size_t i = 0; i < count; i++)
            if (partition_of(tale.task, PARTITIONS) == records[i].partition)
                take(&tale, &records[i]);
        check_task(&tale);
        free(tale.instants);
    }
}

/* --- what comes after --- */

static int64_t records_in(const char *topic, int partition)
{
    int64_t ret = 0;

    for (size_t i = 0; i < count; i++)
        ret += records[i].partition == partition && strcmp(records[i].topic, topic) == 0;
    return ret;
}

static bool has_queue(void *ctx UNUSED, const char *queue UNUSED)
{
    return true;
}

static void a_scheduler_goes_on_where_it_ends(void **state UNUSED)
{
    const struct core_env env = {"t.", PARTITIONS, "next", zones, has_queue, NULL, 0};

    for (int p = 0; p < PARTITIONS; p++) {
        struct core *core = core_new(&env, p);
        const char *first;
        int64_t next[2], offset = 0;

        for (size_t i = 0; i < count; i++)
            if (records[i].partition == p && strcmp(records[i].topic, "t.state") == 0)
                core_restore(core, offset++, records[i].key, records[i].value);
        MUST(core_restored(core, next, &err));
        assert_int_equal(core_strays(core, &first), 0);
        assert_int_equal(next[0], records_in("t.commands", p));
        assert_true(records_in("t.status", p) - next[1] < 4); /* what came in the last moment */
        assert_true(core_wake(core) > UNTIL - USEC_PER_MIN);
        core_free(core);
    }
}

static void times_only_grow_and_end_in_time(void **state UNUSED)
{
    for (size_t i = 0; i < count; i++)
        assert_true(records[i].at <= UNTIL && records[i].at % USEC_PER_MS == 0 &&
                    records[i].at > UNTIL - (STORY_DAYS + 1) * USEC_PER_DAY);
    for (int p = 0; p < PARTITIONS; p++) {
        usec_t last = 0;

        for (size_t i = 0; i < count; i++)
            if (records[i].partition == p && strcmp(records[i].topic, "t.status") == 0) {
                assert_true(records[i].at >= last);
                last = records[i].at;
            }
    }
}

static void everything_a_page_shows_is_in_it(void **state UNUSED)
{
    long of[STATUS_COUNT] = {0};

    for (size_t i = 0; i < count; i++) {
        const struct execution_status *s = decoded(&records[i], RECORD_EXECUTION_STATUS);

        if (s != NULL)
            of[s->status]++;
    }
    assert_true(of[STATUS_SUCCEEDED] > 10000 && of[STATUS_FAILED] > 50 && of[STATUS_TIMED_OUT] > 5);
    assert_true(of[STATUS_MISSED] > 0 && of[STATUS_SKIPPED] > 10);
    assert_true(totals.executions > 15000 && totals.lines > 100000);
}

/* --- lines --- */

static void check_line(const struct story_task *task, const struct story_line *line)
{
    static const enum log_line_level levels[] = {[CRONOBS_LEVEL_INFO] = LINE_INFO,
                                                 [CRONOBS_LEVEL_DEBUG] = LINE_DEBUG,
                                                 [CRONOBS_LEVEL_WARN] = LINE_WARN,
                                                 [CRONOBS_LEVEL_ERROR] = LINE_ERROR};
    enum cronobs_level level = CRONOBS_LEVEL_INFO;

    if (!level_read(bytes_of(line->text), &level))
        level = CRONOBS_LEVEL_INFO;
    if (levels[level] != line->level)
        fail_msg("%s: a worker reads another level in: %s", task->key, line->text);
    assert_null(strchr(line->text, '{') != NULL && task->voice != VOICE_JSON ? line->text : NULL);
}

static void a_worker_reads_the_levels_that_the_past_has(void **state UNUSED)
{
    for (const struct story_task *task = story_tasks; task->key != NULL; task++)
        for (int n = 0; n < 400; n++) {
            struct uuid id =
                execution_id_of(task_id_of(task->project, task->key), n, "instant", "");
            struct story_run run = story_run_of(task, id, 30 * INT64_C(86400));
            usec_t last = 0;
            size_t lines;
            const struct story_line *line =
                story_lines(&run, run.hangs ? INT64_MAX : run.run_ms, memory, &lines);

            assert_true(lines > 0 && run.run_ms > 0);
            for (size_t i = 0; i < lines; i++) {
                check_line(task, &line[i]);
                assert_true(line[i].after_ms >= last);
                last = line[i].after_ms;
            }
        }
}

static void the_same_end_has_the_same_past(void **state UNUSED)
{
    size_t first = count;
    struct past_env env = {.prefix = "t.",
                           .partitions = PARTITIONS,
                           .until = UNTIL,
                           .zones = zones,
                           .write = keep,
                           .ctx = memory};
    struct past_totals again;

    MUST(past_tell(&env, &again, &err));
    assert_int_equal(count, 2 * first);
    for (size_t i = 0; i < first; i++)
        assert_true(bytes_equal(records[i].value, records[first + i].value));
    count = first;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_instant_is_accounted_for_once),
        cmocka_unit_test(a_scheduler_goes_on_where_it_ends),
        cmocka_unit_test(times_only_grow_and_end_in_time),
        cmocka_unit_test(everything_a_page_shows_is_in_it),
        cmocka_unit_test(a_worker_reads_the_levels_that_the_past_has),
        cmocka_unit_test(the_same_end_has_the_same_past),
    };

    return cmocka_run_group_tests(tests, tell, forget);
}
