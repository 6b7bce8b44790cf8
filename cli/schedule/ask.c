#include "cli/schedule/ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "cli/schedule/text.h"
#include "cli/shared/instant.h"
#include "cli/shared/point.h"
#include "model/task_ref.h"

enum { EXPRESSION_MAX = 65536, COUNT_DEFAULT = 5 };

/* --- enumerations --- */

/* "run-after", as the options are written. */
static void add_word(struct buf *out, const char *symbol)
{
    for (; *symbol != '\0'; symbol++) {
        int lower = tolower((unsigned char)*symbol);

        buf_add_char(out, (char)(lower == '_' ? '-' : lower));
    }
}

static enum rc no_such_word(const struct enum_type *type, const char *text, struct error *err)
{
    struct nearest near = nearest_to(text);
    SCOPED_BUF meant = {0};
    SCOPED_BUF list = {0};

    for (int i = 0; i < type->count; i++) {
        nearest_try(&near, type->symbols[i]);
        buf_add_text(&list, i == 0 ? "" : ", ");
        add_word(&list, type->symbols[i]);
    }
    (void)error_set(err, RC_INVALID, "'%.40s' is not one of %s", text, buf_text(&list));
    if (near.name == NULL)
        return RC_INVALID;
    add_word(&meant, near.name);
    (void)error_hint(err, "did you mean %s?", buf_text(&meant));
    return RC_INVALID;
}

enum rc ask_choice(const struct enum_type *type, const char *text, int *ret, struct error *err)
{
    char name[24];

    if (text == NULL || *text == '\0')
        return RC_OK;
    (void)snprintf(name, sizeof name, "%s", text);
    for (char *at = name; *at != '\0'; at++)
        if (*at == '-')
            *at = '_';
    return enum_find(type, name, true, ret, NULL) == RC_OK ? RC_OK : no_such_word(type, text, err);
}

static enum rc take_choice(const char *flag, const struct enum_type *type, const char *text,
                           int *ret, struct error *err)
{
    if (ask_choice(type, text, ret, err) != RC_OK)
        return error_prefix(err, "%s", flag);
    return RC_OK;
}

/* --- the expression --- */

/* Without quotes the shell puts the names of files in the place of `*` and `?`. */
static enum rc check_names(const struct texts *operands, struct error *err)
{
    for (size_t i = 0; operands->count > 1 && i < operands->count; i++) {
        if (access(operands->items[i], F_OK) != 0)
            continue;
        (void)error_set(
            err, RC_INVALID,
            "'%.60s' is the name of a file here: did the shell put it in the place of a *?",
            operands->items[i]);
        return error_hint(err, "write the expression in quotes: '0 9 * * 1-5'");
    }
    return RC_OK;
}

static enum rc join(const struct texts *operands, char **ret, struct error *err)
{
    struct buf text = {0};

    if (operands->count == 0) {
        (void)error_set(err, RC_INVALID, "an expression is missing");
        return error_hint(err, "in quotes, such as '0 9 * * 1-5'");
    }
    TRY(check_names(operands, err));
    for (size_t i = 0; i < operands->count; i++)
        buf_printf(&text, "%s%s", i > 0 ? " " : "", operands->items[i]);
    *ret = buf_take(&text);
    if (strlen(*ret) > EXPRESSION_MAX)
        return error_set(err, RC_INVALID, "the expression has more than %d bytes", EXPRESSION_MAX);
    return RC_OK;
}

/* --- all of it --- */

static enum rc find_task(const char *text, struct uuid *ret, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct task_ref task = {0};

    if (text == NULL)
        return RC_OK;
    if (strchr(text, '~') == NULL && uuid_from_text(text, ret, NULL) != RC_OK)
        text = arena_printf(memory, "default~%s", text);
    TRY(task_ref_parse(text, memory, &task, err));
    *ret = task.id;
    return RC_OK;
}

static enum rc take_options(const struct ask_options *o, struct schedule_options *ret,
                            struct error *err)
{
    int dialect = 0, gap = 0, overlap = 0;

    TRY(take_choice("--dialect", &dialect_enum, o->dialect, &dialect, err));
    TRY(take_choice("--dst-gap", &dst_gap_enum, o->dst_gap, &gap, err));
    TRY(take_choice("--dst-overlap", &dst_overlap_enum, o->dst_overlap, &overlap, err));
    TRY(find_task(o->task, &ret->task, err));
    ret->zone = o->zone;
    ret->dialect = (enum dialect)dialect;
    ret->dst_gap = (enum dst_gap)gap;
    ret->dst_overlap = (enum dst_overlap)overlap;
    return RC_OK;
}

static enum rc take_from(const struct ask_options *o, struct zoneset *zones, usec_t now,
                         struct ask *a, struct error *err)
{
    struct zone *zone;

    a->from = now;
    if (o->from == NULL)
        return RC_OK;
    TRY(zoneset_get(zones, schedule_zone(a->schedule), &zone, err));
    if (instant_parse(o->from, zone, now, &a->from, err) != RC_OK)
        return error_prefix(err, "--from");
    return RC_OK;
}

enum rc ask_read(const struct texts *operands, const struct ask_options *o, struct zoneset *zones,
                 usec_t now, struct ask *ret, struct error *err)
{
    struct schedule_options options = {.now = now};

    TRY(join(operands, &ret->expression, err));
    TRY(take_options(o, &options, err));
    if (schedule_parse(ret->expression, &options, zones, &ret->lints, &ret->schedule, err) !=
        RC_OK) {
        point_at(err, ret->expression);
        return RC_INVALID;
    }
    return take_from(o, zones, now, ret, err);
}

void ask_clear(struct ask *a)
{
    schedule_free(a->schedule);
    free(a->expression);
    *a = (struct ask){0};
}

/* --- what is answered --- */

int ask_count(const struct ask_options *o)
{
    return o->count == 0 ? COUNT_DEFAULT : o->count;
}

void ask_next(const struct ask *a, const struct ask_options *o, struct buf *out)
{
    struct json j = json_into(out);

    if (!o->is_json) {
        next_text(a->schedule, a->from, ask_count(o), out);
        return;
    }
    schedule_json_next(&j, a->schedule, a->from, ask_count(o));
    buf_add_char(out, '\n');
}

void ask_explain(const struct ask *a, const struct ask_options *o, struct buf *out)
{
    const struct schedule_view view = {.expression = a->expression,
                                       .schedule = a->schedule,
                                       .lints = &a->lints,
                                       .from = a->from,
                                       .count = ask_count(o)};
    struct json j = json_into(out);

    if (!o->is_json) {
        explain_text(&view, out);
        return;
    }
    schedule_json(&j, &view);
    buf_add_char(out, '\n');
}
