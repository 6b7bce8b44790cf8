#include "api/resources/summary.h"

#include <stdio.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/resources/failing.h"
#include "api/resources/recent.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "store/read_open.h"
#include "store/read_summary.h"

/*
 * Several questions at once, as many as there are free connections; the answer is written when the last one is answered. Tasks
 * are counted anew after TASKS_FRESH only: that is the one question whose cost grows with what there is.
 *
 * All pages that are open are told at once that something has changed, and all of them ask: whoever asks while it is being worked
 * out waits for the next time, and shares that one with all who came meanwhile. Nobody gets an answer that began before he asked.
 */

#define STEP        (15 * USEC_PER_MIN)
#define TASKS_FRESH (30 * USEC_PER_SEC)

enum { STEPS = 96, STATES = TASK_DELETED + 1, PROJECT_MAX = 200 };

/* --- how many tasks there are --- */

struct task_counts {
    char project[PROJECT_MAX + 1]; /* "": of all */
    usec_t at;                     /* monotonic; 0: never */
    int64_t counts[STATES];
};

struct summary_cache {
    struct task_counts kept[SUMMARY_PROJECTS_MAX];
    size_t next;                     /* to be overwritten */
    struct summary_request *waiting; /* for the next answer; of no project */
    bool is_asking;                  /* for those before them */
};

struct summary_cache *summary_cache_new(void)
{
    return xcalloc(1, sizeof(struct summary_cache));
}

static struct task_counts *find_counts(struct summary_cache *c, const char *project, usec_t now)
{
    for (size_t i = 0; i < SUMMARY_PROJECTS_MAX; i++) {
        struct task_counts *t = &c->kept[i];

        if (t->at != 0 && now - t->at < TASKS_FRESH && text_equal(t->project, project))
            return t;
    }
    return NULL;
}

static void keep_counts(struct summary_cache *c, const char *project, const int64_t counts[STATES],
                        usec_t now)
{
    struct task_counts *t = &c->kept[c->next];

    c->next = (c->next + 1) % SUMMARY_PROJECTS_MAX;
    *t = (struct task_counts){.at = now};
    (void)snprintf(t->project, sizeof t->project, "%s", project);
    memcpy(t->counts, counts, sizeof t->counts);
}

/* --- a request --- */

struct summary_request {
    struct api *api;
    struct http_exchange *x;
    struct summary_request *next; /* who gets the same answer */
    const char *project;          /* NULL: all */
    usec_t now, first;            /* first: of the first step */
    int waiting;                  /* for so many answers */
    struct read_page failed;
    bool is_complete;
    int64_t open[STATUS_COUNT], steps[STEPS][STATUS_COUNT], day[STATUS_COUNT], tasks[STATES];
    struct open_sums sums;
    size_t failing;
};

static void put_late(struct json *j, const struct summary_request *r)
{
    json_key(j, "late");
    json_open_object(j);
    json_add_int(j, "executions", r->sums.late);
    json_add_int(j, "tasks", r->sums.late_tasks);
    if (r->sums.oldest_due_at != 0)
        json_add_instant(j, "oldest_due_at", r->sums.oldest_due_at);
    json_close_object(j);
}

static void put_tasks(struct json *j, const struct summary_request *r)
{
    json_key(j, "tasks");
    json_open_object(j);
    for (int s = 0; s < STATES; s++)
        if (r->tasks[s] != 0)
            json_add_int(j, enum_name(&task_state_enum, s), r->tasks[s]);
    json_close_object(j);
}

static void put_steps(struct json *j, const struct summary_request *r)
{
    json_key(j, "steps");
    json_open_array(j);
    for (int i = 0; i < STEPS; i++) {
        json_open_object(j);
        json_add_instant(j, "from", r->first + i * STEP);
        status_counts(j, "counts", r->steps[i]);
        json_close_object(j);
    }
    json_close_array(j);
}

static void write_summary(const struct summary_request *r, struct buf *out)
{
    struct json j = json_into(out);

    json_open_object(&j);
    json_add_instant(&j, "at", r->now);
    json_add_int(&j, "late_after_ms", r->api->config->late_after_ms);
    status_counts(&j, "open", r->open);
    put_late(&j, r);
    status_counts(&j, "day", r->day);
    json_add_int(&j, "failing_tasks", (int64_t)r->failing);
    put_tasks(&j, r);
    put_steps(&j, r);
    json_add_bool(&j, "complete", r->is_complete);
    json_close_object(&j);
}

static void answer_one(struct http_exchange *x, const struct read_page *failed,
                       const struct buf *text)
{
    struct buf body = {0};

    if (answer_read_failed(x, failed))
        return;
    buf_add(&body, text->data, text->len);
    answer_json(x, 200, &body);
}

static void ask_next(struct api *api);

/* Each request is gone with its exchange. */
static void answer_all(struct summary_request *r)
{
    SCOPED_BUF text = {0};
    const struct read_page failed = r->failed;
    struct api *api = r->api;
    bool is_shared = r->project == NULL;

    if (failed.rc == RC_OK)
        write_summary(r, &text);
    for (struct summary_request *one = r; one != NULL;) {
        struct summary_request *next = one->next;

        answer_one(one->x, &failed, &text);
        one = next;
    }
    if (!is_shared)
        return;
    api->summary->is_asking = false;
    ask_next(api);
}

