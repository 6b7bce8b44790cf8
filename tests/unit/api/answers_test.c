#include "api/answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/exchange/view.h"
#include "api/routes.h"
#include "base/buf.h"
#include "model/tables.h"

/*
 * api/ui/src/answers.ts holds the types of the page as this program writes them: run it with --write after a change.
 * tests/integration/api/answers.py holds real answers to that file.
 */

#define TYPES COBS_SOURCE_DIR "/api/ui/src/answers.ts"

static bool is_writing;

static const struct enum_type *const enums[] = {
    &status_enum,       &trigger_enum,    &reason_enum,  &task_state_enum,
    &command_kind_enum, &resume_gap_enum, &dst_enum,     &outcome_result_enum,
    &outcome_code_enum, &misfire_enum,    &overlap_enum, &calendar_mode_enum,
    &log_level_enum,    &log_stream_enum, &dialect_enum, &dst_gap_enum,
    &dst_overlap_enum,  &then_on_enum,
};

static const struct word {
    const char *name, *type, *what;
} words[] = {
    {"text", "string", NULL},
    {"int", "number", NULL},
    {"number", "number", NULL},
    {"bool", "boolean", NULL},
    {"any", "unknown", NULL},
    {"labels", "Record<string, string>", NULL},
    {"pair", "[number, number]", NULL},
    {"id", "Id", "A UUID."},
    {"instant", "Instant",
     "RFC 3339, in UTC: 2026-11-24T13:00:00Z, with fractions of a second where there are any."},
    {"offset", "OffsetTime",
     "RFC 3339 on a zone's clock, with its offset: 2026-11-24T14:00:00+01:00."},
    {"local", "LocalTime", "A wall time, without an offset: 2027-03-28T02:30:00."},
};

/* --- what there is --- */

static const struct record_type *records[16];
static size_t record_count;

/* The record and those inside it, each once, the inner ones first. */
static void add_record(const struct record_type *type)
{
    for (size_t i = 0; i < record_count; i++)
        if (records[i] == type)
            return;
    for (const struct field *f = type->fields; f->name != NULL; f++)
        if (f->type == FIELD_RECORD || f->type == FIELD_RECORD_PTR || f->type == FIELD_ARRAY)
            add_record(f->of);
    assert_true(record_count < ARRAY_LEN(records));
    records[record_count++] = type;
}

static size_t count_named(const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(enums); i++)
        count += strcmp(enums[i]->name, name) == 0;
    for (size_t i = 0; i < record_count; i++)
        count += strcmp(records[i]->name, name) == 0;
    for (const struct answer_type *t = api_answers; t->name != NULL; t++)
        count += strcmp(t->name, name) == 0;
    return count;
}

/* --- types --- */

static const char *word_type(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].name, name) == 0)
            return words[i].type;
    return NULL;
}

/* One of those between bars: 'X', {X}, X, X[]. */
static void put_one(const char *text, struct buf *out)
{
    SCOPED(text) char *name = xstrdup(text);
    size_t len = strlen(name);
    bool is_list = len > 2 && strcmp(name + len - 2, "[]") == 0;

    if (is_list)
        name[len - 2] = '\0';
    if (*name == '{') {
        name[strlen(name) - 1] = '\0';
        buf_printf(out, "Partial<Record<%s, number>>", name + 1);
        assert_int_equal(count_named(name + 1), 1);
    } else if (*name == '\'' || word_type(name) != NULL) {
        buf_add_text(out, *name == '\'' ? name : word_type(name));
    } else {
        if (count_named(name) != 1)
            fail_msg("%zu types have the name %s", count_named(name), name);
        buf_add_text(out, name);
    }
    buf_add_text(out, is_list ? "[]" : "");
}

static void put_type(const char *text, struct buf *out)
{
    SCOPED(text) char *copy = xstrdup(text);
    char *state = NULL;

    for (char *one = strtok_r(copy, "|", &state); one != NULL;) {
        put_one(one, out);
        one = strtok_r(NULL, "|", &state);
        buf_add_text(out, one != NULL ? " | " : "");
    }
}

