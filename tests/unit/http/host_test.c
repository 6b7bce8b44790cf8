#include "http/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/secrets.h"

static const char *const hosts[] = {"cron.example.org", "10.0.0.7", NULL};

static void loopback_and_named_hosts_are_ours(void **state UNUSED)
{
    static const char *const ours[] = {
        "localhost", "LocalHost:8080", "127.0.0.1",        "127.0.0.1:1",          "127.9.9.9:80",
        "[::1]",     "[::1]:8080",     "cron.example.org", "CRON.example.org:443", "10.0.0.7:80"};
    static const char *const others[] = {"",
                                         "evil.example",
                                         "localhost.evil.example",
                                         "127.0.0.1.evil.example",
                                         "128.0.0.1",
                                         "[::2]",
                                         "localhost:80:80",
                                         "localhost:evil",
                                         "cron.example.org.",
                                         "xcron.example.org",
                                         "10.0.0.77",
                                         "[::1",
                                         "2130706433"};

    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        assert_true(host_is_ours(ours[i], hosts));
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (host_is_ours(others[i], hosts))
            fail_msg("%s", others[i]);
    assert_true(host_is_ours("localhost", NULL));
    assert_false(host_is_ours("cron.example.org", NULL));
}

static void an_origin_is_scheme_host_and_port(void **state UNUSED)
{
    static const char *const names[] = {"cron.example.org", "https://proxy.example.org",
                                        "https://odd.example.org:8443", NULL};
    static const struct {
        const char *origin, *host;
        bool is_ours;
    } cases[] = {
        {"http://localhost:8080", "localhost:8080", true},
        {"http://LOCALHOST:8080", "localhost:8080", true},
        {"http://cron.example.org", "cron.example.org", true},
        {"http://cron.example.org", "cron.example.org:80", true},
        {"http://[::1]:8080", "[::1]:8080", true},
        {"https://proxy.example.org", "proxy.example.org", true},
        {"https://proxy.example.org:443", "proxy.example.org", true},
        {"https://odd.example.org:8443", "127.0.0.1:8080", true},
        {"http://localhost:3000", "localhost:8080", false},
        {"http://localhost", "localhost:8080", false},
        {"http://localhost:8080", "localhost", false},
        {"https://localhost:8080", "localhost:8080", false},
        {"http://127.0.0.1:8080", "localhost:8080", false},
        {"://localhost:8080", "localhost:8080", false},
        {"localhost:8080", "localhost:8080", false},
        {"http://localhost:8080/", "localhost:8080", false},
        {"http://localhost:8080.evil.example", "localhost:8080", false},
        {"https://cron.example.org", "cron.example.org", false},
        {"http://proxy.example.org:8080", "proxy.example.org", false},
        {"https://odd.example.org", "odd.example.org", false},
        {"null", "localhost:8080", false},
        {"", "localhost:8080", false},
        {"http://", NULL, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (origin_is_ours(cases[i].origin, cases[i].host, names) != cases[i].is_ours)
            fail_msg("%s asked of %s", cases[i].origin, cases[i].host);
    assert_true(host_is_ours("proxy.example.org", names));
    assert_true(host_is_ours("odd.example.org:8443", names));
    assert_false(host_is_ours("https://proxy.example.org", names));
}

static const char *const names_that_match[] = {"cron.example.org",
                                               "CRON.example.org",
                                               "cron.example.org:8080",
                                               "10.0.0.7",
                                               "[::5]:8080",
                                               "https://cron.example.org",
                                               "HTTPS://Cron.Example.Org",
                                               "https://cron.example.org:443",
                                               "http://[2001:db8::1]:8080",
                                               "a_b-c"};

static const struct {
    const char *text, *why, *hint;
} names_that_do_not[] = {
    {"https://h.example/", "nothing may follow", "write https://h.example"},
    {"https://h.example:8443/cron?a#b", "nothing may follow", "write https://h.example:8443"},
    {"https://h.example?a=b", "nothing may follow", "write https://h.example"},
    {"https://h.example#x", "nothing may follow", "write https://h.example"},
    {"h.example/", "nothing may follow", "write h.example"},
    {"ftp://h.example", "neither http:// nor https://", "write https://h.example"},
    {"ftp://h.example/x", "neither http:// nor https://", "write https://h.example"},
    {"://h.example", "neither http:// nor https://", "write https://h.example"},
    {"https://", "it names no host", NULL},
    {"https:///x", "it names no host", NULL},
    {"/x", "it names no host", NULL},
    {"https:/h.example", "the port", NULL},
    {"//h.example", "it names no host", NULL},
    {"*", "of one host", NULL},
    {"https://*.example.org", "of one host", NULL},
    {" h.example", "a character that no name has", NULL},
    {"h.example ", "a character that no name has", NULL},
    {"https://b\xc3\xbc"
     "cher.example",
     "xn--", NULL},
    {"h.example:", "the port", NULL},
    {"h.example:x", "the port", NULL},
    {"https://h.example:0", "the port", NULL},
    {"https://h.example:70000", "the port", NULL},
    {"https://h.example:0443", "the port", "write https://h.example:443"},
    {"::1", "it names no host", NULL},
    {"[::1", "IPv6", NULL},
    {"https://[x]", "IPv6", NULL},
    {"[::1]8080", "nothing may follow", "write [::1]"},
    {"https://[0:0::5]:8080", "IPv6", "write https://[::5]:8080"},
    {"https://u:p@h.example", "names and passwords", NULL},
    {"u@h.example", "names and passwords", NULL},
};

static void a_name_that_nothing_would_match_is_refused(void **state UNUSED)
{
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(names_that_match); i++)
        if (host_check(names_that_match[i], &err) != RC_OK)
            fail_msg("%s: %s", names_that_match[i], err.text);
    for (size_t i = 0; i < ARRAY_LEN(names_that_do_not); i++) {
        const char *hint = names_that_do_not[i].hint != NULL
                               ? names_that_do_not[i].hint
                               : "write cron.example.org or https://cron.example.org";

        err = (struct error){0};
        if (host_check(names_that_do_not[i].text, &err) != RC_INVALID ||
            strstr(err.text, names_that_do_not[i].why) == NULL || strcmp(err.hint, hint) != 0)
            fail_msg("%s: %s (%s)", names_that_do_not[i].text, err.text, err.hint);
    }
}

static const char *const secret_forms[] = {"https://u:%s@h", "u:%s@h/", "https://%s@h/x", "%s@"};

static void nothing_of_a_password_is_said(void **state UNUSED)
{
    char password[SECRET_TEXT];
    struct listen_address at_address;
    struct error err;

    for (unsigned seed = 0; seed < 300; seed++)
        for (size_t i = 0; i < ARRAY_LEN(secret_forms); i++) {
            const char *form = secret_forms[i], *at = strstr(form, "%s");
            SCOPED(text)
            char *host =
                xasprintf("%.*s%s%s", (int)(at - form), form, secret_of(seed, password), at + 2);

            assert_int_equal(host_check(host, &err), RC_INVALID);
            assert_nothing_of(password, &err);
            assert_int_equal(listen_parse(host, &at_address, &err), RC_INVALID);
            assert_nothing_of(password, &err);
        }
}

static void an_address_to_listen_on_is_a_number_and_a_port(void **state UNUSED)
{
    static const char *const wrong[] = {"",    "localhost:80", "127.0.0.1",      "::1",
                                        ":80", "127.0.0.1:x",  "127.0.0.1:99999"};
    struct listen_address at;
    struct error err;

    assert_int_equal(listen_parse("127.0.0.1:8080", &at, NULL), RC_OK);
    assert_true(at.is_loopback);
    assert_int_equal(listen_parse("[::1]:0", &at, NULL), RC_OK);
    assert_true(at.is_loopback);
    assert_int_equal(listen_parse("0.0.0.0:80", &at, NULL), RC_OK);
    assert_false(at.is_loopback);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        if (listen_parse(wrong[i], &at, &err) != RC_INVALID)
            fail_msg("%s", wrong[i]);
        assert_string_equal(err.hint, "write 127.0.0.1:8080 or [::1]:8080");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_and_named_hosts_are_ours),
        cmocka_unit_test(an_origin_is_scheme_host_and_port),
        cmocka_unit_test(a_name_that_nothing_would_match_is_refused),
        cmocka_unit_test(nothing_of_a_password_is_said),
        cmocka_unit_test(an_address_to_listen_on_is_a_number_and_a_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
