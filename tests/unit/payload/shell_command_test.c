#include "payload/shell_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum rc parse(const char *content_type, const char *payload, struct arena *memory,
                     struct shell_command *ret, struct error *err)
{
    return shell_command_parse(content_type, bytes_of(payload), memory, ret, err);
}

static void a_command_alone_is_enough(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct shell_command c;

    assert_int_equal(parse(SHELL_CONTENT_TYPE, "{\"command\": \"a | b\"}", memory, &c, NULL),
                     RC_OK);
    assert_string_equal(c.command, "a | b");
    assert_string_equal(c.shell, "/bin/sh");
    assert_int_equal(c.input.len, 0);
    assert_int_equal(c.env.count, 0);
}

static void everything_is_taken(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct shell_command c;

    assert_int_equal(parse("Application/vnd.CRONOBS.command+json; charset=utf-8",
                           "{\"stdin\": \"in\\n\", \"env\": {\"A\": \"1\", \"B\": \"\"}, "
                           "\"shell\": \"/bin/bash\", \"command\": \"c\"}",
                           memory, &c, NULL),
                     RC_OK);
    assert_string_equal(c.command, "c");
    assert_string_equal(c.shell, "/bin/bash");
    assert_true(bytes_equal(c.input, bytes_of("in\n")));
    assert_int_equal(c.env.count, 2);
    assert_string_equal(c.env.items[0].name, "A");
    assert_string_equal(c.env.items[0].value, "1");
    assert_string_equal(c.env.items[1].value, "");
}

#define WRONG_TYPE                                                                    \
    "could not run the payload: this worker (--shell) runs payloads of content type " \
    "application/vnd.cronobs.command+json, not of "
#define UNREADABLE "could not read the payload: "

static const struct refusal_case {
    const char *content_type, *payload, *text;
} refusal_cases[] = {
    {"", "{\"command\": \"c\"}", WRONG_TYPE "''"},
    {"application/json", "{\"command\": \"c\"}", WRONG_TYPE "'application/json'"},
    {SHELL_CONTENT_TYPE "x", "{\"command\": \"c\"}", WRONG_TYPE "'" SHELL_CONTENT_TYPE "x'"},
    {SHELL_CONTENT_TYPE, "[]", UNREADABLE "an object is expected, not an array"},
    {SHELL_CONTENT_TYPE, "{}", UNREADABLE "there is no member 'command'"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"\"}", UNREADABLE "/command: is empty"},
    {SHELL_CONTENT_TYPE, "{\"command\": null}",
     UNREADABLE "/command: a text is expected, not null"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"c\", \"shell\": \"\"}", UNREADABLE "/shell: is empty"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"c\", \"stdin\": 1}",
     UNREADABLE "/stdin: a text is expected, not a number"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"c\", \"env\": []}",
     UNREADABLE "/env: an object is expected, not an array"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"c\", \"env\": {\"A\": 1}}",
     UNREADABLE "/env/A: a text is expected, not a number"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"c\", \"env\": {\"A=B\": \"1\"}}",
     UNREADABLE "/env/A=B: 'A=B' cannot name a variable"},
    {SHELL_CONTENT_TYPE, "{\"command\": \"c\", \"cwd\": \"/\"}",
     UNREADABLE "/cwd: there is no such member; known are command, stdin, env, shell"},
};

static void what_cannot_be_run_is_refused_with_the_reason(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refusal_cases); i++) {
        const struct refusal_case *c = &refusal_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct shell_command ret;
        struct error err = {0};

        assert_int_equal(parse(c->content_type, c->payload, memory, &ret, &err), RC_INVALID);
        assert_string_equal(err.text, c->text);
    }
}

static void what_is_no_json_is_refused_with_the_place(void **state UNUSED)
{
    static const char *const payloads[] = {"", "{", "{\"command\": \"c\"} x",
                                           "{\"command\": \"a\", \"command\": \"b\"}"};

    for (size_t i = 0; i < ARRAY_LEN(payloads); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct shell_command ret;
        struct error err = {0};

        assert_int_equal(parse(SHELL_CONTENT_TYPE, payloads[i], memory, &ret, &err), RC_INVALID);
        assert_true(text_starts(err.text, UNREADABLE));
    }
}

static void only_what_can_be_run_is_saved(void **state UNUSED)
{
    static const struct {
        const char *type, *payload;
        const char *text; /* NULL: it is fine */
    } cases[] = {
        {SHELL_CONTENT_TYPE, "{\"command\": \"true\"}", NULL},
        {NULL, "", NULL},
        {"text/plain", "", NULL},
        {"application/json", "{\"command\": \"\"}", NULL},
        {SHELL_CONTENT_TYPE, "{\"command\": \"\"}", "/command: is empty"},
        {SHELL_CONTENT_TYPE, "{\"command\": \" \\t\\r\\n\"}", "/command: is empty"},
        {SHELL_CONTENT_TYPE "; charset=utf-8", "{\"command\": \"\"}", "/command: is empty"},
        {"Application/VND.cronobs.command+JSON", "{}", "there is no member 'command'"},
        {SHELL_CONTENT_TYPE, "", ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct bytes payload = {*cases[i].payload == '\0' ? NULL : cases[i].payload,
                                strlen(cases[i].payload)};
        struct error err = {0};

        assert_int_equal(shell_command_check(cases[i].type, payload, &err),
                         cases[i].text == NULL ? RC_OK : RC_INVALID);
        if (cases[i].text == NULL)
            continue;
        assert_true(text_starts(err.text, "payload: no command that could be run: "));
        assert_non_null(strstr(err.text, cases[i].text));
        assert_string_equal(err.pointer, "/payload");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_alone_is_enough),
        cmocka_unit_test(everything_is_taken),
        cmocka_unit_test(what_cannot_be_run_is_refused_with_the_reason),
        cmocka_unit_test(what_is_no_json_is_refused_with_the_place),
        cmocka_unit_test(only_what_can_be_run_is_saved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
