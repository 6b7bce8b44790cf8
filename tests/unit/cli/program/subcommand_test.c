#include "cli/shared/subcommand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/program/help.h"
#include "cli/shared/files.h"

static const struct find_case {
    const char *words[4];
    const char *name; /* NULL: none */
    size_t count;
} find_cases[] = {
    {{"scheduler", NULL}, "scheduler", 1},
    {{"scheduler", "--log-level", "debug", NULL}, "scheduler", 1},
    {{"topics", "apply", NULL}, "topics apply", 2},
    {{"topics", "apply", "now", NULL}, "topics apply", 2},
    {{"topics", NULL}, NULL, 0},
    {{"topics", "applyx", NULL}, NULL, 0},
    {{"topicsapply", NULL}, NULL, 0},
    {{"topics apply", NULL}, NULL, 0},
    {{"task", "list", "--json", NULL}, "task list", 2},
    {{"", NULL}, NULL, 0},
    {{NULL}, NULL, 0},
};

static void a_command_is_found_by_its_words(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(find_cases); i++) {
        const struct find_case *c = &find_cases[i];
        size_t count = 0;
        const struct subcommand *found = subcommand_find(c->words, &count);

        if (c->name == NULL) {
            assert_null(found);
            continue;
        }
        assert_non_null(found);
        assert_string_equal(found->name, c->name);
        assert_int_equal(count, c->count);
    }
}

static bool ends_in_full_stop(const char *text)
{
    return text[strlen(text) - 1] == '.';
}

static void check_table(const struct setting *table)
{
    for (const struct setting *s = table; s->name != NULL; s++) {
        assert_true(ends_in_full_stop(s->help));
        if (s != table)
            assert_true(strcmp(s[-1].name, s->name) < 0); /* in alphabetical order */
        if (s->type == SETTING_ENUM)
            assert_non_null(s->choices);
    }
}

static void every_command_and_option_is_described(void **state UNUSED)
{
    check_table(common_settings);
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        assert_non_null(c->run);
        assert_non_null(c->common);
        assert_non_null(c->operands);
        assert_true(c->operands_min <= c->operands_max);
        assert_true(ends_in_full_stop(c->summary));
        for (size_t i = 0; i < SUBCOMMAND_PARTS && c->parts[i].table != NULL; i++)
            check_table(c->parts[i].table);
    }
}

static const char *settings_told_twice(struct buf *out)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct setting *const *tables = subcommand_tables(memory);

    for (size_t i = 0; tables[i] != NULL; i++)
        for (const struct setting *s = tables[i]; s->name != NULL; s++)
            for (size_t k = 0; k < i; k++)
                for (const struct setting *other = tables[k]; other->name != NULL; other++)
                    if (tables[k] != tables[i] && !s->only_flag &&
                        strcmp(s->name, other->name) == 0)
                        buf_printf(out, "%s ", s->name);
    return buf_text(out);
}

/* What several programs share is common to all: their limits and defaults cannot differ. */
static void a_setting_stands_in_one_table_only(void **state UNUSED)
{
    SCOPED_BUF twice = {0};

    assert_string_equal(settings_told_twice(&twice), "");
}

/* What is built in has to pass the checks that hold for everybody. */
static void what_is_built_in_is_allowed(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct setting_input in = {0};

    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        struct setting_set sets[SUBCOMMAND_PARTS + 1] = {{NULL, NULL, NULL}};
        struct setting_words words;

        for (size_t i = 0; i < SUBCOMMAND_PARTS && c->parts[i].table != NULL; i++)
            sets[i] = (struct setting_set){c->parts[i].table, arena_alloc(memory, c->parts[i].size),
                                           NULL};
        assert_int_equal(settings_load(sets, &in, memory, &words, NULL), RC_OK);
    }
}

static void help_shows_options_and_the_settings_it_heeds(void **state UNUSED)
{
    const char *const words[] = {"topics", "apply", NULL};
    SCOPED_BUF out = {0};
    size_t count;

    help_command(&out, subcommand_find(words, &count));
    assert_non_null(strstr(out.data, "usage: cronobs topics apply [OPTION...]\n"));
    assert_non_null(strstr(out.data, "\nOptions:\n  --queue NAME "));
    assert_non_null(strstr(out.data, "  --brokers HOST:PORT,..."));
    assert_null(strstr(out.data, "--database"));
}

static void help_lists_all_commands_or_those_of_a_group(void **state UNUSED)
{
    SCOPED_BUF all = {0};
    SCOPED_BUF group = {0};
    SCOPED_BUF none = {0};

    assert_true(help_overview(&all, NULL));
    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        assert_non_null(strstr(all.data, c->name));
    assert_true(help_overview(&group, "topics"));
    assert_non_null(strstr(group.data, "topics plan"));
    assert_null(strstr(group.data, "db migrate"));
    assert_false(help_overview(&none, "topic"));
}

static const struct completion_case {
    const char *shell, *contains[3];
} completion_cases[] = {
    {"bash",
     {"    \"topics\") echo \"plan apply skip\" ;;\n", "    \"topics apply\") echo \"--queue ",
      "complete -o default -F _cronobs cronobs\n"}},
    {"zsh",
     {"    \"topics\") echo \"plan apply skip\" ;;\n", "    \"topics apply\") echo \"--queue ",
      "compdef _cronobs cronobs\n"}},
    {"fish",
     {"        case \"topics\"\n            string split \" \" -- \"plan apply skip\"\n",
      "        case \"topics apply\"\n", "complete -c cronobs "}},
};

static void completion_knows_words_and_options(void **state UNUSED)
{
    struct error err = {0};
    SCOPED_BUF none = {0};

    for (size_t i = 0; i < ARRAY_LEN(completion_cases); i++) {
        SCOPED_BUF out = {0};

        assert_int_equal(help_completion(&out, completion_cases[i].shell, NULL), RC_OK);
        for (size_t k = 0; k < ARRAY_LEN(completion_cases[i].contains); k++)
            assert_non_null(strstr(out.data, completion_cases[i].contains[k]));
    }
    assert_int_equal(help_completion(&none, "csh", &err), RC_INVALID);
    assert_string_equal(err.text, "'csh' is none of bash, zsh, fish");
}

static void check_page(const char *name, void (*make)(struct buf *out))
{
    SCOPED_BUF made = {0};
    SCOPED_BUF page = {0};
    SCOPED(text) char *path = xasprintf("%s/docs/%s.md", COBS_SOURCE_DIR, name);

    make(&made);
    assert_int_equal(file_read(path, 1 << 20, &page, NULL), RC_OK);
    if (strcmp(buf_text(&made), buf_text(&page)) != 0)
        fail_msg("docs/%s.md is out of date: cronobs docs %s > docs/%s.md", name, name, name);
}

static void the_pages_are_what_the_tables_say(void **state UNUSED)
{
    check_page("cli", help_cli_page);
    check_page("configuration", help_configuration_page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_found_by_its_words),
        cmocka_unit_test(every_command_and_option_is_described),
        cmocka_unit_test(a_setting_stands_in_one_table_only),
        cmocka_unit_test(what_is_built_in_is_allowed),
        cmocka_unit_test(help_shows_options_and_the_settings_it_heeds),
        cmocka_unit_test(help_lists_all_commands_or_those_of_a_group),
        cmocka_unit_test(completion_knows_words_and_options),
        cmocka_unit_test(the_pages_are_what_the_tables_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
