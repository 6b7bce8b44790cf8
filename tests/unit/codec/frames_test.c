/* The frames that every SDK reads and writes (sdk/conformance/frames.json, by fastavro) are those of ours. */
#include <stdint.h>

#include "codec/codec.h"
#include "model/lifecycle.h"
#include "support/cases.h"

static json_t *file;

static int load(void **state UNUSED)
{
    file = cases_load("frames.json");
    return 0;
}

static int unload(void **state UNUSED)
{
    json_decref(file);
    return 0;
}

static enum record_kind kind_of(const json_t *c)
{
    for (enum record_kind k = RECORD_COMMAND; k < RECORD_KIND_END; k++)
        if (text_equal(record_type_of(k)->name, case_text(c, "record")))
            return k;
    fail_msg("there is no record %s", case_text(c, "record"));
    return RECORD_KIND_END;
}

static void read_frame(const json_t *c, struct buf *out)
{
    const char *digits = case_text(c, "frame");
    size_t len = (size_t)json_integer_value(json_object_get(c, "zeros_up_to"));

    add_hex(out, digits, strlen(digits));
    while (out->len < len)
        buf_add_char(out, '\0');
}

/* --- a record beside its JSON --- */

static void check_record(const struct record_type *type, const void *record, const json_t *value);

static int64_t number_of(const json_t *value)
{
    const char *digits = json_string_value(json_object_get(value, "$long"));

    return digits == NULL ? json_integer_value(value) : strtoll(digits, NULL, 10);
}

static void check_bytes(struct bytes found, const json_t *value)
{
    const char *digits = json_string_value(json_object_get(value, "$bytes"));
    SCOPED_BUF expected = {0};

    assert_non_null(digits);
    add_hex(&expected, digits, strlen(digits));
    assert_int_equal(found.len, expected.len);
    assert_memory_equal(found.data, expected.data, expected.len);
}

static void check_text(const char *found, size_t len, const json_t *value)
{
    assert_true(json_is_string(value));
    assert_int_equal(len, json_string_length(value));
    assert_memory_equal(found, json_string_value(value), len);
}

static void check_pairs(const struct pairs *pairs, const json_t *value)
{
    assert_int_equal(pairs->count, json_object_size(value));
    for (size_t i = 0; i < pairs->count; i++)
        assert_string_equal(pairs->items[i].value, case_text(value, pairs->items[i].name));
}

static void check_array(const struct field *f, const char *record, const json_t *value)
{
    const struct record_type *item = f->of;
    size_t count = *(const size_t *)(const void *)(record + f->count_offset);
    const char *items = *(const char *const *)(const void *)(record + f->offset);

    assert_int_equal(count, json_array_size(value));
    for (size_t i = 0; i < count; i++)
        check_record(item, items + i * item->size, json_array_get(value, i));
}

static void check_number(const struct field *f, const void *at, const json_t *value)
{
    switch (f->type) {
    case FIELD_BOOL:
        assert_int_equal(*(const bool *)at, json_is_true(value));
        break;
    case FIELD_INT:
        assert_int_equal(*(const int32_t *)at, number_of(value));
        break;
    case FIELD_OPT_INT:
        assert_int_equal(((const struct opt_int *)at)->value, number_of(value));
        break;
    case FIELD_DOUBLE:
        assert_true(*(const double *)at == json_number_value(value));
        break;
    default:
        assert_int_equal(*(const int64_t *)at, number_of(value));
    }
}

static void check_field(const struct field *f, const char *record, const json_t *value)
{
    const void *at = record + f->offset;
    char id[UUID_TEXT];

    switch (f->type) {
    case FIELD_TEXT:
        check_text(*(const char *const *)at, strlen(*(const char *const *)at), value);
        break;
    case FIELD_TEXT_COUNTED:
        check_text(*(const char *const *)at,
                   *(const size_t *)(const void *)(record + f->count_offset), value);
        break;
    case FIELD_BYTES:
        check_bytes(*(const struct bytes *)at, value);
        break;
    case FIELD_ID:
        assert_string_equal(uuid_to_text(*(const struct uuid *)at, id), json_string_value(value));
        break;
    case FIELD_ENUM:
        assert_string_equal(enum_name(f->of, *(const int *)at), json_string_value(value));
        break;
    case FIELD_PAIRS:
        check_pairs(at, value);
        break;
    case FIELD_RECORD:
        check_record(f->of, at, value);
        break;
    case FIELD_RECORD_PTR:
        check_record(f->of, *(const void *const *)at, value);
        break;
    case FIELD_ARRAY:
        check_array(f, record, value);
        break;
    default:
        check_number(f, at, value);
    }
}

