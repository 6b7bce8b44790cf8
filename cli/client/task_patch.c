#include "cli/client/task_patch.h"

#include <string.h>

#include "cli/client/task_policies.h"
#include "http/json_merge.h"
#include "model/enums.h"
#include "model/record_json.h"
#include "model/tables.h"
#include "payload/shell_command.h"

static bool has(const struct task_patch *p, const char *option)
{
    return call_has(p->call, option);
}

/* --- members of one value --- */

static void put_texts(const struct task_patch *p, struct json *j)
{
    if (has(p, "title"))
        json_add_text(j, "title", p->given->title);
    if (has(p, "queue"))
        json_add_text(j, "queue", p->given->queue);
}

static void put_labels(const struct task_patch *p, struct json *j)
{
    if (p->given->labels.count == 0)
        return;
    json_key(j, "labels");
    json_open_object(j);
    for (size_t i = 0; i < p->given->labels.count; i++)
        json_add_text(j, p->given->labels.items[i].name, p->given->labels.items[i].value);
    json_close_object(j);
}

/* --- the payload --- */

static bool gives_payload(const struct task_patch *p)
{
    return has(p, "payload") || has(p, "payload.file") || has(p, "command");
}

/* A command that takes the place of another one: what surrounds that, its env and input and shell, stays unless it is given. */
static bool is_command_over_command(const struct task_patch *p, struct bytes old)
{
    return has(p, "command") &&
           text_equal(rest_text(p->current, "content_type"), SHELL_CONTENT_TYPE) &&
           shell_command_check(SHELL_CONTENT_TYPE, old, NULL) == RC_OK;
}

static enum rc put_payload(const struct task_patch *p, struct json *j, struct error *err)
{
    struct bytes old = bytes_of(rest_text(p->current, "payload")), payload = p->given->payload;
    SCOPED_BUF merged = {0};

    if (is_command_over_command(p, old)) {
        TRY(json_merge(old, payload, NULL, &merged, err));
        payload = buf_bytes(&merged);
    }
    if (has(p, "content.type") || has(p, "command"))
        json_add_text(j, "content_type", p->given->content_type);
    if (gives_payload(p))
        bytes_to_json(j, "payload", payload);
    return RC_OK;
}

/* --- schedules --- */

static bool gives_schedules(const struct task_patch *p)
{
    return has(p, "schedule") || has(p, "zone") || has(p, "dialect") || has(p, "dst.gap") ||
           has(p, "dst.overlap");
}

/* As it was given, else as the schedule was in whose place this one comes. */
static void put_choice(const struct task_patch *p, struct json *j, const char *option,
                       const char *member, const char *given, const struct json_node *old)
{
    const char *text = has(p, option) ? given : rest_text(old, member);

    if (text != NULL && *text != '\0')
        json_add_text(j, member, text);
}

static void put_schedule(const struct task_patch *p, struct json *j, const char *expression,
                         const struct json_node *old)
{
    const struct put_options *o = p->options;

    json_open_object(j);
    json_add_text(j, "expression", expression);
    put_choice(p, j, "zone", "zone", o->zone, old);
    put_choice(p, j, "dialect", "dialect", enum_name(&dialect_enum, o->dialect), old);
    put_choice(p, j, "dst.gap", "dst_gap", enum_name(&dst_gap_enum, o->dst_gap), old);
    put_choice(p, j, "dst.overlap", "dst_overlap", enum_name(&dst_overlap_enum, o->dst_overlap),
               old);
    json_close_object(j);
}

static enum rc put_schedules(const struct task_patch *p, struct json *j, struct error *err)
{
    const struct texts *given = &p->options->schedules;
    struct json_node list = {0}, old = {0};
    size_t count;

    if (!gives_schedules(p))
        return RC_OK;
    (void)json_node_member(p->current, "schedules", &list);
    count = given->count > 0 ? given->count : json_node_count(&list);
    if (count == 0)
        return error_set(err, RC_INVALID,
                         "the task has no schedule that could be changed: --schedule");
    json_key(j, "schedules");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        (void)json_node_item(&list, i, &old); /* else still the one before */
        put_schedule(p, j, given->count > 0 ? given->items[i] : rest_text(&old, "expression"),
                     &old);
    }
    json_close_array(j);
    return RC_OK;
}

