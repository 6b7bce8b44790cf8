#include "store/values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/params.h"
#include "store/write.h"

union member { /* whatever a column may be */
    struct uuid uuid;
    int64_t number;
    int32_t small;
    struct opt_int opt;
    bool flag;
    const char *text;
    struct bytes bytes;
    struct seq_ranges ranges;
    struct numbers numbers;
    struct line_list lines;
};

static struct seq_range ranges[] = {{1, 3}, {7, 256}};
static int32_t numbers[] = {2};
static const struct log_line lines[] = {{0, LINE_ERROR, STREAM_STDOUT, "ab", 2}};

#define EPOCH INT64_C(946684800000000)

static const struct value_case {
    enum column_type type;
    union member member;
    const char *hex; /* length and value */
} value_cases[] = {
    {COLUMN_UUID, {.uuid = {{0x01, [15] = 0xff}}}, "00000010010000000000000000000000000000ff"},
    {COLUMN_TIME, {.number = EPOCH + 1}, "000000080000000000000001"},
    {COLUMN_TIME, {.number = EPOCH - 1}, "00000008ffffffffffffffff"},
    {COLUMN_LOCAL, {.number = EPOCH}, "000000080000000000000000"},
    {COLUMN_DAY, {.number = EPOCH + USEC_PER_DAY - 1}, "0000000400000000"},
    {COLUMN_DAY, {.number = EPOCH - 1}, "00000004ffffffff"},
    {COLUMN_LONG, {.number = -2}, "00000008fffffffffffffffe"},
    {COLUMN_INT, {.small = 258}, "0000000400000102"},
    {COLUMN_SMALL, {.small = -1}, "00000002ffff"},
    {COLUMN_OPT_INT, {.opt = {true, 0}}, "0000000400000000"},
    {COLUMN_OPT_SMALL, {.opt = {true, 5}}, "000000020005"},
    {COLUMN_BOOL, {.flag = true}, "0000000101"},
    {COLUMN_TEXT, {.text = "hi"}, "000000026869"},
    {COLUMN_TEXT, {.text = ""}, "00000000"},
    {COLUMN_JSON, {.text = "{}"}, "000000027b7d"},
    {COLUMN_JSONB, {.text = "{}"}, "00000003017b7d"},
    {COLUMN_BYTES, {.bytes = {"\0\1", 2}}, "000000020001"},
    {COLUMN_RANGES,
     {.ranges = {ranges, 2}},
     "0000003e00000002"
     "00000019020000000800000000000000010000000800000000"
     "00000003"
     "00000019020000000800000000000000070000000800000000"
     "00000100"},
    {COLUMN_NUMBERS,
     {.numbers = {numbers, 1}},
     "0000001c000000010000000100000017000000010000000100000004"
     "00000002"},
    {COLUMN_LINE_LEVELS,
     {.lines = {lines, 1}},
     "000000190000000100000001000000120000000100000001"
     "0000000145"},
    {COLUMN_LINE_STREAMS,
     {.lines = {lines, 1}},
     "000000190000000100000001000000120000000100000001"
     "000000014f"},
    {COLUMN_LINE_TEXTS,
     {.lines = {lines, 1}},
     "0000001a0000000100000001000000190000000100000001"
     "000000026162"},
    {COLUMN_LINE_TIMES,
     {.lines = {lines, 1}},
     "000000180000000100000001000004a00000000100000001"
     "ffffffff"}, /* no instant is NULL */
};

static void assert_hex(const struct buf *b, const char *hex)
{
    char text[512] = "";

    assert_true(b->len * 2 < sizeof text);
    for (size_t i = 0; i < b->len; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", (unsigned char)b->data[i]);
    assert_string_equal(text, hex);
}

static void writes_postgresqls_binary_values(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(value_cases); i++) {
        const struct column c = {.name = "c", .type = value_cases[i].type};
        SCOPED_BUF out = {0};

        value_put(&out, &c, &value_cases[i].member);
        assert_hex(&out, value_cases[i].hex);
    }
}

