#include <string.h>

#include "api/exchange/cursor.h"
#include "api/exchange/page.h"
#include "api/resources/recent.h"
#include "api/resources/resources.h"
#include "api/resources/task_view.h"
#include "base/clock.h"
#include "store/read_task_list.h"

/*
 * GET /v1/tasks: a page of rows first; who paused those that are, what is to be skipped, and what ran last, are asked for all of them together. The
 * answer is written in slices: a specification may hold a lot, and to say when it is due next means to read it.
 */

#define BIT(state) (1u << (state))

struct list_request {
    struct api *api;
    struct http_exchange *x;
    bool with_recent, with_words;
    struct task_page page;
    struct map pauses; /* task id -> struct pause_row */
    struct skips skips;
    struct recents recents;
    size_t at; /* to be written */
    struct buf body;
    struct json json; /* into body */
};

/* --- the answer --- */

static void answer_tasks(struct list_request *r)
{
    SCOPED_BUF next = {0};
    SCOPED_CURSOR cursor = {0};

    if (r->page.page.more) {
        cursor_begin(&cursor, CURSOR_TASKS);
        cursor_put_text(&cursor, r->page.project);
        cursor_put_text(&cursor, r->page.key);
        cursor_put_uuid(&cursor, r->page.task);
        cursor_text(&cursor, &next);
    }
    map_clear(&r->pauses);
    recents_clear(&r->recents);
    answer_close_list(&r->json, next.data);
    answer_json(r->x, 200, &r->body);
}

static void put_one_task(struct list_request *r, const struct task_row *row)
{
    const struct task_more more = {
        .pause = row->state == TASK_PAUSED ? map_find(&r->pauses, row->task_id) : NULL,
        .skips = r->skips,
    };
    const struct recent_row *recent;
    size_t count;

    json_open_object(&r->json);
    task_members(&r->json, r->api, row, &more);
    if (r->with_words)
        task_words(&r->json, r->api, row);
    if (r->with_recent) {
        recent = recents_of(&r->recents, row->task_id, &count);
        recent_member(&r->json, recent, count);
    }
    json_close_object(&r->json);
}

static bool put_next_task(void *ctx)
{
    struct list_request *r = ctx;
    const struct task_row *rows = r->page.page.rows;

    if (r->at < r->page.page.count)
        put_one_task(r, &rows[r->at++]);
    if (r->at < r->page.page.count)
        return true;
    answer_tasks(r);
    return false;
}

static void on_recent(void *ctx, const struct read_page *page)
{
    struct list_request *r = ctx;

    if (answer_read_failed(r->x, page)) {
        map_clear(&r->pauses);
        return;
    }
    r->recents = recents_by_task(page, http_memory(r->x));
    r->json = answer_open_list(&r->body);
    slices_run(r->api->slices, put_next_task, r);
}

/* Ids of the tasks of the page, or of those that are paused. */
static struct uuid *ids_of(const struct list_request *r, bool paused_only, size_t *ret_count)
{
    const struct task_row *rows = r->page.page.rows;
    size_t count = r->page.page.count;
    struct uuid *ids = arena_alloc(http_memory(r->x), MAX(count, (size_t)1) * sizeof *ids);

    *ret_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!paused_only || rows[i].state == TASK_PAUSED)
            ids[(*ret_count)++] = rows[i].task_id;
    return ids;
}

static void on_skips(void *ctx, const struct read_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct list_request *r = ctx;
    const struct uuid *ids;
    size_t count;

    if (answer_read_failed(r->x, page)) {
        map_clear(&r->pauses);
        return;
    }
    r->skips = skips_of(page);
    ids = ids_of(r, false, &count);
    if (r->with_recent)
        read_recent(r->api->reads, ids, count, RECENT_SHOWN, false,
                    (struct read_reply){http_memory(r->x), on_recent, r});
    else
        on_recent(r, &nothing);
}