/* --- calendars --- */

/* One that the task has. In the call's memory, texts borrowed. */
static enum rc read_calendar(const struct task_patch *p, const struct json_node *c,
                             struct calendar_spec *ret, struct error *err)
{
    struct json_node rules = {0}, rule;
    struct calendar_spec made = {.name = rest_text(c, "name")};
    int mode;

    if (enum_find(&calendar_mode_enum, rest_text(c, "mode"), false, &mode, err) != RC_OK)
        return error_prefix(err, "the calendars that the task has");
    (void)json_node_member(c, "rules", &rules);
    made.mode = (enum calendar_mode)mode;
    made.rules = arena_alloc(p->call->memory, (json_node_count(&rules) + 1) * sizeof *made.rules);
    while (json_node_item(&rules, made.rule_count, &rule))
        made.rules[made.rule_count++] = (struct calendar_rule){.kind = rest_text(&rule, "kind"),
                                                               .value = rest_text(&rule, "value")};
    *ret = made;
    return RC_OK;
}

/* The given ones first, as in a task of its own: so a complaint about one finds its option. */
static enum rc put_calendars(const struct task_patch *p, struct json *j, struct error *err)
{
    struct json_node list = {0}, item;
    struct calendar_spec old;

    if (!has(p, "exclude") && !has(p, "only"))
        return RC_OK;
    json_key(j, "calendars");
    json_open_array(j);
    for (size_t i = 0; i < p->given->calendar_count; i++)
        record_to_json(j, &calendar_type, &p->given->calendars[i]);
    (void)json_node_member(p->current, "calendars", &list);
    for (size_t i = 0; json_node_item(&list, i, &item); i++) {
        TRY(read_calendar(p, &item, &old, err));
        if (!has(p, old.mode == CALENDAR_ONLY ? "only" : "exclude"))
            record_to_json(j, &calendar_type, &old);
    }
    json_close_array(j);
    return RC_OK;
}

/* --- what follows --- */

static void put_then(const struct task_patch *p, struct json *j)
{
    if (!has(p, "then"))
        return;
    json_key(j, "then");
    json_open_array(j);
    for (size_t i = 0; i < p->given->then_count; i++)
        record_to_json(j, &then_type, &p->given->then[i]);
    json_close_array(j);
}

/* --- the window --- */

/* Hours without a zone of their own are those of the schedules, as in a task of its own. */
static const char *daily_zone(const struct task_patch *p)
{
    struct json_node list, first;

    if (p->given->window->zone != NULL)
        return p->given->window->zone;
    if (json_node_member(p->current, "schedules", &list) && json_node_item(&list, 0, &first))
        return rest_text(&first, "zone");
    return "UTC";
}

static void put_window(const struct task_patch *p, struct json *j)
{
    const struct window_spec *w = p->given->window;

    if (!has(p, "active.from") && !has(p, "active.until") && !has(p, "daily"))
        return;
    json_key(j, "window");
    json_open_object(j);
    if (has(p, "active.from"))
        json_add_instant(j, "from", w->from);
    if (has(p, "active.until"))
        json_add_instant(j, "until", w->until);
    if (has(p, "daily")) {
        json_add_text(j, "daily_from", w->daily_from);
        json_add_text(j, "daily_to", w->daily_to);
        json_add_text(j, "zone", daily_zone(p));
    }
    json_close_object(j);
}

/* --- the whole --- */

enum rc task_patch_write(const struct task_patch *p, struct buf *out, struct error *err)
{
    struct json j = json_into(out);

    json_open_object(&j);
    put_texts(p, &j);
    policies_patch(p->call, p->given, &j);
    put_labels(p, &j);
    TRY(put_payload(p, &j, err));
    TRY(put_schedules(p, &j, err));
    TRY(put_calendars(p, &j, err));
    put_then(p, &j);
    put_window(p, &j);
    json_close_object(&j);
    if (strcmp(buf_text(out), "{}") != 0)
        return RC_OK;
    (void)error_set(err, RC_INVALID, "--patch: there is nothing that it changes");
    return error_hint(
        err, "name what shall be different: --queue NAME, --schedule EXPRESSION, ..., or a FILE");
}
