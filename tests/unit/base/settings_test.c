#include "base/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/duration.h"
#include "support/secrets.h"

struct values {
    const char *text, *secret, *outside;
    int number, word;
    bool is_on, is_api;
    int64_t span;
    struct texts labels;
};

#define AT(member) offsetof(struct values, member)

static const char *const word_choices[] = {"low", "high", NULL};

static const struct setting table[] = {
    {.name = "a.text",
     .type = SETTING_TEXT,
     .offset = AT(text),
     .fallback = "x",
     .min = 1,
     .max = 8,
     .help = "A text."},
    {.name = "api",
     .type = SETTING_BOOL,
     .offset = AT(is_api),
     .fallback = "yes",
     .help = "A switch that is on."},
    {.name = "label",
     .type = SETTING_TEXTS,
     .offset = AT(labels),
     .min = 1,
     .max = 9,
     .only_flag = true,
     .help = "Repeatable."},
    {.name = "number",
     .type = SETTING_INT,
     .offset = AT(number),
     .fallback = "5",
     .min = 1,
     .max = 10,
     .help = "A number."},
    {.name = "on", .type = SETTING_BOOL, .offset = AT(is_on), .help = "A switch."},
    {.name = "secret",
     .type = SETTING_TEXT,
     .offset = AT(secret),
     .is_secret = true,
     .max = 30,
     .help = "A secret."},
    {.name = "outside",
     .type = SETTING_TEXT,
     .offset = AT(outside),
     .not_in_file = true,
     .help = "Not in the file."},
    {.name = "some.long_span",
     .type = SETTING_DURATION,
     .offset = AT(span),
     .fallback = "10s",
     .min = 1000,
     .max = 3600000,
     .help = "A span."},
    {.name = "word",
     .type = SETTING_ENUM,
     .offset = AT(word),
     .fallback = "low",
     .choices = word_choices,
     .help = "A word."},
    {.name = NULL},
};
static const struct setting other_table[] = {
    {.name = "other", .type = SETTING_TEXT, .help = "Another program's."},
    {.name = NULL},
};

/* Loads with up to 7 arguments, 3 variables, and a file; the result is in *v. */
struct given {
    const char *arguments[8], *environment[4];
    const char *file;
};

static struct arena *memory;

static enum rc load(const struct given *g, struct values *v, struct setting_words *words,
                    struct error *err)
{
    static const struct setting *const known[] = {table, other_table, NULL};
    const struct setting_set sets[] = {{table, v, NULL}, {NULL, NULL, NULL}};
    const struct setting_input in = {.arguments = g->arguments,
                                     .environment = g->environment,
                                     .file_name = "x.conf",
                                     .file_text = g->file,
                                     .known = known};

    *v = (struct values){0};
    return settings_load(sets, &in, memory, words, err);
}

static int set_up(void **state UNUSED)
{
    memory = arena_new(0);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    arena_free(memory);
    return 0;
}

static void takes_what_is_built_in_when_nothing_is_given(void **state UNUSED)
{
    struct values v;
    struct setting_words words;

    assert_int_equal(load(&(struct given){0}, &v, &words, NULL), RC_OK);
    assert_string_equal(v.text, "x");
    assert_int_equal(v.number, 5);
    assert_int_equal(v.span, 10000);
    assert_int_equal(v.word, 0);
    assert_true(v.is_api);
    assert_false(v.is_on);
    assert_null(v.secret);
    assert_int_equal(words.operands.count, 0);
}

/* clang-format off */
static const struct order_case {
    struct given given;
    int number;
} order_cases[] = {
    {{.file = "number = 6"}, 6},
    {{.file = "number = 6", .environment = {"CRONOBS_NUMBER=7"}}, 7},
    {{.file = "number = 6", .environment = {"CRONOBS_NUMBER=7"}, .arguments = {"--number", "8"}}, 8},
    {{.file = "number = 6", .arguments = {"--number=9"}}, 9},
    {{.environment = {"CRONOBS_NUMBER=7", "CRONOBS_NUMBERS=3", "NUMBER=4"}}, 7},
    {{.file = "# number = 3\n\n  number=4\t\r\nother = x\n"}, 4},
};

static void a_flag_beats_the_environment_and_that_the_file(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(order_cases); i++) {
        struct values v;
        struct setting_words words;

        assert_int_equal(load(&order_cases[i].given, &v, &words, NULL), RC_OK);
        assert_int_equal(v.number, order_cases[i].number);
    }
}