static void check_record(const struct record_type *type, const void *record, const json_t *value)
{
    size_t count = 0;

    for (const struct field *f = type->fields; f->name != NULL; f++, count++) {
        const json_t *item = json_object_get(value, f->name);

        assert_non_null(item);
        if (json_is_null(item))
            assert_false(field_is_set(f, record));
        else
            check_field(f, record, item);
    }
    assert_int_equal(json_object_size(value), count);
}

/* --- --- */

static void check_reading(const json_t *c)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF frame = {0}, again = {0};
    struct error err = {.text = ""};
    const void *record;

    read_frame(c, &frame);
    if (codec_decode_as(kind_of(c), buf_bytes(&frame), memory, &record, &err) != RC_OK)
        fail_msg("%s: %s", case_text(c, "name"), err.text);
    check_record(record_type_of(kind_of(c)), record, json_object_get(c, "value"));
    if (!json_is_true(json_object_get(c, "writes")))
        return;
    assert_int_equal(codec_encode(kind_of(c), record, &again, &err), RC_OK);
    assert_int_equal(again.len, frame.len);
    assert_memory_equal(again.data, frame.data, frame.len);
}

static void reads_and_writes_what_stands_in_the_frames(void **state UNUSED)
{
    each_case(file, "frames", check_reading);
}

/* In memory of its own length, so that a sanitizer sees what is read behind it. */
static enum rc read_cut(const json_t *c, struct bytes frame, size_t len)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    char *copy = xcalloc(MAX(len, 1), 1);
    const void *record;
    enum rc rc;

    memcpy(copy, frame.data, len);
    rc = codec_decode_as(kind_of(c), (struct bytes){copy, len}, memory, &record, NULL);
    free(copy);
    return rc;
}

static void check_refusal(const json_t *c)
{
    SCOPED_BUF frame = {0};

    read_frame(c, &frame);
    if (read_cut(c, (struct bytes){buf_text(&frame), frame.len}, frame.len) != RC_INVALID)
        fail_msg("it is not refused: %s", case_text(c, "name"));
}

static void refuses_what_is_no_record(void **state UNUSED)
{
    each_case(file, "refused", check_refusal);
}

static void check_cuts(const json_t *c)
{
    SCOPED_BUF frame = {0};

    read_frame(c, &frame);
    assert_int_equal(read_cut(c, buf_bytes(&frame), frame.len), RC_OK);
    for (size_t len = 0; len < frame.len; len++)
        assert_int_equal(read_cut(c, buf_bytes(&frame), len), RC_INVALID);
}

static void refuses_a_frame_that_is_cut_anywhere(void **state UNUSED)
{
    each_case(file, "refused_when_cut", check_cuts);
}

/* As sdk/c/read.c does it; `status` has so many partitions. */
static void check_limits(const json_t *c)
{
    enum { PARTITIONS = 12 };
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF frame = {0};
    const struct execution_created *e;
    const void *record;
    bool is_run;

    read_frame(c, &frame);
    assert_int_equal(codec_decode_as(kind_of(c), buf_bytes(&frame), memory, &record, NULL), RC_OK);
    e = record;
    is_run = e->status_partition >= 0 && e->status_partition < PARTITIONS &&
             lifecycle_check_created(e, NULL) == RC_OK;
    if (is_run != json_is_null(json_object_get(c, "fault")))
        fail_msg("%s", case_text(c, "name"));
}

static void runs_what_is_within_the_limits(void **state UNUSED)
{
    each_case(file, "at_limits", check_limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_what_stands_in_the_frames),
        cmocka_unit_test(refuses_what_is_no_record),
        cmocka_unit_test(refuses_a_frame_that_is_cut_anywhere),
        cmocka_unit_test(runs_what_is_within_the_limits),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