static void put_member(const char *name, bool optional, const char *type, struct buf *out)
{
    buf_printf(out, "  %s%s: ", name, optional ? "?" : "");
    put_type(type, out);
    buf_add_text(out, ";\n");
}

/* --- rows --- */

static const char *column_type_name(const struct column *c)
{
    static const char *const types[COLUMN_TYPE_COUNT] = {
        [COLUMN_UUID] = "id",     [COLUMN_TIME] = "instant", [COLUMN_LOCAL] = "local",
        [COLUMN_DAY] = "instant", [COLUMN_LONG] = "int",     [COLUMN_INT] = "int",
        [COLUMN_SMALL] = "int",   [COLUMN_OPT_INT] = "int",  [COLUMN_OPT_SMALL] = "int",
        [COLUMN_BOOL] = "bool",   [COLUMN_TEXT] = "text",    [COLUMN_JSON] = "any",
        [COLUMN_JSONB] = "any",   [COLUMN_BYTES] = "text",
    };

    if (view_codes(c) != NULL)
        return view_codes(c)->name;
    if (view_is_labels(c))
        return "labels";
    assert_non_null(types[c->type]);
    return types[c->type];
}

static void put_coded(const char *name, struct buf *out)
{
    SCOPED(text) char *coded = xasprintf("%s_base64", name);

    put_member(name, true, "text", out);
    put_member(coded, true, "text", out);
}

static void put_row(const struct answer_type *t, struct buf *out)
{
    for (const struct column *c = t->row->columns; c->name != NULL; c++) {
        if (text_has_word(t->except, c->name))
            continue;
        if (c->type == COLUMN_BYTES)
            put_coded(c->name, out);
        else
            put_member(c->name, c->or_null, column_type_name(c), out);
    }
}

/* --- records --- */

static const char *field_type_name(const struct field *f, struct buf *list)
{
    static const char *const types[] = {
        [FIELD_BOOL] = "bool",    [FIELD_INT] = "int",       [FIELD_LONG] = "int",
        [FIELD_DURATION] = "int", [FIELD_DOUBLE] = "number", [FIELD_INSTANT] = "instant",
        [FIELD_LOCAL] = "local",  [FIELD_TEXT] = "text",     [FIELD_ID] = "id",
        [FIELD_OPT_INT] = "int",  [FIELD_PAIRS] = "labels",  [FIELD_TEXT_COUNTED] = "text",
    };

    switch (f->type) {
    case FIELD_ENUM:
        return ((const struct enum_type *)f->of)->name;
    case FIELD_RECORD:
    case FIELD_RECORD_PTR:
        return ((const struct record_type *)f->of)->name;
    case FIELD_ARRAY:
        buf_printf(list, "%s[]", ((const struct record_type *)f->of)->name);
        return buf_text(list);
    default:
        return types[f->type];
    }
}

static void put_record(const struct record_type *type, struct buf *out)
{
    for (const struct field *f = type->fields; f->name != NULL; f++) {
        SCOPED_BUF list = {0};

        if (f->type == FIELD_BYTES)
            put_coded(f->name, out);
        else
            put_member(f->name, f->optional, field_type_name(f, &list), out);
    }
}

/* --- the file --- */

static void put_members(const char *members, struct buf *out)
{
    SCOPED(text) char *copy = xstrdup(members);
    char *state = NULL;

    for (char *one = strtok_r(copy, " ", &state); one != NULL; one = strtok_r(NULL, " ", &state)) {
        char *colon = strchr(one, ':');
        bool optional;

        assert_non_null(colon);
        *colon = '\0';
        optional = colon[-1] == '?';
        if (optional)
            colon[-1] = '\0';
        put_member(one, optional, colon + 1, out);
    }
}

static void put_enums(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(enums); i++) {
        buf_printf(out, "export type %s =", enums[i]->name);
        for (int n = 0; n < enums[i]->count; n++)
            buf_printf(out, "%s '%s'", n > 0 ? " |" : "", enums[i]->symbols[n]);
        buf_add_text(out, ";\n");
    }
}

