#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/store.h"
#include "support/secrets.h"

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

/* As somebody writes them who does not know what has to be escaped; nothing listens there. */
static const char *const forms[] = {
    "postgresql://u:%s@127.0.0.1:1/db",
    "postgres://u:%s@127.0.0.1:1,127.0.0.1:2/db",
    "postgresql://u:%s@127.0.0.1:1/db?application_name=x",
    "postgresql://127.0.0.1:1/db?user=u&password=%s",
    "postgresql://%s:u@127.0.0.1:1/db",
    "postgresql:/u:%s@127.0.0.1:1/db",
    "u:%s@127.0.0.1:1/db",
    "host=127.0.0.1 port=1 user=u password=%s dbname=db",
    "host=127.0.0.1 port=1 user=u password='%s' dbname=db",
    "host=127.0.0.1 port=1 user=u pasword=%s",
};

static void nothing_of_a_password_is_said(void **state UNUSED)
{
    char password[SECRET_TEXT];

    for (unsigned seed = 0; seed < 200; seed++)
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
            const char *at = strstr(forms[i], "%s");
            SCOPED(text)
            char *database = xasprintf("%.*s%s%s", (int)(at - forms[i]), forms[i],
                                       secret_of(seed, password), at + 2);
            const struct store_config config = {.database = database, .application = "test"};
            struct store *s = NULL;
            struct error err = {0};

            assert_true(store_open(&config, &s, &err) != RC_OK);
            assert_nothing_of(password, &err);
            assert_int_equal(store_check_schema_name(database, &err), RC_INVALID);
            assert_nothing_of(password, &err);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mistyped_connection_string_is_refused_and_not_repeated),
        cmocka_unit_test(nothing_of_a_password_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