static void reads_back_what_it_wrote(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (size_t i = 0; i < ARRAY_LEN(value_cases); i++) {
        const struct column c = {.name = "c", .type = value_cases[i].type};
        SCOPED_BUF out = {0};
        SCOPED_BUF again = {0};
        union member back = {.number = 0};
        struct error err;

        if (c.type == COLUMN_JSONB || c.type >= COLUMN_NUMBERS || c.type == COLUMN_DAY)
            continue; /* never read */
        value_put(&out, &c, &value_cases[i].member);
        assert_int_equal(
            value_get(&c, (struct bytes){out.data + 4, out.len - 4}, memory, &back, &err), RC_OK);
        value_put(&again, &c, &back);
        assert_int_equal(again.len, out.len);
        assert_memory_equal(again.data, out.data, out.len);
    }
}

static void takes_what_is_absent_for_null_where_the_column_allows_it(void **state UNUSED)
{
    for (size_t type = 0; type < COLUMN_LINE_TIMES; type++) {
        const struct column c = {.name = "c", .type = (enum column_type)type, .or_null = true};
        const union member absent = {.ranges = {NULL, 0}};
        SCOPED_BUF out = {0};

        if (c.type == COLUMN_BOOL)
            continue;
        assert_true(column_is_null(&c, &absent));
        value_put(&out, &c, &absent);
        assert_hex(&out, "ffffffff");
    }
}

static void refuses_values_of_a_wrong_length(void **state UNUSED)
{
    static const enum column_type types[] = {COLUMN_UUID,  COLUMN_TIME, COLUMN_INT,
                                             COLUMN_SMALL, COLUMN_BOOL, COLUMN_RANGES};
    SCOPED(arena) struct arena *memory = arena_new(0);
    union member m;
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        const struct column c = {.name = "c", .type = types[i]};

        assert_int_equal(value_get(&c, (struct bytes){"\0\0\0\1rest", 7}, memory, &m, &err),
                         RC_FATAL);
    }
}

static void shows_only_instants_of_four_digit_years(void **state UNUSED)
{
    static const struct {
        usec_t t, shown;
    } cases[] = {
        {0, 0},
        {EPOCH, EPOCH},
        {INT64_MAX, 0},
        {INT64_MIN, 0},
        {INT64_C(253402300799999999), INT64_C(253402300799999999)},
        {INT64_C(253402300800000000), 0},
        {INT64_C(-62135596800000000), INT64_C(-62135596800000000)},
        {INT64_C(-62135596800000001), 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_true(instant_shown(cases[i].t) == cases[i].shown);
}

static void makes_one_array_of_a_column_of_all_rows(void **state UNUSED)
{
    const struct column c = {.name = "c", .type = COLUMN_INT, .or_null = true};
    static const int32_t rows[] = {7, 0};
    SCOPED_BUF out = {0};
    SCOPED_BUF none = {0};

    value_put_array(&out, &c, rows, 2, sizeof rows[0]);
    assert_hex(&out,
               "0000000100000001000000170000000200000001"
               "0000000400000007ffffffff");
    value_put_array(&none, &c, rows, 0, sizeof rows[0]);
    assert_hex(&none, "000000000000000100000017");
}

static void frames_a_copy(void **state UNUSED)
{
    static const struct column columns[] = {{"a", COLUMN_INT, 0, GROUP_KEY, false}, {.name = NULL}};
    static const struct row_type type = {"t", columns, 4};
    const int32_t row = 9;
    SCOPED_BUF out = {0};

    copy_put_head(&out);
    copy_put_row(&out, &type, &row);
    copy_put_tail(&out);
    assert_hex(&out,
               "5047434f50590aff0d0a00"
               "0000000000000000"
               "00010000000400000009"
               "ffff");
}

/* A statement has an array for each of them. */
static void has_room_for_the_columns_of_each_table(void **state UNUSED)
{
    for (int op = 0; op < STORE_OP_COUNT; op++) {
        int count = 0;

        for (const struct column *c = store_op_type((enum store_op)op)->columns; c->name != NULL;
             c++)
            count++;
        assert_true(count <= MOST_PARAMS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_room_for_the_columns_of_each_table),
        cmocka_unit_test(writes_postgresqls_binary_values),
        cmocka_unit_test(reads_back_what_it_wrote),
        cmocka_unit_test(takes_what_is_absent_for_null_where_the_column_allows_it),
        cmocka_unit_test(refuses_values_of_a_wrong_length),
        cmocka_unit_test(shows_only_instants_of_four_digit_years),
        cmocka_unit_test(makes_one_array_of_a_column_of_all_rows),
        cmocka_unit_test(frames_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
