#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/sample.h"

enum { SAMPLES = 24 };

static void equals_its_copy_in_other_memory(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        for (int n = 0; n < SAMPLES; n++) {
            const struct record_type *type = record_type_of(kind);
            struct arena *memory = arena_new(0);
            SCOPED(arena) struct arena *other = arena_new(0);
            struct sample sample = {memory, n}, same = {other, n};
            void *copy = record_copy(type, sample_of(&sample, type), other);

            arena_free(memory);
            assert_true(record_equal(type, copy, sample_of(&same, type)));
        }
    }
}

/* Changes one field after the other: each change must be seen. */
static void differs_when_a_single_field_does(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        const struct record_type *type = record_type_of(kind);

        for (const struct field *f = type->fields; f->name != NULL; f++) {
            SCOPED(arena) struct arena *memory = arena_new(0);
            struct sample sample = {memory, 0}, other = {memory, 1000};
            char *one = sample_of(&sample, type), *two = record_copy(type, one, memory);

            assert_true(record_equal(type, one, two));
            sample_field(&other, f, two);
            if (f->type == FIELD_BOOL || f->type == FIELD_ENUM) /* few values: surely another */
                two[f->offset] = 0;
            if (f->type == FIELD_OPT_INT)
                *(struct opt_int *)(void *)(two + f->offset) = (struct opt_int){0};
            if (record_equal(type, one, two))
                fail_msg("%s.%s", type->name, f->name);
        }
    }
}

static void copies_and_compares_empty_records(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        const struct record_type *type = record_type_of(kind);
        SCOPED(arena) struct arena *memory = arena_new(0);
        const void *empty = arena_alloc(memory, type->size);
        struct sample sample = {memory, 0};

        assert_true(record_equal(type, empty, record_copy(type, empty, memory)));
        assert_false(record_equal(type, empty, sample_of(&sample, type)));
        assert_false(record_equal(type, sample_of(&sample, type), empty));
        assert_int_equal(record_weight(type, empty), 0);
    }
}

static void tells_what_is_there(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        const struct record_type *type = record_type_of(kind);
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, 0};
        const void *empty = arena_alloc(memory, type->size), *full = sample_of(&sample, type);

        for (const struct field *f = type->fields; f->name != NULL; f++) {
            assert_true(field_is_set(f, full));
            assert_int_equal(field_is_set(f, empty), !f->optional);
        }
    }
}

static void weighs_texts_bytes_and_labels(void **state UNUSED)
{
    struct schedule_spec schedules[] = {{.expression = "@daily", .zone = "UTC"},
                                        {.expression = "@hourly"}};
    struct pair labels[] = {{"a", "bc"}};
    struct window_spec window = {.daily_from = "08:00"};
    struct log_line lines[] = {{.message = "a\0b", .message_len = 3}};
    struct log_batch batch = {.lines = lines, .line_count = 1};
    struct command command = {.actor = "me", .kind = COMMAND_PUT_TASK};

    command.body.put_task.spec = (struct task_spec){.key = "key",
                                                    .labels = {labels, 1},
                                                    .payload = {"12345", 5},
                                                    .schedules = schedules,
                                                    .schedule_count = 2,
                                                    .window = &window};
    assert_int_equal(record_weight(record_type_of(RECORD_COMMAND), &command),
                     2 + 3 + 3 + 5 + 6 + 3 + 7 + 5);
    assert_int_equal(record_weight(record_type_of(RECORD_LOG_BATCH), &batch), 3);
}

/* Twice the same type: what differs in one small place is not equal. */
static void sees_the_smallest_difference(void **state UNUSED)
{
    const struct record_type *type = record_type_of(RECORD_EXECUTION_STATUS);
    struct worker_ref worker = {"w", {{1}}}, other = {"w", {{2}}};
    const struct execution_status plain = {.attempt = 1};
    const struct execution_status others[] = {
        {.attempt = 1, .exit_code = {true, 0}}, {.attempt = 1, .exit_code = {true, 1}},
        {.attempt = 1, .worker = &worker},      {.attempt = 1, .worker = &other},
        {.attempt = 1, .result = {"", 0}},      {.attempt = 1, .result = {"a", 1}},
        {.attempt = 1, .result = {"b", 1}},     {.attempt = 1, .message = ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_false(record_equal(type, &plain, &others[i]));
        assert_false(record_equal(type, &others[i], &plain));
        for (size_t j = 0; j < ARRAY_LEN(others); j++)
            assert_int_equal(record_equal(type, &others[i], &others[j]), i == j);
    }
}

static void sees_that_labels_differ(void **state UNUSED)
{
    const struct record_type *type = record_type_of(RECORD_EXECUTION_CREATED);
    struct pair lists[][1] = {{{"a", "b"}}, {{"a", "c"}}, {{"b", "b"}}};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (size_t j = 0; j < ARRAY_LEN(lists); j++) {
            struct execution_created one = {.labels = {lists[i], 1}};
            struct execution_created two = {.labels = {lists[j], 1}};

            assert_int_equal(record_equal(type, &one, &two), i == j);
        }
}

static void takes_a_command_of_no_kind_for_empty_and_unlike_any_other(void **state UNUSED)
{
    const struct record_type *type = record_type_of(RECORD_COMMAND);
    SCOPED(arena) struct arena *memory = arena_new(0);
    static const int kinds[] = {-1, COMMAND_KIND_COUNT};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct command command = {.kind = (enum command_kind)kinds[i]}, fine = {0};

        assert_int_equal(record_weight(type, &command), 0);
        assert_false(record_equal(type, &command, record_copy(type, &command, memory)));
        assert_false(record_equal(type, &fine, &command));
        command.kind = COMMAND_DELETE_TASK;
        assert_false(record_equal(type, &fine, &command));
    }
}

static void has_a_table_for_each_kind_and_no_other(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++)
        assert_int_equal(record_type_of(kind)->kind, kind);
    assert_null(record_type_of(0));
    assert_null(record_type_of(RECORD_KIND_END));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_its_copy_in_other_memory),
        cmocka_unit_test(differs_when_a_single_field_does),
        cmocka_unit_test(copies_and_compares_empty_records),
        cmocka_unit_test(tells_what_is_there),
        cmocka_unit_test(weighs_texts_bytes_and_labels),
        cmocka_unit_test(sees_the_smallest_difference),
        cmocka_unit_test(sees_that_labels_differ),
        cmocka_unit_test(takes_a_command_of_no_kind_for_empty_and_unlike_any_other),
        cmocka_unit_test(has_a_table_for_each_kind_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
