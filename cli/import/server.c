/*
 * A task that the source's list does not show is put on condition that there is none of its key (If-None-Match):
 * two crontabs must not take each other's tasks, as equal commands in both would have it (docs/decisions/0051).
 */
#include "cli/import/server.h"

#include <stdlib.h>
#include <string.h>

#include "cli/import/words.h"
#include "http/client.h"
#include "http/json_read.h"
#include "http/url.h"
#include "model/record_json.h"
#include "model/spec.h"

const struct crontab_words import_options = {"--system", "--user", "--ignore", "--source"};

enum { WAIT_S = 30, PAGE = 500, PAGES_MAX = 1000 };

#define TIMEOUT ((WAIT_S + 15) * USEC_PER_SEC)

struct import_server {
    struct http_client *client;
    struct arena *memory; /* of one task at a time */
    bool is_slow;         /* somebody was waited for in vain: nobody is any more */
};

enum rc import_server_new(const char *url, struct import_server **ret, struct error *err)
{
    SCOPED(import_server) struct import_server *s = xcalloc(1, sizeof *s);

    s->memory = arena_new(0);
    TRY(http_client_new(url, &s->client, err));
    *ret = TAKE(s);
    return RC_OK;
}

void import_server_free(struct import_server *s)
{
    if (s == NULL)
        return;
    http_client_free(s->client);
    arena_free(s->memory);
    free(s);
}

static const char *task_target(const struct import_server *s, const struct import *i,
                               const char *key)
{
    SCOPED_BUF out = {0};

    buf_add_text(&out, "/v1/tasks/");
    url_escape(&out, i->request.project);
    buf_add_char(&out, '~');
    url_escape(&out, key);
    return arena_strdup(s->memory, buf_text(&out));
}

/* --- JSON --- */

static const char *text_at(const struct json_node *object, const char *name)
{
    struct json_node member;
    const char *text;

    if (!json_node_member(object, name, &member) || json_node_text(&member, &text, NULL) != RC_OK)
        return NULL;
    return text;
}

static enum rc parse_object(const struct reply *reply, struct json_doc **ret,
                            struct json_node *root, struct error *err)
{
    TRY(json_doc_parse(reply->body, ret, err));
    *root = json_doc_root(*ret);
    return json_node_expect(root, JSON_KIND_OBJECT, err);
}

/* --- the tasks of the source --- */

static enum rc take_page(struct import *i, const struct json_node *root, struct error *err)
{
    struct json_node items, item;

    if (!json_node_member(root, "items", &items))
        return error_set(err, RC_INVALID, "the list of tasks has no items");
    TRY(json_node_expect(&items, JSON_KIND_ARRAY, err));
    for (size_t n = 0; json_node_item(&items, n, &item); n++) {
        const char *key = text_at(&item, "key");

        if (key != NULL)
            import_take_key(i, key);
    }
    return RC_OK;
}

static void list_target(const struct import *i, const char *cursor, struct buf *out)
{
    buf_printf(out, "/v1/tasks?limit=%d&project=", PAGE);
    url_escape(out, i->request.project);
    buf_add_text(out, "&label=source:");
    url_escape(out, i->request.source);
    if (*cursor == '\0')
        return;
    buf_add_text(out, "&cursor=");
    url_escape(out, cursor);
}

/* One page; *cursor is "" after the last. */
static enum rc read_page(struct import_server *s, struct import *i, char **cursor,
                         struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    SCOPED_BUF target = {0};
    struct http_request request = {.method = HTTP_GET};
    const struct reply *reply;
    struct json_node root;
    const char *next;

    list_target(i, *cursor, &target);
    request.target = buf_text(&target);
    TRY(http_client_call(s->client, &request, &reply, err));
    TRY(reply_check(reply, err));
    TRY(parse_object(reply, &doc, &root, err));
    TRY(take_page(i, &root, err));
    next = text_at(&root, "next");
    free(*cursor);
    *cursor = xstrdup(next == NULL ? "" : next);
    return RC_OK;
}

static enum rc read_pages(struct import_server *s, struct import *i, struct error *err)
{
    SCOPED(text) char *cursor = xstrdup("");

    for (int page = 0; page < PAGES_MAX; page++) {
        TRY(read_page(s, i, &cursor, err));
        if (*cursor == '\0')
            return RC_OK;
    }
    return error_set(err, RC_INVALID, "the source has more than %d tasks", PAGES_MAX * PAGE);
}

enum rc import_ask(struct import_server *s, struct import *i, struct error *err)
{
    enum rc rc = read_pages(s, i, err);

    if (rc != RC_OK) {
        import_words(&i->request, NULL, err);
        return rc == RC_RETRY ? rc : error_prefix(err, "could not list the tasks of the source");
    }
    import_took_keys(i);
    return RC_OK;
}

/* --- putting --- */

static void write_spec(const struct import_server *s, const struct import *i,
                       const struct import_line *line, struct buf *out)
{
    struct task_spec spec = import_spec(i, line, s->memory);
    struct json j = json_into(out);

    record_to_json(&j, &task_spec_type, &spec);
}