static void every_type_is_read(void **state UNUSED)
{
    const struct given given = {
        .arguments = {"--some-long-span=1h", "--no-api", "--on", "--label=a", "--label",
                      "b=c", "--word=high"},
        .environment = {"CRONOBS_A_TEXT=a b=c"},
        .file = "secret = host=h password='a #b'",
    };
    struct values v;
    struct setting_words words;

    assert_int_equal(load(&given, &v, &words, NULL), RC_OK);
    assert_string_equal(v.text, "a b=c");
    assert_string_equal(v.secret, "host=h password='a #b'");
    assert_int_equal(v.span, 3600000);
    assert_int_equal(v.word, 1);
    assert_false(v.is_api);
    assert_true(v.is_on);
    assert_int_equal(v.labels.count, 2);
    assert_string_equal(v.labels.items[1], "b=c");
}

static void what_follows_two_dashes_is_never_an_option(void **state UNUSED)
{
    const struct given given = {.arguments = {"run", "--on", "-", "--", "--word", "--"}};
    static const char *const expected[] = {"run", "-", "--word", "--"};
    struct values v;
    struct setting_words words;

    assert_int_equal(load(&given, &v, &words, NULL), RC_OK);
    assert_true(v.is_on);
    assert_int_equal(words.operands.count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_string_equal(words.operands.items[i], expected[i]);
}

static const struct refusal_case {
    struct given given;
    const char *text, *hint;
} refusal_cases[] = {
    {{.arguments = {"--number=11"}}, "number (--number): '11' is out of range", "allowed: 1 to 10"},
    {{.arguments = {"--number=1x"}}, "number (--number): '1x' is not a whole number", "allowed: 1 to 10"},
    {{.arguments = {"--number="}}, "number (--number): '' is not a whole number", "allowed: 1 to 10"},
    {{.arguments = {"--number"}}, "--number needs a value", ""},
    {{.arguments = {"--number", "--"}}, "--number needs a value", ""},
    {{.arguments = {"--number", "--on"}}, "--number needs a value: the option --on follows it", "a value that looks like an option is written --number=VALUE"},
    {{.arguments = {"--label", "--no-api"}}, "--label needs a value: the option --no-api follows it", "a value that looks like an option is written --label=VALUE"},
    {{.arguments = {"--number=9", "--number=2"}}, "--number is given twice", ""},
    {{.arguments = {"--on", "--no-on"}}, "--no-on is given twice", ""},
    {{.arguments = {"--label="}}, "label (--label): '' is empty", "allowed: at most 9 bytes"},
    {{.arguments = {"--nomber=1"}}, "there is no option --nomber", "did you mean --number?"},
    {{.arguments = {"--some.long.span", "1h"}}, "there is no option --some.long.span", "did you mean --some-long-span?"},
    {{.arguments = {"--zzzzz"}}, "there is no option --zzzzz", ""},
    {{.arguments = {"--no-number"}}, "there is no option --no-number", "did you mean --number?"},
    {{.arguments = {"--word=hihg"}}, "word (--word): 'hihg' is not one of its values", "did you mean high? allowed: one of low, high"},
    {{.file = "nunber = 1"}, "x.conf:1: there is no setting 'nunber'", "did you mean number?"},
    {{.file = "othre = 1"}, "x.conf:1: there is no setting 'othre'", "did you mean other?"},
    {{.arguments = {"-n"}}, "there is no option -n; options are long: --name", ""},
    {{.environment = {"CRONOBS_SOME_LONG_SPAN=2h"}}, "some.long_span (CRONOBS_SOME_LONG_SPAN): '2h' is out of range", "allowed: 1s to 1h"},
    {{.environment = {"CRONOBS_SOME_LONG_SPAN=5"}}, "some.long_span (CRONOBS_SOME_LONG_SPAN): '5' is not a duration like 90s, 15m or 1h30m", "allowed: 1s to 1h"},
    {{.file = "\nword = middle"}, "word (x.conf:2): 'middle' is not one of its values", "allowed: one of low, high"},
    {{.file = "on = maybe"}, "on (x.conf:1): 'maybe' is neither yes nor no", "allowed: yes or no"},
    {{.file = "a.text ="}, "a.text (x.conf:1): '' is empty", "allowed: at most 8 bytes"},
    {{.file = "a.text = 123456789"}, "a.text (x.conf:1): '123456789' is too long", "allowed: at most 8 bytes"},
    {{.file = "outside = x"}, "x.conf:1: outside does not stand in a file", ""},
    {{.file = "number = 3\n\nnumber = 4"}, "x.conf:3: number stands there twice", "the first is in line 1"},
    {{.file = "other = 3\n other=4"}, "x.conf:2: other stands there twice", "the first is in line 1"},
    {{.file = "a.text = b # c"}, "x.conf:1: a.text: a comment has a line of its own, this one would be part of the value", "begin the line with #; a value that holds a blank and a # is given as CRONOBS_A_TEXT"},
    {{.file = "word = low\t#"}, "x.conf:1: word: a comment has a line of its own, this one would be part of the value", "begin the line with #; a value that holds a blank and a # is given as CRONOBS_WORD"},
    {{.file = "nothing"}, "x.conf:1: 'nothing' is not of the form key = value", ""},
    {{.file = "nothing = 1"}, "x.conf:1: there is no setting 'nothing'", ""},
    {{.file = "label = 1"}, "x.conf:1: there is no setting 'label'", ""},
    {{.file = "secret = postgresql://user:pass@host/database"}, "secret (x.conf:1): '***' is too long", "allowed: at most 30 bytes"},
};

static void a_refusal_names_setting_source_value_and_limit(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refusal_cases); i++) {
        const struct refusal_case *c = &refusal_cases[i];
        struct error err = {0};
        struct values v;
        struct setting_words words;

        assert_int_equal(load(&c->given, &v, &words, &err), RC_INVALID);
        assert_string_equal(err.text, c->text);
        assert_string_equal(err.hint, c->hint);
    }
}

