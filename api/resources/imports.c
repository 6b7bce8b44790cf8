/*
 * POST /v1/crontabs:import: read on the thread aside, for a text of a megabyte takes its time; asked of the tables, page by page;
 * sent (import_orders.h); and told, on the thread aside again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/exchange/bind.h"
#include "api/resources/import_orders.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "model/spec.h"
#include "store/read_task_list.h"

enum {
    IMPORTS_MAX = 2, /* at once */
    LINES_MAX = 10000,
    ENTRIES_MAX = 5000,
    VANISHED_MAX = 5000,
    PAGE = 500,
    WAIT_S = 30, /* for an outcome, unless the request says */
};

struct import_body {
    const char *text, *project, *source, *queue, *zone;
    const char *users, *ignore; /* names between commas or blanks; lines */
    bool system, prune, dry_run;
};

#define AT(member) offsetof(struct import_body, member)

/* clang-format off */
static const struct field import_fields[] = {
    {.name = "text",    .type = FIELD_TEXT, .offset = AT(text),    .optional = true},
    {.name = "project", .type = FIELD_TEXT, .offset = AT(project), .optional = true},
    {.name = "source",  .type = FIELD_TEXT, .offset = AT(source),  .optional = true},
    {.name = "queue",   .type = FIELD_TEXT, .offset = AT(queue),   .optional = true},
    {.name = "zone",    .type = FIELD_TEXT, .offset = AT(zone),    .optional = true},
    {.name = "users",   .type = FIELD_TEXT, .offset = AT(users),   .optional = true},
    {.name = "ignore",  .type = FIELD_TEXT, .offset = AT(ignore),  .optional = true},
    {.name = "system",  .type = FIELD_BOOL, .offset = AT(system)},
    {.name = "prune",   .type = FIELD_BOOL, .offset = AT(prune)},
    {.name = "dry_run", .type = FIELD_BOOL, .offset = AT(dry_run)},
    {.name = NULL},
};
/* clang-format on */

static const struct record_type import_type = {
    .name = "Import", .size = sizeof(struct import_body), .fields = import_fields};

/* What the ways out call the fields of the request. */
static const struct crontab_words words = {"\"system\": true", "\"users\":", "\"ignore\"",
                                           "\"source\":"};

struct import_job {
    struct api *api;
    struct http_exchange *x;
    struct import_body body; /* in the import's memory */
    struct import import;
    struct import_orders orders;
    struct error err; /* of the thread; rc RC_OK: all went well */
    struct task_filter filter;
    struct arena *chunk; /* of the page in hand */
    struct buf report;
};

/* --- the end --- */

static void free_job(struct import_job *job)
{
    job->api->imports--;
    import_clear(&job->import);
    arena_free(job->chunk);
    arena_free(job->import.memory);
    free(job);
}

static void fail(struct import_job *job, const struct error *err)
{
    answer_error(job->x, err);
    free_job(job);
}

static void write_report(void *ctx)
{
    struct import_job *job = ctx;

    import_report_json(&job->import, &job->report);
}

static void answer_report(void *ctx)
{
    struct import_job *job = ctx;

    http_answer(job->x, 200, "application/json", &job->report);
    free_job(job);
}

static void tell(void *ctx)
{
    struct import_job *job = ctx;

    aside_run(job->api->aside, write_report, answer_report, job);
}

/* --- which tasks the source has --- */

static void read_keys(struct import_job *job);

static enum rc take_keys(struct import_job *job, const struct read_page *page, struct error *err)
{
    const struct task_row *rows = page->rows;

    for (size_t i = 0; i < page->count; i++)
        import_take_key(&job->import, rows[i].key);
    if (job->import.vanished_count <= VANISHED_MAX)
        return RC_OK;
    error_set(err, RC_CONFLICT, "the source has more than %d tasks that the crontab does not have",
              VANISHED_MAX);
    return error_hint(err, "cronobs import crontab imports a crontab of any size");
}

static void go_on_behind(struct import_job *job, const struct task_page *page)
{
    job->filter.project = arena_strdup(job->import.memory, page->project);
    job->filter.key = arena_strdup(job->import.memory, page->key);
    job->filter.task = page->task;
    arena_free(TAKE(job->chunk));
    read_keys(job);
}

/* All that can be known is. */
static void write_all(struct import_job *job)
{
    import_took_keys(&job->import);
    if (job->import.request.is_dry)
        tell(job);
    else if (answer_broker_away(job->x, broker_view(job->api->broker)))
        free_job(job);
    else
        import_orders_run(&job->orders);
}

static void on_keys(void *ctx, const struct task_page *page)
{
    struct import_job *job = ctx;
    struct error err = {0};

    if (answer_read_failed(job->x, &page->page)) {
        free_job(job);
        return;
    }
    if (take_keys(job, &page->page, &err) != RC_OK) {
        fail(job, &err);
        return;
    }
    if (page->page.more)
        go_on_behind(job, page);
    else
        write_all(job);
}

static void read_keys(struct import_job *job)
{
    job->chunk = arena_new(0);
    read_task_list(job->api->reads, &job->filter, NULL, PAGE, job->chunk, on_keys, job);
}

static void ask(struct import_job *job)
{
    job->filter = (struct task_filter){
        .only_project = job->body.project,
        .states = 1u << TASK_ACTIVE | 1u << TASK_PAUSED,
        .label = arena_printf(job->import.memory, "source:%s", job->body.source)};
    read_keys(job);
}