static enum rc send_write(struct import_server *s, const struct http_request *request,
                          bool only_new, const struct reply **ret, struct error *err)
{
    struct http_pair headers[3] = {{NULL, NULL}};
    struct http_request waiting = *request;
    size_t count = 0;

    if (!s->is_slow)
        headers[count++] = (struct http_pair){"Prefer", "wait=30"};
    if (only_new)
        headers[count++] = (struct http_pair){"If-None-Match", "*"};
    waiting.headers = headers;
    waiting.timeout = TIMEOUT;
    TRY(http_client_call(s->client, &waiting, ret, err));
    s->is_slow = s->is_slow || (*ret)->status == 202;
    return RC_OK;
}

static enum import_state state_of(const struct reply *reply)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;

    if (parse_object(reply, &doc, &root, NULL) != RC_OK)
        return IMPORT_PENDING;
    return import_state_of(text_at(&root, "code"));
}

/* Whose task is it? *ret_source is NULL when it has no label `source`, or there is no such task. */
static enum rc read_source(struct import_server *s, const struct import *i, const char *key,
                           const char **ret_source, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    const struct http_request request = {.method = HTTP_GET, .target = task_target(s, i, key)};
    const struct reply *reply;
    struct json_node root, spec, labels;
    const char *source = NULL;

    TRY(http_client_call(s->client, &request, &reply, err));
    TRY(reply_check(reply, err));
    TRY(parse_object(reply, &doc, &root, err));
    if (json_node_member(&root, "spec", &spec) && json_node_member(&spec, "labels", &labels))
        source = text_at(&labels, "source");
    *ret_source = source == NULL ? NULL : arena_strdup(s->memory, source);
    return RC_OK;
}

/* There was a task, and no line of the list: is it ours all the same, made this very moment? */
static enum rc put_over(struct import_server *s, const struct import *i,
                        const struct http_request *request, const char *key,
                        const struct reply **ret, struct error *err)
{
    const char *source = NULL;
    enum rc rc = read_source(s, i, key, &source, err);

    if (rc != RC_OK && rc != RC_NOT_FOUND)
        return rc;
    if (rc == RC_OK && !text_equal(source, i->request.source))
        return import_refuse_foreign(key, source, &import_options, err);
    return send_write(s, request, false, ret, err);
}

static enum rc put_task(struct import_server *s, const struct import *i,
                        const struct import_line *line, const struct reply **ret, struct error *err)
{
    SCOPED_BUF body = {0};
    struct http_request request = {.method = HTTP_PUT,
                                   .target = task_target(s, i, line->entry->key)};
    bool is_new = line->state != IMPORT_KNOWN;

    write_spec(s, i, line, &body);
    request.body = buf_bytes(&body);
    TRY(send_write(s, &request, is_new, ret, err));
    if (is_new && (*ret)->status == 412)
        TRY(put_over(s, i, &request, line->entry->key, ret, err));
    return reply_check(*ret, err);
}

enum rc import_put(struct import_server *s, struct import *i, size_t number, struct error *err)
{
    struct import_line *line = &i->lines[number];
    const struct reply *reply;
    enum rc rc;

    if (line->state == IMPORT_REFUSED)
        return RC_OK;
    arena_reset(s->memory);
    rc = put_task(s, i, line, &reply, &line->err);
    if (rc != RC_OK)
        import_words(&i->request, line->entry, &line->err);
    line->state = rc == RC_OK ? state_of(reply) : rc == RC_RETRY ? IMPORT_UNKNOWN : IMPORT_REFUSED;
    if (rc == RC_RETRY)
        *err = line->err;
    return rc == RC_RETRY ? RC_RETRY : RC_OK;
}

/* --- deleting --- */

static enum rc delete_task(struct import_server *s, const struct import *i, const char *key,
                           struct error *err)
{
    SCOPED_BUF target = {0};
    struct http_request request = {.method = HTTP_DELETE};
    const struct reply *reply;

    buf_printf(&target, "%s?reason=", task_target(s, i, key));
    url_escape(&target, IMPORT_GONE);
    request.target = buf_text(&target);
    TRY(send_write(s, &request, false, &reply, err));
    return reply_check(reply, err);
}

enum rc import_delete(struct import_server *s, struct import *i, size_t number, struct error *err)
{
    struct import_vanished *task = &i->vanished[number];
    struct error why = {0};
    enum rc rc;

    if (task->err.rc != RC_OK)
        return RC_OK;
    arena_reset(s->memory);
    rc = delete_task(s, i, task->key, &why);
    task->is_deleted = rc == RC_OK || rc == RC_NOT_FOUND;
    if (rc != RC_OK)
        import_words(&i->request, NULL, &why);
    if (!task->is_deleted)
        task->err = why;
    if (rc == RC_RETRY)
        *err = why;
    return rc == RC_RETRY ? RC_RETRY : RC_OK;
}