static void parts_that_share_a_setting_are_told_alike(void **state UNUSED)
{
    const char *const arguments[] = {"--number=9", "--no-api", NULL};
    struct values first = {0}, second = {0};
    const struct setting_set sets[] = {{table, &first, NULL}, {table, &second, NULL}, {NULL, NULL, NULL}};
    struct setting_words words;

    assert_int_equal(settings_load(sets, &(struct setting_input){.arguments = arguments}, memory, &words, NULL), RC_OK);
    assert_int_equal(first.number, 9);
    assert_int_equal(second.number, 9);
    assert_false(second.is_api);
}

static void one_setting_can_be_asked_for_ahead(void **state UNUSED)
{
    const char *const arguments[] = {"--config=a", "--config", "b", "--", "--config=c", NULL};
    const char *const environment[] = {"CRONOBS_CONFIG=d", NULL};

    assert_string_equal(settings_peek("config", &(struct setting_input){.arguments = arguments, .environment = environment}), "b");
    assert_string_equal(settings_peek("config", &(struct setting_input){.environment = environment}), "d");
    assert_null(settings_peek("config", &(struct setting_input){0}));
}

static const struct password_case {
    const char *text;
    bool has;
} password_cases[] = {
    {"dbname=x user=y", false},
    {"host=h passfile=/etc/pgpass", false},
    {"postgresql://u@host/db?passfile=/etc/pgpass", false},
    {"postgresql://host:5432/db", false},
    {"host=h password=secret user=u", true},
    {"sslPassword = 'se cr\\'et' user=u", true},
    {"postgresql://user:secret@host:5432/db", true},
    {"postgresql://user:s@c@host/db", true},
    {"postgresql://user:s/c?r@host/db", true},
    {"postgresql://user@host/db?password=secret", true},
    {"user:secret@host/db", true},
};

static void a_password_is_seen(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(password_cases); i++)
        if (settings_has_password(password_cases[i].text) != password_cases[i].has)
            fail_msg("%s", password_cases[i].text);
}

/* Every way to hand in a password in vain, or at the wrong place; %s is the password. */
static const struct secret_case {
    const char *argument, *variable, *file;
    bool is_public;
} secret_cases[] = {
    {.argument = "--secret=postgresql://u:%s@h/db?application_name=too-long-for-it"},
    {.variable = "CRONOBS_SECRET=host=h user=u password='%s' and so on, which is too long"},
    {.argument = "--databse:postgresql://u:%s@h/db"},
    {.argument = "-dpostgresql://u:%s@h/db"},
    {.argument = "-du:%s@h/db"},
    {.file = "secret: postgresql://u:%s@h/db"},
    {.file = "secrt postgresql://u:%s@h/db?x=y"},
    {.file = "password %s"},
    {.file = "secret = postgresql://u:%s@h", .is_public = true},
    {.file = "secret = host=h password=%s", .is_public = true},
};

static const char *filled(struct arena *mine, const char *form, const char *password)
{
    const char *at = form != NULL ? strstr(form, "%s") : NULL;

    return at == NULL ? NULL
                      : arena_printf(mine, "%.*s%s%s", (int)(at - form), form, password, at + 2);
}

