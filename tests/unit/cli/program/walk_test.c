/*
 * A walk over all commands and options: each is used or refused, each unknown word is an error that names what was meant.
 *
 * Which options do nothing alone, or beside which others, is in walk.txt, written by this program: --write. Whoever adds
 * an option sees it there, and decides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/program/help.h"
#include "cli/program/lookup.h"
#include "cli/shared/files.h"
#include "cli/shared/subcommand.h"

enum { OPTIONS_MAX = 64, WORDS_MAX = 16 };

#define PAGE COBS_SOURCE_DIR "/tests/unit/cli/program/walk.txt"

/* --- asking --- */

struct option { /* of a command; setting NULL: the operand that need not be given */
    const struct setting *setting;
    const char *typed; /* "--zone", "FILE" */
};

struct walk { /* over the options of one command */
    const struct subcommand *command;
    struct arena *memory;
    struct option options[OPTIONS_MAX];
    size_t count;
};

static const char *flag_of(const struct setting *s, struct arena *memory)
{
    SCOPED_BUF flag = {0};

    setting_flag(&flag, s);
    return arena_strdup(memory, buf_text(&flag));
}

static void add_option(struct walk *w, const struct setting *s, const char *typed)
{
    assert_true(w->count < OPTIONS_MAX);
    w->options[w->count++] = (struct option){s, typed};
}

/* "TASK [FILE|-]": FILE */
static const char *spare_operand(const struct subcommand *c, struct arena *memory)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const char *at = c->operands;

    for (size_t i = 0; i < c->operands_min; i++)
        at = strchr(at, ' ') + 1;
    at += strcspn(at, letters);
    return arena_strndup(memory, at, strspn(at, letters));
}

static struct walk walk_of(const struct subcommand *c, struct arena *memory)
{
    struct walk w = {.command = c, .memory = memory};

    for (size_t i = 0; i < SUBCOMMAND_PARTS && c->parts[i].table != NULL; i++)
        for (const struct setting *s = c->parts[i].table; s->name != NULL; s++)
            add_option(&w, s, flag_of(s, memory));
    for (const struct setting *s = common_settings; s->name != NULL; s++)
        if (text_has_word(c->common, s->name))
            add_option(&w, s, flag_of(s, memory));
    if (c->operands_max > c->operands_min && strcmp(c->name, "help") != 0)
        add_option(&w, NULL, spare_operand(c, memory));
    return w;
}

/* A value that the option takes. */
static const char *value_of(const struct setting *s, struct arena *memory)
{
    switch (s->type) {
    case SETTING_INT:
        return arena_printf(memory, "%d", (int)MAX(s->min, 1));
    case SETTING_DURATION:
        return arena_printf(memory, "%dms", (int)MAX(s->min, 1));
    case SETTING_ENUM:
        return s->choices[0];
    case SETTING_BOOL:
        return "yes";
    case SETTING_TEXT:
    case SETTING_TEXTS:
        break;
    }
    return "x";
}

static const char *given(const struct option *o, struct arena *memory)
{
    return o->setting == NULL
               ? "y"
               : arena_printf(memory, "%s=%s", o->typed, value_of(o->setting, memory));
}

/* The operands that must be there, and up to two words more. */
static enum rc read_with(const struct walk *w, const char *one, const char *two, struct error *err)
{
    struct call call = {.command = w->command, .memory = w->memory};
    const char *words[WORDS_MAX] = {NULL};
    size_t count = 0;

    for (size_t i = 0; i < w->command->operands_min; i++)
        words[count++] = "x";
    words[count++] = one;
    if (one != NULL)
        words[count] = two;
    *err = (struct error){0};
    return subcommand_read(&call, words, err);
}

static void expect_refusal(const struct walk *w, const char *one, const char *two,
                           const char *contains)
{
    struct error err;

    if (read_with(w, one, two, &err) != RC_INVALID)
        fail_msg("cronobs %s %s %s: not refused", w->command->name, one, two == NULL ? "" : two);
    if (strstr(err.text, contains) == NULL && strstr(err.hint, contains) == NULL)
        fail_msg("cronobs %s %s %s: '%s' (%s) does not say '%s'", w->command->name, one,
                 two == NULL ? "" : two, err.text, err.hint, contains);
}

typedef void (*visit_fn)(const struct walk *w, const struct option *o);

static void each_option(visit_fn visit)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        const struct walk w = walk_of(c, memory);

        for (size_t i = 0; i < w.count; i++)
            if (w.options[i].setting != NULL)
                visit(&w, &w.options[i]);
    }
}

/* --- one option --- */

static bool may_repeat(const struct option *o)
{
    return o->setting->type == SETTING_TEXTS;
}

static void visit_twice(const struct walk *w, const struct option *o)
{
    const char *word = given(o, w->memory);

    if (!may_repeat(o) && strcmp(o->setting->name, "config") != 0)
        expect_refusal(w, word, word, "is given twice");
}

