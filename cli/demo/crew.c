#include "cli/demo/crew.h"

#include <string.h>

#include "cli/demo/lines.h"

enum { LINES_A_BATCH = 200, RECORDS_MAX = 8, INCARNATIONS_PER_DAY = 4 };

/* Sends what has waited so long. */
static const usec_t BATCH_WAIT = 200 * USEC_PER_MS;

usec_t crew_absent_until(const char *queue, usec_t at, usec_t until)
{
    int64_t ago_s = (until - at) / USEC_PER_SEC;

    for (const struct story_absence *a = story_absences; a->from_ago_s != 0; a++)
        if (text_equal(a->queue, queue) && ago_s <= a->from_ago_s && ago_s > a->to_ago_s)
            return a->to_ago_s == 0 ? USEC_MAX : until - a->to_ago_s * USEC_PER_SEC;
    return 0;
}

struct shift { /* of one worker on one run */
    const struct execution_created *e;
    struct story_run run;
    struct arena *memory;
    struct crew_work *work;
    struct worker_ref *worker;
    usec_t begins;
    int64_t lasts_ms;
    uint64_t seed;
};

/* A process lives for some hours. */
static struct worker_ref *worker_of(const struct shift *s, const char *queue)
{
    struct worker_ref *ret = arena_alloc(s->memory, sizeof *ret);
    long life = (long)(s->begins / (USEC_PER_DAY / INCARNATIONS_PER_DAY));
    int number = 1 + s->e->task_id.b[15] % 2;

    ret->name = arena_printf(s->memory, "%s-%d", queue, number);
    ret->incarnation =
        uuid_named(CRONOBS_NAMESPACE, arena_printf(s->memory, "demo/%s/%ld", ret->name, life));
    return ret;
}

static void send(struct shift *s, const char *topic, enum record_kind kind, const void *record,
                 usec_t at)
{
    struct crew_record *r = &s->work->records[s->work->count++];
    bool is_log = kind == RECORD_LOG_BATCH;

    *r = (struct crew_record){topic, is_log ? s->e->execution_id : s->e->task_id, kind, record, at};
}

static struct execution_status *report(struct shift *s, enum status status, usec_t at)
{
    struct execution_status *r = arena_alloc(s->memory, sizeof *r);
    const char *name = arena_printf(s->memory, "demo/%d", (int)status);

    *r = (struct execution_status){
        .event_id = uuid_named(s->e->execution_id, name),
        .execution_id = s->e->execution_id,
        .task_id = s->e->task_id,
        .attempt = s->e->attempt,
        .status = status,
        .occurred_at = at - 2 * USEC_PER_MS,
        .worker = s->worker,
    };
    send(s, "status", RECORD_EXECUTION_STATUS, r, at);
    return r;
}

/* --- lines --- */

static void add_batch(struct shift *s, const struct story_line *lines, size_t from, size_t count)
{
    struct log_batch *b = arena_alloc(s->memory, sizeof *b);

    *b = (struct log_batch){.execution_id = s->e->execution_id,
                            .task_id = s->e->task_id,
                            .attempt = s->e->attempt,
                            .writer = s->worker->incarnation,
                            .first_seq = (int64_t)from + 1,
                            .lines = arena_alloc(s->memory, count * sizeof *b->lines),
                            .line_count = count,
                            .marks = arena_alloc(s->memory, count * sizeof *b->marks)};
    for (size_t i = 0; i < count; i++) {
        const struct story_line *line = &lines[from + i];

        b->lines[i] = (struct log_line){s->begins + line->after_ms * USEC_PER_MS, line->level,
                                        line->stream, line->text, strlen(line->text)};
        if (line->is_unfinished)
            b->marks[b->mark_count++] =
                (struct log_mark){.line = (int32_t)i + 1, .unfinished = true};
    }
    send(s, "logs", RECORD_LOG_BATCH, b, b->lines[count - 1].at + BATCH_WAIT);
    s->work->lines += (long)count;
}

static void add_lines(struct shift *s)
{
    size_t count;
    const struct story_line *lines = story_lines(&s->run, s->lasts_ms, s->memory, &count);

    for (size_t from = 0; from < count && s->work->count < RECORDS_MAX - 1; from += LINES_A_BATCH)
        add_batch(s, lines, from, MIN(count - from, (size_t)LINES_A_BATCH));
}

/* --- one run --- */

/* When somebody takes it; USEC_MAX: nobody does. */
static usec_t taken_at(struct shift *s, const char *queue, usec_t made)
{
    usec_t back = crew_absent_until(queue, made, s->work->until);

    if (back == USEC_MAX)
        return USEC_MAX;
    made += (usec_t)(20 + story_draw(&s->seed, 90)) * USEC_PER_MS;
    return back == 0 ? made : back + (usec_t)story_draw(&s->seed, 20000) * USEC_PER_MS;
}

static bool is_for_us(const struct shift *s)
{
    usec_t ends = s->begins + s->lasts_ms * USEC_PER_MS + USEC_PER_SEC;

    if (s->begins >= s->work->until || (s->e->start_by != 0 && s->begins >= s->e->start_by))
        return false;
    return s->run.hangs || ends < s->work->until;
}

static void end_well_or_not(struct shift *s)
{
    usec_t at = s->begins + s->lasts_ms * USEC_PER_MS + BATCH_WAIT + 20 * USEC_PER_MS;
    struct execution_status *r = report(s, s->run.fails ? STATUS_FAILED : STATUS_SUCCEEDED, at);

    r->exit_code = (struct opt_int){true, rc_exit_code(s->run.rc)};
    if (s->run.fails) {
        r->reason = REASON_EXIT_CODE;
        r->message = arena_printf(s->memory, "exit code %d", r->exit_code.value);
    }
}

void crew_work(const struct execution_created *e, const char *queue, usec_t made,
               struct arena *memory, struct crew_work *ret)
{
    const struct story_task *task = story_find(e->task_key);
    struct shift s = {.e = e, .memory = memory, .work = ret};
    int64_t limit = e->run_timeout_ms;

    ret->records = arena_alloc(memory, RECORDS_MAX * sizeof *ret->records);
    if (task == NULL)
        return;
    s.run = story_run_of(task, e->execution_id, (ret->until - e->scheduled_at) / USEC_PER_SEC);
    s.seed = s.run.seed ^ 1;
    s.lasts_ms = s.run.hangs && limit > 0 ? limit : s.run.run_ms;
    s.begins = taken_at(&s, queue, made);
    if (s.begins == USEC_MAX || !is_for_us(&s))
        return;
    s.worker = worker_of(&s, queue);
    (void)report(&s, STATUS_RUNNING, s.begins);
    add_lines(&s);
    if (!s.run.hangs && (limit == 0 || s.lasts_ms < limit))
        end_well_or_not(&s);
}
