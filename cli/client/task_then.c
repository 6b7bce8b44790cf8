#include "cli/client/task_then.h"

#include <string.h>

#include "model/enums.h"

static enum rc split(const char *text, struct arena *memory, struct then_spec *ret,
                     struct error *err)
{
    const char *colon = strrchr(text, ':'), *tilde = strchr(text, '~');
    size_t len = colon == NULL ? strlen(text) : (size_t)(colon - text);
    int on = THEN_SUCCEEDED;
    struct error why = {0};

    if (colon != NULL && enum_find(&then_on_enum, colon + 1, true, &on, &why) != RC_OK) {
        (void)error_set(err, RC_INVALID, "--then '%.120s': %s", text, why.text);
        return error_hint(err, "as in load, alarm:failed or tidy:ended");
    }
    ret->on = (enum then_on)on;
    ret->task = arena_strndup(memory, text, len);
    if (tilde != NULL && tilde < text + len) {
        ret->project = arena_strndup(memory, text, (size_t)(tilde - text));
        ret->task = arena_strndup(memory, tilde + 1, len - (size_t)(tilde + 1 - text));
    }
    return RC_OK;
}

enum rc then_of_options(const struct put_options *o, struct arena *memory, struct task_spec *spec,
                        struct error *err)
{
    spec->then = arena_alloc(memory, (o->then.count + 1) * sizeof *spec->then);
    for (size_t i = 0; i < o->then.count; i++)
        TRY(split(o->then.items[i], memory, &spec->then[i], err));
    spec->then_count = o->then.count;
    return RC_OK;
}

/* --- in words --- */

static bool is_absent(const struct json_node *task, const struct json_node *other)
{
    struct json_node list, item;

    if (!json_node_member(task, "absent", &list))
        return false;
    for (size_t i = 0; json_node_item(&list, i, &item); i++)
        if (strcmp(rest_text(&item, "project"), rest_text(other, "project")) == 0 &&
            strcmp(rest_text(&item, "key"), rest_text(other, "task")) == 0)
            return true;
    return false;
}

static void print_one(struct rest *r, struct table *t, const char *word,
                      const struct json_node *other, const char *note)
{
    const char *key = rest_text(other, "task");

    table_add(t, word,
              arena_printf(rest_call(r)->memory, "%s~%s  on %s%s", rest_text(other, "project"),
                           *key == '\0' ? rest_text(other, "key") : key, rest_text(other, "on"),
                           note));
}

void then_print(struct rest *r, struct table *t, const struct json_node *task)
{
    struct json_node spec, list, item;

    if (json_node_member(task, "after", &list))
        for (size_t i = 0; json_node_item(&list, i, &item); i++)
            print_one(r, t, "after", &item, "");
    if (json_node_member(task, "spec", &spec) && json_node_member(&spec, "then", &list))
        for (size_t i = 0; json_node_item(&list, i, &item); i++)
            print_one(r, t, "then", &item,
                      is_absent(task, &item) ? "  (there is no such task yet)" : "");
}