static void an_option_is_given_once(void **state UNUSED)
{
    each_option(visit_twice);
}

static void visit_slip(const struct walk *w, const struct option *o)
{
    char *slip = arena_strdup(w->memory, o->typed);
    size_t len = strlen(slip);

    if (len < 6) /* what is so short may be anything */
        return;
    slip[len - 1] = 'z';
    if (slip[len - 2] == 'z')
        return;
    expect_refusal(w, slip, NULL, arena_printf(w->memory, "there is no option %s", slip));
    expect_refusal(w, slip, NULL, "did you mean --");
}

static void a_slip_is_told_what_was_meant(void **state UNUSED)
{
    each_option(visit_slip);
}

static void visit_lack(const struct walk *w, const struct option *o)
{
    if (o->setting->type == SETTING_BOOL)
        return;
    expect_refusal(w, o->typed, NULL, arena_printf(w->memory, "%s needs a value", o->typed));
    expect_refusal(w, o->typed, "--", arena_printf(w->memory, "%s needs a value", o->typed));
    for (size_t i = 0; i < w->count; i++)
        if (w->options[i].setting != NULL)
            expect_refusal(w, o->typed, w->options[i].typed,
                           arena_printf(w->memory, "%s needs a value", o->typed));
}

static void an_option_is_no_value_of_another(void **state UNUSED)
{
    each_option(visit_lack);
}

/* An empty text is one only here. */
static bool may_be_empty(const struct option *o)
{
    static const char names[] = "payload title content.type state.dir topic.prefix";

    return text_has_word(names, o->setting->name);
}

static void visit_empty(const struct walk *w, const struct option *o)
{
    struct error err;
    const char *word = arena_printf(w->memory, "%s=", o->typed);

    if (!may_be_empty(o))
        expect_refusal(w, word, NULL, o->typed);
    else if (read_with(w, word, NULL, &err) != RC_OK && strstr(err.text, "is empty") != NULL)
        fail_msg("cronobs %s %s: %s", w->command->name, word, err.text);
}

static void an_empty_value_is_refused_where_it_means_nothing(void **state UNUSED)
{
    each_option(visit_empty);
}

/* What is passed on byte for byte; all else becomes JSON, a name or a message. */
static bool may_be_bytes(const struct option *o)
{
    static const char names[] = "config database ignore payload payload.file spool state.dir";

    return text_has_word(names, o->setting->name);
}

static void visit_bytes(const struct walk *w, const struct option *o)
{
    struct error err;
    const char *word = arena_printf(w->memory, "%s=a\xff", o->typed);

    if (o->setting->type != SETTING_TEXT && o->setting->type != SETTING_TEXTS)
        return;
    if (!may_be_bytes(o))
        expect_refusal(w, word, NULL, "is not UTF-8");
    else if (read_with(w, word, NULL, &err) != RC_OK && strstr(err.text, "UTF-8") != NULL)
        fail_msg("cronobs %s %s: %s", w->command->name, word, err.text);
}

static void a_text_is_utf8(void **state UNUSED)
{
    each_option(visit_bytes);
}

static void visit_nonsense(const struct walk *w, const struct option *o)
{
    const struct setting *s = o->setting;

    if (s->type == SETTING_TEXT || s->type == SETTING_TEXTS)
        return;
    expect_refusal(w, arena_printf(w->memory, "%s=nonsense", o->typed), NULL, o->typed);
    if (s->type == SETTING_ENUM && strlen(s->choices[0]) > 2)
        expect_refusal(w, arena_printf(w->memory, "%s=%s%c", o->typed, s->choices[0], 'z'), NULL,
                       arena_printf(w->memory, "did you mean %s?", s->choices[0]));
}

static void a_value_that_is_none_is_said_with_its_option(void **state UNUSED)
{
    each_option(visit_nonsense);
}

static void what_a_command_does_not_heed_it_does_not_take(void **state UNUSED)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        const struct walk w = walk_of(c, memory);

        for (const struct setting *s = common_settings; s->name != NULL; s++)
            if (strcmp(s->name, "config") != 0 && !text_has_word(c->common, s->name))
                expect_refusal(&w, flag_of(s, memory), "1",
                               arena_printf(memory, "there is no option %s", flag_of(s, memory)));
    }
}

/* --- operands --- */

static enum rc read_words(const struct subcommand *c, size_t count, const char *word,
                          struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct call call = {.command = c, .memory = memory};
    const char *words[WORDS_MAX] = {NULL};

    for (size_t i = 0; i < count; i++)
        words[i] = word;
    *err = (struct error){0};
    return subcommand_read(&call, words, err);
}

