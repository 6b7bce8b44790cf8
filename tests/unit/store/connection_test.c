#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/store.h"

/* Mistyped in ways in which libpq or the server would repeat parts of it. */
static const char *const mistyped[] = {
    "postgres//u:sekret@h/db",
    "postgresql:/u:sekret@h/db",
    "u:sekret@h/db",
    "postgresql://u:sek%zzret@h/db",
    "postgresql://u:sekret/x@h/db",
    "postgresql://u:5432/sekret@h/db",
    "postgresql://u:sekret@h:5x/db",
    "host=h password='sekret",
    "host=h passwrd=sekret",
    "a sekret=b c",
    "postgresql://h/db?x=sekret",
};

static void a_mistyped_connection_string_is_refused_and_not_repeated(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(mistyped); i++) {
        const struct store_config config = {.database = mistyped[i], .application = "test"};
        struct store *s = NULL;
        struct error err = {0};

        assert_int_equal(store_open(&config, &s, &err), RC_INVALID);
        assert_null(strstr(err.text, "sekret"));
        assert_true(err.hint[0] != '\0');
        assert_int_equal(store_create_database(mistyped[i], &err), RC_INVALID);
        assert_null(strstr(err.text, "sekret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistyped_connection_string_is_refused_and_not_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