/* Which member is at fault. */
static enum rc blame(const char *field, struct error *err)
{
    (void)error_prefix(err, "/%s", field);
    (void)snprintf(err->pointer, sizeof err->pointer, "/%s", field);
    return err->rc;
}

/* --- reading the text, on the thread aside --- */

/* The parts of a text between marks; a NULL ends. */
static const char *const *split(const char *text, const char *marks, struct arena *memory)
{
    const char **parts = arena_alloc(memory, (strlen(text) / 2 + 2) * sizeof *parts);
    size_t count = 0;

    for (text += strspn(text, marks); *text != '\0'; text += strspn(text, marks)) {
        size_t len = strcspn(text, marks);

        parts[count++] = arena_strndup(memory, text, len);
        text += len;
    }
    return parts;
}

static enum rc read_text(struct import_job *job, struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL); /* the loop's is the loop's */
    struct arena *memory = job->import.memory;
    const struct crontab_options options = {.words = words,
                                            .zone = job->body.zone,
                                            .has_users = job->body.system,
                                            .accounts = split(job->body.users, ", \t\n", memory),
                                            .known = split(job->body.ignore, "\n", memory),
                                            .zones = zones};

    TRY(import_read(&job->import, bytes_of(job->body.text), &options, clock_realtime(), err));
    if (job->import.line_count <= ENTRIES_MAX)
        return RC_OK;
    error_set(err, RC_INVALID, "it has %zu entries, more than %d", job->import.line_count,
              ENTRIES_MAX);
    (void)error_hint(err, "cronobs import crontab imports a crontab of any size");
    return blame("text", err);
}

static void read_aside(void *ctx)
{
    struct import_job *job = ctx;

    job->err.rc = read_text(job, &job->err);
}

static void on_read(void *ctx)
{
    struct import_job *job = ctx;

    if (job->err.rc == RC_OK && job->api->is_ending)
        error_set(&job->err, RC_RETRY, "the program is stopping: ask again");
    if (job->err.rc != RC_OK)
        fail(job, &job->err);
    else
        ask(job);
}

/* --- the request --- */

static enum rc check_name(const char *field, const char *name, size_t max, struct error *err)
{
    if (spec_name_is_valid(name, max))
        return RC_OK;
    error_set(err, RC_INVALID, "\"%.200s\" is no name", name);
    (void)error_hint(err, "a-z, 0-9, '.', '_' and '-'; the first a letter or digit");
    return blame(field, err);
}

static enum rc check_text(const char *text, struct error *err)
{
    size_t lines = 1;

    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    if (lines <= LINES_MAX)
        return RC_OK;
    error_set(err, RC_INVALID, "it has %zu lines, more than %d", lines, LINES_MAX);
    (void)error_hint(err, "cronobs import crontab imports a crontab of any size");
    return blame("text", err);
}

static enum rc check_body(struct api *api, const struct import_body *b, struct error *err)
{
    struct zone *zone;

    if (b->text == NULL || b->source == NULL) {
        error_set(err, RC_INVALID, "it is missing");
        return blame(b->text == NULL ? "text" : "source", err);
    }
    TRY(check_text(b->text, err));
    if (import_check_source(b->source, err) != RC_OK)
        return blame("source", err);
    TRY(check_name("project", b->project, SPEC_KEY_MAX, err));
    TRY(check_name("queue", b->queue, SPEC_QUEUE_MAX, err));
    if (zoneset_get(api->zones, b->zone, &zone, err) != RC_OK)
        return blame("zone", err);
    return RC_OK;
}

/* Absent members mean this. */
static const struct import_body usual = {
    .project = "default", .queue = "default", .zone = "UTC", .users = "", .ignore = ""};

static enum rc read_body(struct api *api, struct bytes json, struct arena *memory,
                         struct import_body *ret, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct import_body borrowed = usual;
    struct json_node root;

    TRY(json_doc_parse_request(json, &doc, err));
    root = json_doc_root(doc);
    TRY(bind_record(&root, &import_type, memory, &borrowed, err));
    TRY(check_body(api, &borrowed, err));
    *ret = *(struct import_body *)record_copy(&import_type, &borrowed, memory);
    return RC_OK;
}

static struct import_job *job_new(struct api *api, struct http_exchange *x,
                                  const struct import_body *body, struct arena *memory)
{
    struct import_job *job = xcalloc(1, sizeof *job);

    *job = (struct import_job){.api = api, .x = x, .body = *body};
    job->import = (struct import){.request = {.project = body->project,
                                              .queue = body->queue,
                                              .source = body->source,
                                              .zone = body->zone,
                                              .is_dry = body->dry_run,
                                              .prunes = body->prune},
                                  .memory = memory};
    job->orders = (struct import_orders){
        .api = api, .import = &job->import, .words = &words, .done = tell, .ctx = job};
    return job;
}

void import_crontab(struct http_exchange *x, void *ctx)
{
    struct api *api = api_of(ctx);
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct import_job *job;
    struct import_body body;
    struct error err = {0};
    int wait_s = WAIT_S;

    if (api->imports >= IMPORTS_MAX) {
        problem_answer_text(x, PROBLEM_UNAVAILABLE, "ask again", "%d imports are under way",
                            api->imports);
        return;
    }
    if (prefer_wait(x, &wait_s, &err) != RC_OK ||
        read_body(api, http_body(x), memory, &body, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    http_drop_body(x);
    job = job_new(api, x, &body, TAKE(memory));
    job->orders.wait = wait_s * USEC_PER_SEC;
    api->imports++;
    aside_run(api->aside, read_aside, on_read, job);
}