static void operands_are_counted(void **state UNUSED)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        struct error err;

        if (c->operands_min > 0) {
            assert_int_equal(read_words(c, c->operands_min - 1, "x", &err), RC_INVALID);
            assert_non_null(strstr(err.text, " is missing"));
            assert_non_null(strstr(err.hint, c->name));
            assert_int_equal(read_words(c, c->operands_min, "", &err), RC_INVALID);
            assert_non_null(strstr(err.text, " is empty"));
        }
        if (c->operands_max == OPERANDS_ANY)
            continue;
        assert_int_equal(read_words(c, c->operands_max, "x", &err), RC_OK);
        assert_int_equal(read_words(c, c->operands_max + 1, "extra", &err), RC_INVALID);
        assert_string_equal(err.text, "unexpected 'extra'");
        assert_non_null(strstr(err.hint, c->name));
    }
}

/* --- combinations --- */

static void add_refusal(struct buf *out, const char *one, const char *two, const struct error *err)
{
    buf_printf(out, "    %s%s%s: %s\n", one, two == NULL ? "" : " ", two == NULL ? "" : two,
               err->text);
}

static void add_pairs(struct buf *out, const struct walk *w, const bool *is_refused)
{
    struct error err;

    for (size_t i = 0; i < w->count; i++)
        for (size_t k = i + 1; k < w->count; k++) {
            const struct option *one = &w->options[i], *two = &w->options[k];
            enum rc rc = read_with(w, given(one, w->memory), given(two, w->memory), &err);

            if (rc != RC_OK && !is_refused[i] && !is_refused[k])
                add_refusal(out, one->typed, two->typed, &err);
            if (rc == RC_OK && (is_refused[i] || is_refused[k]))
                buf_printf(out, "    %s %s: fine\n", one->typed, two->typed);
        }
}

static void add_command(struct buf *out, const struct subcommand *c)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct walk w = walk_of(c, memory);
    bool is_refused[OPTIONS_MAX] = {false};
    struct error err;

    buf_printf(out, "%s\n", c->name);
    for (size_t i = 0; i < w.count; i++) {
        is_refused[i] = read_with(&w, given(&w.options[i], memory), NULL, &err) != RC_OK;
        buf_printf(out, "    %s%s%s\n", w.options[i].typed, is_refused[i] ? ": " : "",
                   is_refused[i] ? err.text : "");
    }
    add_pairs(out, &w, is_refused);
}

static void walk_all(struct buf *out)
{
    buf_add_text(
        out,
        "# Each command: its options, each alone, then the pairs that do not go together though "
        "each does alone,\n# and those that do though one alone does not. Made by walk_test "
        "--write.\n");
    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        add_command(out, c);
}

static void every_combination_is_decided(void **state UNUSED)
{
    SCOPED_BUF made = {0};
    SCOPED_BUF page = {0};

    walk_all(&made);
    assert_int_equal(file_read(PAGE, 1 << 20, &page, NULL), RC_OK);
    if (strcmp(buf_text(&made), buf_text(&page)) != 0)
        fail_msg("%s is out of date: look at what `walk_test --write` makes of it", PAGE);
}

/* How it is sent, and what it is said over: all else of a put is in the FILE. */
static bool is_of_sending(const char *name)
{
    return text_has_word("if.revision json patch project timeout wait url config", name);
}

static void what_a_file_says_no_option_says_too(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char *const words[] = {"task", "put", NULL};
    size_t count = 0;
    const struct walk w = walk_of(subcommand_find(words, &count), memory);

    for (size_t i = 0; i < w.count; i++) {
        const struct option *o = &w.options[i];

        if (o->setting != NULL && !is_of_sending(o->setting->name))
            expect_refusal(&w, given(o, memory), "y",
                           arena_printf(memory, "%s does not go with FILE", o->typed));
    }
}

/* A switch that is off is as one that was not given. */
static const struct off_case {
    const char *words[6], *text; /* NULL: fine */
} off_cases[] = {
    {{"task", "show", "x", "--no-json", "--zone=UTC"}, NULL},
    {{"task", "show", "x", "--json=no", "--zone=UTC"}, NULL},
    {{"task", "show", "x", "--json=yes", "--zone=UTC"}, "--zone does not go with --json"},
    {{"work", "--no-shell", "true"}, NULL},
    {{"work", "--shell", "true"}, "--shell does not go with COMMAND"},
    {{"execution", "logs", "x", "--no-times", "--zone=UTC"}, "--zone does nothing without --times"},
    {{"execution", "logs", "x", "--times", "--zone=UTC"}, NULL},
    {{"task", "put", "x", "--no-patch", "--jitter=5m"}, "--jitter does nothing without --schedule"},
    {{"next", "--no-batch", "@daily", "--count=1"}, NULL},
    {{"consumer", "--no-api", "--api-memory=16"}, "--api-memory does not go with --no-api"},
    {{"consumer", "--api", "--api-memory=16"}, NULL},
    {{"api", "--no-queues-auto-create", "--queues-max=5"},
     "--queues-max does not go with --no-queues-auto-create"},
    {{"consumer", "--queues-auto-create=no", "--topic-replication=1"},
     "--topic-replication does not go with --no-queues-auto-create"},
    {{"api", "--queues-auto-create", "--queues-per-minute=5"}, NULL},
};

