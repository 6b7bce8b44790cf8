#include "cli/client/known.h"

#include <string.h>

#include "base/nearest.h"

enum { PAGES_MAX = 20, PAGE_TASKS = 500 };

bool known_is_empty(const struct rest *r)
{
    struct json_node items;

    return json_node_member(rest_root(r), "items", &items) && json_node_count(&items) == 0;
}

/* --- all tasks --- */

typedef void (*visit_fn)(struct rest *r, const struct json_node *task, void *ctx);

static void visit_page(struct rest *r, visit_fn visit, void *ctx)
{
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        visit(r, &item, ctx);
}

/* Those that are not deleted, page by page; of very many only the first. What cannot be had is not told. */
static void visit_tasks(struct rest *r, visit_fn visit, void *ctx)
{
    const char *cursor = NULL;

    for (size_t page = 0; page < PAGES_MAX && (page == 0 || cursor != NULL); page++) {
        SCOPED_QUERY query = rest_query_of("/v1/tasks");

        rest_query_add_int(&query, "limit", PAGE_TASKS);
        rest_query_add(&query, "cursor", cursor);
        if (rest_get(r, buf_text(&query.text), NULL) != RC_OK)
            return;
        visit_page(r, visit, ctx);
        cursor = arena_strdup(rest_call(r)->memory, rest_text(rest_root(r), "next"));
        cursor = *cursor == '\0' ? NULL : cursor;
    }
}

/* --- the nearest --- */

struct seek {
    const char *project, *key;
    struct nearest same;   /* of the project's keys */
    struct nearest others; /* of the projects */
    const char *elsewhere; /* the same key in another project */
};

static const char *kept(struct rest *r, const char *text)
{
    return arena_strdup(rest_call(r)->memory, text);
}

static void visit_task(struct rest *r, const struct json_node *task, void *ctx)
{
    struct seek *s = ctx;
    const char *project = rest_text(task, "project"), *key = rest_text(task, "key");

    nearest_try(&s->others, kept(r, project));
    if (strcmp(project, s->project) == 0)
        nearest_try(&s->same, kept(r, key));
    else if (strcmp(key, s->key) == 0 && s->elsewhere == NULL)
        s->elsewhere = arena_printf(rest_call(r)->memory, "%s~%s", project, key);
}

/* "shop~report" into both; false: it is an id. */
static bool split(struct rest *r, const struct rest_task *task, struct seek *ret)
{
    const char *name, *tilde;

    if (rest_task_name(r, task, &name, NULL) != RC_OK || (tilde = strchr(name, '~')) == NULL)
        return false;
    *ret =
        (struct seek){.project = arena_strndup(rest_call(r)->memory, name, (size_t)(tilde - name)),
                      .key = tilde + 1};
    ret->same = nearest_to(ret->key);
    ret->others = nearest_to(ret->project);
    return true;
}

static const char *nearest_task(struct rest *r, const struct rest_task *task)
{
    struct seek s;

    if (!split(r, task, &s))
        return NULL;
    visit_tasks(r, visit_task, &s);
    if (s.same.name == NULL)
        return s.elsewhere;
    return strcmp(s.project, "default") == 0
               ? s.same.name
               : arena_printf(rest_call(r)->memory, "%s~%s", s.project, s.same.name);
}

enum rc known_task_hint(struct rest *r, const struct rest_task *task, struct error *err)
{
    const char *near;

    if (err->rc != RC_NOT_FOUND)
        return err->rc;
    near = nearest_task(r, task);
    return near == NULL ? error_hint(err, "cronobs task list shows those that there are")
                        : error_hint(err, "did you mean %s?", near);
}

/* --- of a list --- */

enum rc known_task(struct rest *r, const struct rest_task *task, struct error *err)
{
    const char *target;

    if (task->name == NULL)
        return RC_OK;
    TRY(rest_task_target(r, task, "", &target, err));
    return rest_get(r, target, err) == RC_OK ? RC_OK : known_task_hint(r, task, err);
}

enum rc known_project(struct rest *r, const char *project, struct error *err)
{
    SCOPED_QUERY query = rest_query_of("/v1/tasks");
    struct seek s;

    if (project == NULL)
        return RC_OK;
    rest_query_add(&query, "project", project);
    rest_query_add(&query, "state", "ALL");
    rest_query_add_int(&query, "limit", 1);
    TRY(rest_get(r, buf_text(&query.text), err));
    if (!known_is_empty(r))
        return RC_OK;
    s = (struct seek){.project = "", .key = "", .others = nearest_to(project)};
    s.same = nearest_to("");
    visit_tasks(r, visit_task, &s);
    (void)error_set(err, RC_NOT_FOUND, "--project: no task is, or was, in a project '%.100s'",
                    project);
    return s.others.name == NULL ? RC_NOT_FOUND
                                 : error_hint(err, "did you mean %s?", s.others.name);
}

/* RC_NOT_FOUND: there is no such queue; *ret_near the nearest one, NULL: none is near. */
static enum rc find_queue(struct rest *r, const char *queue, const char **ret_near,
                          struct error *err)
{
    struct nearest near = nearest_to(queue);
    struct json_node items, item;

    TRY(rest_get(r, "/v1/queues", err));
    if (!json_node_member(rest_root(r), "items", &items))
        return RC_OK;
    for (size_t i = 0; json_node_item(&items, i, &item); i++) {
        if (strcmp(rest_text(&item, "name"), queue) == 0)
            return RC_OK;
        nearest_try(&near, kept(r, rest_text(&item, "name")));
    }
    *ret_near = near.name;
    return error_set(err, RC_NOT_FOUND, "--queue: there is no queue '%.100s'", queue);
}

enum rc known_queue(struct rest *r, const char *queue, struct error *err)
{
    const char *near = NULL;
    enum rc rc = queue == NULL ? RC_OK : find_queue(r, queue, &near, err);

    return near == NULL ? rc : error_hint(err, "did you mean %s?", near);
}

enum rc known_queue_hint(struct rest *r, const char *queue, struct error *err)
{
    const char *near = NULL;

    if (err->rc != RC_NOT_FOUND)
        return err->rc;
    if (find_queue(r, queue, &near, NULL) == RC_NOT_FOUND && near != NULL)
        return error_hint(err, "did you mean %s?", near);
    return err->rc;
}
