#include "api/exchange/view.h"

#include <string.h>

#include "base/rfc3339.h"
#include "model/record_json.h"
#include "store/values.h"

/* Which columns hold codes. */
static const struct {
    const char *column;
    const struct enum_type *type;
} codes[] = {
    {"status", &status_enum},         {"trigger", &trigger_enum},
    {"reason", &reason_enum},         {"dst", &dst_enum},
    {"state", &task_state_enum},      {"kind", &command_kind_enum},
    {"result", &outcome_result_enum}, {"code", &outcome_code_enum},
};

const struct enum_type *view_codes(const struct column *c)
{
    bool may_hold = c->type == COLUMN_INT || c->type == COLUMN_SMALL || c->type == COLUMN_OPT_INT ||
                    c->type == COLUMN_OPT_SMALL;

    for (size_t i = 0; may_hold && i < ARRAY_LEN(codes); i++)
        if (strcmp(codes[i].column, c->name) == 0)
            return codes[i].type;
    return NULL;
}

bool view_is_labels(const struct column *c)
{
    return c->type == COLUMN_TEXT && strcmp(c->name, "labels") == 0;
}

static void put_number(struct json *j, const struct column *c, int64_t value)
{
    const struct enum_type *type = view_codes(c);

    if (type != NULL)
        json_add_text(j, c->name, enum_name(type, (int)value));
    else
        json_add_int(j, c->name, value);
}

static void put_local(struct json *j, const char *name, usec_t wall)
{
    json_key(j, name);
    json_local(j, wall);
}

static void put_member(struct json *j, const struct column *c, const void *at)
{
    const char *text;

    switch (c->type) {
    case COLUMN_UUID:
        json_add_uuid(j, c->name, *(const struct uuid *)at);
        return;
    case COLUMN_TIME:
    case COLUMN_DAY:
        json_add_instant(j, c->name, *(const usec_t *)at);
        return;
    case COLUMN_LOCAL:
        put_local(j, c->name, *(const usec_t *)at);
        return;
    case COLUMN_LONG:
        put_number(j, c, *(const int64_t *)at);
        return;
    case COLUMN_INT:
    case COLUMN_SMALL:
        put_number(j, c, *(const int32_t *)at);
        return;
    case COLUMN_OPT_INT:
    case COLUMN_OPT_SMALL:
        put_number(j, c, ((const struct opt_int *)at)->value);
        return;
    case COLUMN_BOOL:
        json_add_bool(j, c->name, *(const bool *)at);
        return;
    case COLUMN_BYTES:
        bytes_to_json(j, c->name, *(const struct bytes *)at);
        return;
    default:
        memcpy(&text, at, sizeof text);
        json_key(j, c->name);
        if (c->type == COLUMN_TEXT && !view_is_labels(c))
            json_text(j, text);
        else
            json_raw(j, text);
    }
}

void view_members(struct json *j, const struct row_type *type, const void *row, const char *except)
{
    for (const struct column *c = type->columns; c->name != NULL; c++)
        if (!column_is_null(c, row) && !text_has_word(except, c->name))
            put_member(j, c, (const char *)row + c->offset);
}

void view_object(struct json *j, const struct row_type *type, const void *row, const char *except)
{
    json_open_object(j);
    view_members(j, type, row, except);
    json_close_object(j);
}

void view_local(struct json *j, const char *name, usec_t at, int offset_seconds)
{
    char text[RFC3339_TEXT];

    json_add_text(j, name, rfc3339_format_local(at, offset_seconds, text));
}