static void a_switch_that_is_off_is_not_given(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(off_cases); i++) {
        const struct off_case *c = &off_cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        size_t count = 0;
        struct call call = {.command = subcommand_find(c->words, &count), .memory = memory};
        struct error err = {0};

        assert_non_null(call.command);
        if ((subcommand_read(&call, c->words + count, &err) == RC_OK) != (c->text == NULL) ||
            (c->text != NULL && strcmp(err.text, c->text) != 0))
            fail_msg("cronobs %s %s %s: %s", c->words[0], c->words[1], c->words[2], err.text);
    }
}

/* --- commands --- */

static void expect_hint(const char *one, const char *two, const char *hint)
{
    const char *const words[] = {one, two, NULL};
    struct error err = {0};

    assert_int_equal(lookup_fail(words, &err), RC_INVALID);
    if (strstr(err.hint, hint) == NULL)
        fail_msg("cronobs %s %s: '%s' does not say '%s'", one, two == NULL ? "" : two, err.hint,
                 hint);
}

static void a_slip_in_a_command_is_told_what_was_meant(void **state UNUSED)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        const char *blank = strchr(c->name, ' ');
        const char *meant = arena_printf(memory, "did you mean cronobs %s?", c->name);
        char *first = arena_strndup(memory, c->name, strcspn(c->name, " "));

        if (blank != NULL)
            expect_hint(first, arena_printf(memory, "%sz", blank + 1), meant);
        first[strlen(first) - 1] = 'z';
        expect_hint(first, blank == NULL ? NULL : blank + 1, meant);
    }
}

static const struct lookup_case {
    const char *words[3], *text, *hint;
} lookup_cases[] = {
    {{"task", "triger", NULL},
     "there is no command 'task triger'",
     "did you mean cronobs task trigger?"},
    {{"task", "frobnicate", NULL},
     "there is no command 'task frobnicate'",
     "after 'task' comes one of list, "},
    {{"task", NULL}, "'task' is no command by itself", "after 'task' comes one of list, "},
    {{"task", "--json", NULL},
     "'task' is no command by itself",
     "after 'task' comes one of list, "},
    {{"tasks", NULL}, "there is no command 'tasks'", "did you mean cronobs task?"},
    {{"trigger", "hello", NULL},
     "there is no command 'trigger'",
     "did you mean cronobs task trigger?"},
    {{"logs", "x", NULL}, "there is no command 'logs'", "did you mean cronobs execution logs?"},
    {{"tsak", "list", NULL}, "there is no command 'tsak'", "did you mean cronobs task list?"},
    {{"shedule", NULL}, "there is no command 'shedule'", "did you mean cronobs scheduler?"},
    {{"--json", "task", NULL},
     "there is no command '--json'",
     "a command comes first, its options behind it"},
    {{"qqqq", NULL}, "there is no command 'qqqq'", "cronobs help lists them"},
    {{"postgresql://u:secret@h", NULL}, "there is no command '***'", "cronobs help lists them"},
};

static void words_that_are_no_command_are_answered_each_in_its_way(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(lookup_cases); i++) {
        const struct lookup_case *c = &lookup_cases[i];
        struct error err = {0};

        assert_int_equal(lookup_fail(c->words, &err), RC_INVALID);
        assert_string_equal(err.text, c->text);
        if (!text_starts(err.hint, c->hint))
            fail_msg("%s: %s", err.text, err.hint);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_is_given_once),
        cmocka_unit_test(a_slip_is_told_what_was_meant),
        cmocka_unit_test(an_option_is_no_value_of_another),
        cmocka_unit_test(an_empty_value_is_refused_where_it_means_nothing),
        cmocka_unit_test(a_text_is_utf8),
        cmocka_unit_test(a_value_that_is_none_is_said_with_its_option),
        cmocka_unit_test(what_a_command_does_not_heed_it_does_not_take),
        cmocka_unit_test(operands_are_counted),
        cmocka_unit_test(every_combination_is_decided),
        cmocka_unit_test(what_a_file_says_no_option_says_too),
        cmocka_unit_test(a_switch_that_is_off_is_not_given),
        cmocka_unit_test(a_slip_in_a_command_is_told_what_was_meant),
        cmocka_unit_test(words_that_are_no_command_are_answered_each_in_its_way),
    };

    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        SCOPED_BUF made = {0};

        walk_all(&made);
        (void)fputs(buf_text(&made), stdout);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
