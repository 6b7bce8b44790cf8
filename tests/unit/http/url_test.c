#include "http/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "support/secrets.h"

/* clang-format off */
static const struct reading {
    const char *text, *host, *port, *authority, *prefix; /* host NULL: refused */
} readings[] = {
    {"http://127.0.0.1:8080",      "127.0.0.1", "8080", "127.0.0.1:8080", ""},
    {"http://cron.example.org",    "cron.example.org", "80", "cron.example.org", ""},
    {"http://[::1]:8080/",         "::1",       "8080", "[::1]:8080",     ""},
    {"http://h/a/b/",              "h",         "80",   "h",              "/a/b"},
    {"https://h",                  NULL, NULL, NULL, NULL},
    {"h:8080",                     NULL, NULL, NULL, NULL},
    {"",                           NULL, NULL, NULL, NULL},
    {"http://",                    NULL, NULL, NULL, NULL},
    {"http://:80",                 NULL, NULL, NULL, NULL},
    {"http://h:0",                 NULL, NULL, NULL, NULL},
    {"http://h:65536",             NULL, NULL, NULL, NULL},
    {"http://h:8x",                NULL, NULL, NULL, NULL},
    {"http://[::1",                NULL, NULL, NULL, NULL},
    {"http://u:p@h",               NULL, NULL, NULL, NULL},
    {"http://h?a=b",               NULL, NULL, NULL, NULL},
    {"http://h/a b",               NULL, NULL, NULL, NULL},
    {"http://h\r\nX: y",           NULL, NULL, NULL, NULL},
};
/* clang-format on */

static void addresses_are_taken_apart(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
        const struct reading *c = &readings[i];
        struct url url;
        struct error err = {0};
        enum rc rc = url_parse(c->text, &url, &err);

        if (rc != (c->host == NULL ? RC_INVALID : RC_OK))
            fail_msg("%s: %s", c->text, rc_name(rc));
        if (rc != RC_OK)
            continue;
        assert_string_equal(url.host, c->host);
        assert_string_equal(url.port, c->port);
        assert_string_equal(url.authority, c->authority);
        assert_string_equal(url.prefix, c->prefix);
    }
}

static const char *const secret_forms[] = {
    "http://u:%s@h", "https://u:%s@h:80/x", "HTTP://u:%s@h",      "u:%s@h:8080",
    "ftp://u:%s@h",  "http:/u:%s@h",        "http://h/?token=%s", "http://h#%s"};

static void nothing_of_a_password_is_said(void **state UNUSED)
{
    char password[SECRET_TEXT];

    for (unsigned seed = 0; seed < 200; seed++)
        for (size_t i = 0; i < ARRAY_LEN(secret_forms); i++) {
            const char *form = secret_forms[i], *at = strstr(form, "%s");
            SCOPED(text)
            char *text =
                xasprintf("%.*s%s%s", (int)(at - form), form, secret_of(seed, password), at + 2);
            struct url url;
            struct error err = {0};

            assert_int_equal(url_parse(text, &url, &err), RC_INVALID);
            assert_nothing_of(password, &err);
        }
}

static void texts_are_escaped(void **state UNUSED)
{
    SCOPED_BUF out = {0};

    url_escape(&out, "aZ0-._~ /?&=%:\xc3\xa9\n");
    assert_string_equal(buf_text(&out), "aZ0-._~%20%2F%3F%26%3D%25%3A%C3%A9%0A");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(nothing_of_a_password_is_said),
        cmocka_unit_test(texts_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