static void nothing_of_a_password_is_said(void **state UNUSED)
{
    static const struct setting secrets[] = {
        {.name = "secret", .type = SETTING_TEXT, .max = 40, .is_secret = true}, {.name = NULL}};
    const char *value = NULL;
    const struct setting_set sets[] = {{secrets, &value, NULL}, {NULL, NULL, NULL}};
    char password[SECRET_TEXT];

    for (unsigned seed = 0; seed < 200; seed++)
        for (size_t i = 0; i < ARRAY_LEN(secret_cases); i++) {
            SCOPED(arena) struct arena *mine = arena_new(0);
            const struct secret_case *c = &secret_cases[i];
            const char *const word = filled(mine, c->argument, secret_of(seed, password));
            const char *const arguments[] = {word, NULL};
            const char *const environment[] = {filled(mine, c->variable, password), NULL};
            const struct setting_input in = {.arguments = arguments,
                                             .environment = environment,
                                             .file_name = "x.conf",
                                             .file_text = filled(mine, c->file, password),
                                             .file_is_public = c->is_public};
            struct setting_words words;
            struct error err = {0};

            assert_int_equal(settings_load(sets, &in, mine, &words, &err), RC_INVALID);
            assert_nothing_of(password, &err);
        }
}

static void a_password_among_arguments_is_overwritten(void **state UNUSED)
{
    char texts[][40] = {"api", "--database", "host=h password=x", "--database=u:p@h", "--url", "http://h"};
    char *arguments[ARRAY_LEN(texts) + 1] = {0};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        arguments[i] = texts[i];
    settings_hide(arguments, common_settings);
    assert_string_equal(texts[2], "*****************");
    assert_string_equal(texts[3], "--database=*****");
    assert_string_equal(texts[5], "http://h");
}

static void help_is_aligned_and_says_what_is_built_in(void **state UNUSED)
{
    SCOPED_BUF out = {0};

    settings_help(&out, table);
    assert_non_null(strstr(out.data, "  --a-text TEXT          A text. [x]\n"));
    assert_non_null(strstr(out.data, "  --on                   A switch.\n"));
    assert_non_null(strstr(out.data, "  --some-long-span TIME  A span. [10s]\n"));
    assert_non_null(strstr(out.data, "  --word WORD            A word. (one of low, high) [low]\n"));
}

static const struct duration_case {
    const char *text;
    int64_t ms; /* -1: refused */
    const char *back;
} duration_cases[] = {
    {"0", 0, "0s"},
    {"0s", 0, "0s"},
    {"250ms", 250, "250ms"},
    {"90s", 90000, "1m30s"},
    {"1h30m", 5400000, "1h30m"},
    {"1m500ms", 60500, "1m500ms"},
    {"2w", 1209600000, "14d"},
    {"1d", 86400000, "1d"},
    {"", -1, NULL},
    {"5", -1, NULL},
    {"s", -1, NULL},
    {"-1s", -1, NULL},
    {"1 s", -1, NULL},
    {"1y", -1, NULL},
    {"1h ", -1, NULL},
    {"9223372036854775807ms", INT64_MAX, "106751991167d7h12m55s807ms"},
    {"9223372036854775808ms", -1, NULL},
    {"9223372036854775807s", -1, NULL},
};

static void durations_are_read_and_written(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(duration_cases); i++) {
        const struct duration_case *c = &duration_cases[i];
        char text[DURATION_TEXT_MAX];
        int64_t ms = -1;

        assert_int_equal(duration_parse(c->text, &ms, NULL), c->ms < 0 ? RC_INVALID : RC_OK);
        assert_int_equal(ms, c->ms);
        if (c->ms >= 0)
            assert_string_equal(duration_text(ms, text), c->back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_is_built_in_when_nothing_is_given),
        cmocka_unit_test(a_flag_beats_the_environment_and_that_the_file),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(what_follows_two_dashes_is_never_an_option),
        cmocka_unit_test(a_refusal_names_setting_source_value_and_limit),
        cmocka_unit_test(parts_that_share_a_setting_are_told_alike),
        cmocka_unit_test(one_setting_can_be_asked_for_ahead),
        cmocka_unit_test(a_password_is_seen),
        cmocka_unit_test(nothing_of_a_password_is_said),
        cmocka_unit_test(a_password_among_arguments_is_overwritten),
        cmocka_unit_test(help_is_aligned_and_says_what_is_built_in),
        cmocka_unit_test(durations_are_read_and_written),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