static void on_pauses(void *ctx, const struct read_page *page)
{
    struct list_request *r = ctx;
    struct pause_row *rows = page->rows;
    const struct uuid *ids;
    size_t count;

    if (answer_read_failed(r->x, page))
        return;
    for (size_t i = 0; i < page->count; i++)
        map_put(&r->pauses, rows[i].task_id, &rows[i]);
    ids = ids_of(r, false, &count);
    skips_read(r->api, ids, count, clock_realtime(),
               (struct read_reply){http_memory(r->x), on_skips, r});
}

static void on_page(void *ctx, const struct task_page *page)
{
    const struct read_page nothing = {.rc = RC_OK};
    struct list_request *r = ctx;
    const struct uuid *ids;
    size_t count;

    if (answer_read_failed(r->x, &page->page))
        return;
    r->page = *page;
    ids = ids_of(r, true, &count);
    if (count > 0)
        read_pauses(r->api->reads, ids, count,
                    (struct read_reply){http_memory(r->x), on_pauses, r});
    else
        on_pauses(r, &nothing);
}

/* --- what is asked for --- */

static enum rc read_task_cursor(struct http_exchange *x, struct task_filter *ret, struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "cursor");

    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_TASKS, text, err));
    ret->project = cursor_take_text(&cursor, http_memory(x));
    ret->key = cursor_take_text(&cursor, http_memory(x));
    ret->task = cursor_uuid(&cursor);
    return cursor_end(&cursor, err);
}

/* label=name:value */
static enum rc read_label(struct http_exchange *x, struct task_filter *ret, struct error *err)
{
    const char *text = http_query(x, "label");
    const char *colon = text == NULL ? NULL : strchr(text, ':');

    if (text == NULL)
        return RC_OK;
    if (colon == NULL || colon == text)
        return error_set(err, RC_INVALID, "label: \"%.100s\" is not name:value", text);
    ret->label = text;
    return RC_OK;
}

static enum rc read_search(const struct http_exchange *x, const char **ret, struct error *err)
{
    const char *q = http_query(x, "q");

    if (q != NULL && strlen(q) > SEARCH_BYTES_MAX)
        return error_set(err, RC_INVALID, "q: %zu bytes are more than %d", strlen(q),
                         SEARCH_BYTES_MAX);
    *ret = q != NULL && *q != '\0' ? q : NULL;
    return RC_OK;
}

/* A comma list of what comes beside the task. */
static enum rc read_include(struct list_request *r, struct error *err)
{
    for (const char *at = http_query(r->x, "include"); at != NULL;) {
        size_t len = strcspn(at, ",");

        if (len == 6 && strncmp(at, "recent", len) == 0)
            r->with_recent = true;
        else if (len == 5 && strncmp(at, "words", len) == 0)
            r->with_words = true;
        else
            return error_set(err, RC_INVALID, "include: \"%.*s\" is neither recent nor words",
                             (int)MIN(len, (size_t)40), at);
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return RC_OK;
}

static enum rc read_task_filter(struct http_exchange *x, struct task_filter *ret, struct error *err)
{
    static const struct symbols states = {&task_state_enum, {{"ALL", UINT32_MAX}}};

    TRY(read_task_cursor(x, ret, err));
    TRY(read_label(x, ret, err));
    TRY(param_set(x, "state", &states, &ret->states, err));
    if (http_query(x, "state") == NULL)
        ret->states = BIT(TASK_ACTIVE) | BIT(TASK_PAUSED);
    ret->only_project = http_query(x, "project");
    ret->queue = http_query(x, "queue");
    return RC_OK;
}

static enum rc list(struct list_request *r, struct error *err)
{
    struct task_filter filter = {0};
    const char *q = NULL;
    size_t limit;

    TRY(read_task_filter(r->x, &filter, err));
    TRY(read_search(r->x, &q, err));
    TRY(read_include(r, err));
    TRY(param_limit(r->x, &limit, err));
    read_task_list(r->api->reads, &filter, q, limit, http_memory(r->x), on_page, r);
    return RC_OK;
}

void list_tasks(struct http_exchange *x, void *ctx)
{
    struct list_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct error err = {0};

    *r = (struct list_request){.api = api_of(ctx), .x = x};
    if (list(r, &err) != RC_OK)
        answer_list_error(x, &err);
}
