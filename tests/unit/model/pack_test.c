/* What is packed and unpacked is what it was, and takes no more than its texts and a little. */
#include "model/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/sample.h"

enum { SAMPLES = 24 };

static const void *repacked(const struct record_type *type, const void *record,
                            struct arena *memory)
{
    SCOPED_BUF packed = {0};
    void *copy = arena_alloc(memory, type->size);

    record_pack(type, record, &packed);
    record_unpack(type, arena_memdup(memory, packed.data, packed.len), memory, copy);
    return copy;
}

static bool can_be_packed(const struct record_type *type)
{
    for (const struct field *f = type->fields; f->name != NULL; f++) {
        bool has_type =
            f->type == FIELD_RECORD || f->type == FIELD_RECORD_PTR || f->type == FIELD_ARRAY;

        if (f->type == FIELD_UNION || f->type == FIELD_TEXT_COUNTED ||
            (has_type && !can_be_packed(f->of)))
            return false;
    }
    return true;
}

static void is_what_it_was(void **state UNUSED)
{
    int kinds = 0;

    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        const struct record_type *type = record_type_of(kind);

        kinds += can_be_packed(type);
        for (int n = 0; n < SAMPLES && can_be_packed(type); n++) {
            SCOPED(arena) struct arena *memory = arena_new(0);
            struct sample sample = {memory, n};
            const void *record = sample_of(&sample, type);

            assert_true(record_equal(type, record, repacked(type, record, memory)));
        }
    }
    assert_true(kinds >= 10);
}

static void says_what_is_absent(void **state UNUSED)
{
    static const struct task_spec none, empty = {.title = "", .payload = {"", 0}};
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct task_spec *s = repacked(&task_spec_type, &none, memory);

    assert_true(record_equal(&task_spec_type, &none, s));
    assert_null(s->title);
    assert_null(s->payload.data);
    assert_null(s->window);
    s = repacked(&task_spec_type, &empty, memory);
    assert_string_equal(s->title, "");
    assert_non_null(s->payload.data);
    assert_int_equal(s->payload.len, 0);
}

static void takes_little_more_than_its_texts(void **state UNUSED)
{
    struct schedule_spec schedule = {.expression = "*/5 * * * *", .zone = "Europe/Berlin"};
    const struct task_spec spec = {
        .key = "settlement",
        .project = "billing",
        .queue = "settlements",
        .schedules = &schedule,
        .schedule_count = 1,
        .misfire = {MISFIRE_LAST, 60000, 86400000, 100},
        .max_concurrency = 1,
        .retry = {.max_attempts = 1, .multiplier = 2},
    };
    SCOPED_BUF packed = {0};

    record_pack(&task_spec_type, &spec, &packed);
    assert_true(packed.len <= record_weight(&task_spec_type, &spec) + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_what_it_was),
        cmocka_unit_test(says_what_is_absent),
        cmocka_unit_test(takes_little_more_than_its_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