static void put_answers(struct buf *out)
{
    for (const struct answer_type *t = api_answers; t->name != NULL; t++) {
        buf_printf(out, "\nexport interface %s {\n", t->name);
        if (t->row != NULL)
            put_row(t, out);
        if (t->members != NULL)
            put_members(t->members, out);
        buf_add_text(out, "}\n");
    }
}

static void put_routes(struct buf *out)
{
    buf_add_text(
        out, "\n/** What each resource answers when all is well. */\nexport interface Answers {\n");
    for (const struct answer_route *r = api_answer_routes; r->pattern != NULL; r++) {
        if (r->type == NULL)
            continue;
        buf_printf(out, "  '%s %s': ", http_method_name(r->method), r->pattern);
        put_type(r->type, out);
        buf_add_text(out, ";\n");
    }
    buf_add_text(out, "}\n");
}

static void write_types(struct buf *out)
{
    buf_add_text(
        out,
        "// answers.ts - what the API answers: written by tests/unit/api/answers_test.c --write, from api/answers.c and the\n"
        "// tables that the API itself reads. A member with a `?` may be missing, and then is not known, or nothing.\n\n");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (words[i].what != NULL)
            buf_printf(out, "/** %s */\nexport type %s = string;\n", words[i].what, words[i].type);
    buf_add_char(out, '\n');
    put_enums(out);
    for (size_t i = 0; i < record_count; i++) {
        buf_printf(out, "\nexport interface %s {\n", records[i]->name);
        put_record(records[i], out);
        buf_add_text(out, "}\n");
    }
    put_answers(out);
    put_routes(out);
}

static void read_file(struct buf *out)
{
    FILE *f = fopen(TYPES, "r");
    char chunk[4096];
    size_t len;

    while (f != NULL && (len = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_add(out, chunk, len);
    if (f != NULL)
        (void)fclose(f);
}

static void the_page_knows_every_answer(void **state UNUSED)
{
    SCOPED_BUF wanted = {0};
    SCOPED_BUF text = {0};

    write_types(&wanted);
    if (is_writing) {
        FILE *f = fopen(TYPES, "w");

        assert_non_null(f);
        (void)fputs(buf_text(&wanted), f);
        (void)fclose(f);
        return;
    }
    read_file(&text);
    if (strcmp(buf_text(&text), buf_text(&wanted)) != 0)
        fail_msg("api/ui/src/answers.ts is not what api/answers.c says: run this with --write");
}

static const struct answer_route *answer_of(const struct http_route *r, size_t *ret_count)
{
    const struct answer_route *found = NULL;

    *ret_count = 0;
    for (const struct answer_route *a = api_answer_routes; a->pattern != NULL; a++)
        if (a->method == r->method && strcmp(a->pattern, r->pattern) == 0) {
            found = a;
            ++*ret_count;
        }
    return found;
}

static void every_resource_has_an_answer(void **state UNUSED)
{
    size_t routes = 0, answers = 0, count;

    for (const struct http_route *r = api_routes; r->pattern != NULL; r++) {
        if (!text_starts(r->pattern, "/v1/"))
            continue;
        routes++;
        if (answer_of(r, &count) == NULL || count != 1)
            fail_msg("%s %s has %zu lines in api/answers.c", http_method_name(r->method),
                     r->pattern, count);
    }
    for (const struct answer_route *a = api_answer_routes; a->pattern != NULL; a++)
        answers++;
    assert_int_equal(routes, answers);
}

static void every_type_has_a_name_of_its_own(void **state UNUSED)
{
    for (const struct answer_type *t = api_answers; t->name != NULL; t++)
        if (count_named(t->name) != 1)
            fail_msg("%zu types have the name %s", count_named(t->name), t->name);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_knows_every_answer),
        cmocka_unit_test(every_resource_has_an_answer),
        cmocka_unit_test(every_type_has_a_name_of_its_own),
    };

    is_writing = argc > 1 && strcmp(argv[1], "--write") == 0;
    add_record(&task_spec_type);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
