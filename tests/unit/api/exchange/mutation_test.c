#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/exchange/bind.h"
#include "api/exchange/cursor.h"
#include "support/mutate.h"

enum { ROUNDS = 10000 };

static void a_spec_that_is_nearly_right_is_taken_or_refused_with_words(void **state UNUSED)
{
    static const char seed[] =
        "{\"key\":\"a\",\"labels\":{\"team\":\"ops\"},\"payload_base64\":\"AP8=\",\"overlap\":\"QUEUE_ONE\",\"jitter_ms\":5,"
        "\"schedules\":[{\"expression\":\"0 9 * * *\",\"zone\":\"Europe/Berlin\",\"dialect\":\"vixie\"}],"
        "\"window\":{\"from\":\"2026-11-24T13:00:00+01:00\"},\"retry\":{\"max_attempts\":3,\"multiplier\":1.5}}";
    uint64_t random = 7;
    char made[MUTATED_MAX];

    for (int round = 0; round < ROUNDS; round++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        size_t len = mutate(seed, sizeof seed - 1, &random, made);
        struct task_spec *spec = NULL;
        struct error err = {0};

        if (bind_spec((struct bytes){made, len}, memory, &spec, &err) != RC_OK)
            assert_true(err.rc == RC_INVALID && err.text[0] != '\0' && spec == NULL);
    }
}

static void a_cursor_that_is_nearly_right_is_refused(void **state UNUSED)
{
    SCOPED_CURSOR c = {0};
    SCOPED_BUF text = {0};
    uint64_t random = 7;
    char made[MUTATED_MAX];

    cursor_begin(&c, CURSOR_LOGS);
    cursor_put_int(&c, 1795521600000000);
    cursor_put_text(&c, "some text");
    cursor_text(&c, &text);
    for (int round = 0; round < ROUNDS; round++) {
        SCOPED_CURSOR read = {0};
        size_t len = mutate(text.data, text.len, &random, made);

        made[len] = '\0';
        if (strncmp(made, text.data, text.len - 1) != 0) /* the last digit has idle bits */
            assert_int_equal(cursor_open(&read, CURSOR_LOGS, made, NULL), RC_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spec_that_is_nearly_right_is_taken_or_refused_with_words),
        cmocka_unit_test(a_cursor_that_is_nearly_right_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
