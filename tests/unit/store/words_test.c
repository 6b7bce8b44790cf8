#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "model/enums.h"
#include "store/sql_texts.h"

/* The views of schemas/sql with words (docs/postgres.md) say what the API says: model/enums.c. */

static const struct word_case {
    const char *function;
    const struct enum_type *type;
} words[] = {
    {"status_word", &status_enum},
    {"trigger_word", &trigger_enum},
    {"reason_word", &reason_enum},
    {"dst_word", &dst_enum},
    {"task_state_word", &task_state_enum},
    {"command_kind_word", &command_kind_enum},
    {"outcome_result_word", &outcome_result_enum},
    {"outcome_code_word", &outcome_code_enum},
};

/* As it has to be, from its name to the end of its body. */
static void write_function(const struct word_case *c, struct buf *out)
{
    buf_printf(out,
               "FUNCTION %s(code smallint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS\n"
               "$$ SELECT CASE WHEN code IS NOT NULL THEN coalesce((ARRAY[",
               c->function);
    for (int i = 0; i < c->type->count; i++)
        buf_printf(out, "%s'%s'", i > 0 ? "," : "", c->type->symbols[i]);
    buf_printf(out, "])[code + 1], '%s') END $$;", c->type->symbols[c->type->fallback]);
}

/* Where the newest migration that makes it does. */
static const char *find_function(const char *name)
{
    SCOPED(text) char *start = xasprintf("FUNCTION %s(", name);
    const char *found = NULL;

    for (int i = 0; i < sql_text_count; i++) {
        const char *at = strstr(sql_texts[i].text, start);

        found = at != NULL ? at : found;
    }
    return found;
}

static void words_are_those_of_the_enumerations(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        SCOPED_BUF wanted = {0};
        const char *found = find_function(words[i].function);

        write_function(&words[i], &wanted);
        if (found == NULL || strncmp(found, buf_text(&wanted), wanted.len) != 0)
            fail_msg("a new migration has to say: CREATE OR REPLACE %s", buf_text(&wanted));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_the_enumerations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