/* One answer has come. False: nothing is to be taken from it. */
static bool has_come(struct summary_request *r, const struct read_page *page)
{
    r->waiting--;
    if (page->rc != RC_OK)
        r->failed = *page;
    return page->rc == RC_OK;
}

static void go_on(struct summary_request *r)
{
    if (r->waiting == 0)
        answer_all(r);
}

static void on_open(void *ctx, const struct read_page *page)
{
    struct summary_request *r = ctx;
    const struct count_row *rows = page->rows;

    if (has_come(r, page))
        for (size_t i = 0; i < page->count; i++)
            if (rows[i].code >= 0 && rows[i].code < STATUS_COUNT)
                r->open[rows[i].code] = rows[i].count;
    go_on(r);
}

static void on_steps(void *ctx, const struct read_page *page)
{
    struct summary_request *r = ctx;
    const struct count_row *rows = page->rows;

    if (has_come(r, page))
        for (size_t i = 0; i < page->count; i++) {
            usec_t step = (rows[i].bucket - r->first) / STEP;

            if (step < 0 || step >= STEPS || rows[i].code < 0 || rows[i].code >= STATUS_COUNT)
                continue;
            r->steps[step][rows[i].code] += rows[i].count;
            r->day[rows[i].code] += rows[i].count;
        }
    go_on(r);
}

/* Of a project what is open is not counted by the projection: these sums have it. */
static void take_open(struct summary_request *r)
{
    r->open[STATUS_PENDING] = r->sums.pending;
    r->open[STATUS_WAITING] = r->sums.waiting;
    r->open[STATUS_RUNNING] = r->sums.running;
    r->open[STATUS_CANCELLING] = r->sums.cancelling;
    r->open[STATUS_RETRYING] = r->sums.retrying;
}

static void on_sums(void *ctx, const struct read_page *page)
{
    struct summary_request *r = ctx;

    if (has_come(r, page) && page->count > 0) {
        r->sums = *(const struct open_sums *)page->rows;
        r->is_complete = r->is_complete && r->sums.looked_at <= READ_OPEN_MAX;
        if (r->project != NULL)
            take_open(r);
    }
    go_on(r);
}

static void on_failures(void *ctx, const struct read_page *page)
{
    struct summary_request *r = ctx;

    if (has_come(r, page)) {
        r->failing = failing_of(page, http_memory(r->x)).count;
        r->is_complete = r->is_complete && !page->more;
    }
    go_on(r);
}

static void take_tasks(struct summary_request *r, const int64_t counts[STATES])
{
    int64_t all = 0;

    memcpy(r->tasks, counts, sizeof r->tasks);
    for (int s = 0; s < STATES; s++)
        all += counts[s];
    r->is_complete = r->is_complete && (r->project == NULL || all <= READ_PROJECT_TASKS_MAX);
}

static void on_tasks(void *ctx, const struct read_page *page)
{
    struct summary_request *r = ctx;
    const struct count_row *rows = page->rows;
    int64_t counts[STATES] = {0};

    if (has_come(r, page)) {
        for (size_t i = 0; i < page->count; i++)
            if (rows[i].code >= 0 && rows[i].code < STATES)
                counts[rows[i].code] = rows[i].count;
        keep_counts(r->api->summary, r->project != NULL ? r->project : "", counts,
                    clock_monotonic());
        take_tasks(r, counts);
    }
    go_on(r);
}

/* Nobody answers before all have been asked: `waiting` is more than 0 until then. */
static void ask_all(struct summary_request *r)
{
    struct read_pool *reads = r->api->reads;
    struct arena *memory = http_memory(r->x);
    usec_t late = r->now - r->api->config->late_after_ms * USEC_PER_MS;
    const struct task_counts *known =
        find_counts(r->api->summary, r->project != NULL ? r->project : "", clock_monotonic());

    r->waiting = 3 + (r->project == NULL) + (known == NULL);
    if (known != NULL)
        take_tasks(r, known->counts);
    else
        read_task_counts(reads, r->project, (struct read_reply){memory, on_tasks, r});
    if (r->project == NULL)
        read_open_counts(reads, (struct read_reply){memory, on_open, r});
    read_steps(reads, r->first, r->project, (struct read_reply){memory, on_steps, r});
    read_open_sums(reads, late, r->project, (struct read_reply){memory, on_sums, r});
    read_failures(reads, r->now - USEC_PER_DAY, r->project,
                  (struct read_reply){memory, on_failures, r});
}

static void begin(struct summary_request *r)
{
    r->now = clock_realtime();
    r->first = r->now / STEP * STEP - (STEPS - 1) * STEP;
    ask_all(r);
}

/* One question for all who wait. */
static void ask_next(struct api *api)
{
    struct summary_cache *c = api->summary;

    if (c->is_asking || c->waiting == NULL)
        return;
    c->is_asking = true;
    begin(TAKE(c->waiting));
}

void get_summary(struct http_exchange *x, void *ctx)
{
    struct summary_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct api *api = api_of(ctx);

    *r = (struct summary_request){
        .api = api, .x = x, .project = http_query(x, "project"), .is_complete = true};
    if (r->project != NULL && strlen(r->project) > PROJECT_MAX) {
        problem_answer_text(x, PROBLEM_INVALID, NULL, "project: more than %d bytes", PROJECT_MAX);
    } else if (r->project != NULL) {
        begin(r);
    } else {
        r->next = api->summary->waiting;
        api->summary->waiting = r;
        ask_next(api);
    }
}
