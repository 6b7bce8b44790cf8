#include "cli/program/help.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/program/lookup.h"

/* --- the table --- */

static size_t first_word(const char *name)
{
    return strcspn(name, " ");
}

static bool is_in_group(const struct subcommand *c, const char *group)
{
    size_t len = first_word(c->name);

    return group == NULL || (strlen(group) == len && strncmp(c->name, group, len) == 0);
}

bool help_overview(struct buf *out, const char *group)
{
    bool has_any = false;

    buf_printf(out, "usage: cronobs %s ...\n\n", group == NULL ? "COMMAND" : group);
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        if (!is_in_group(c, group))
            continue;
        buf_printf(out, "  %-18s  %s\n", c->name, c->summary);
        has_any = true;
    }
    buf_printf(
        out,
        "\n`cronobs help COMMAND` shows options and settings, `cronobs --version` the version.\n"
        "Exit codes: 0 done, 1 not found or in conflict, 64 wrong usage or input, 69 the server\n"
        "cannot be reached, 75 start me again.\n");
    return has_any;
}

/* --- one command --- */

bool help_heeds(const struct subcommand *command, const char *name)
{
    return text_has_word(command->common, name);
}

/* The lines of a table that are options of the command alone, or that are not. Ends with name NULL; owned. */
static struct setting *lines_of(const struct setting *table, bool only_flags, const char *names)
{
    struct setting *lines;
    size_t count = 0;

    while (table[count].name != NULL)
        count++;
    lines = xcalloc(count + 1, sizeof *lines);
    count = 0;
    for (; table->name != NULL; table++)
        if (table->only_flag == only_flags && (names == NULL || text_has_word(names, table->name)))
            lines[count++] = *table;
    return lines;
}

static void add_lines(struct buf *out, const struct setting *table, bool only_flags,
                      const char *names)
{
    struct setting *lines = lines_of(table, only_flags, names);

    settings_help(out, lines);
    free(lines);
}

static void add_parts(struct buf *out, const struct subcommand *command, bool only_flags)
{
    for (size_t i = 0; i < SUBCOMMAND_PARTS && command->parts[i].table != NULL; i++)
        add_lines(out, command->parts[i].table, only_flags, NULL);
}

void help_command(struct buf *out, const struct subcommand *command)
{
    SCOPED_BUF options = {0};
    SCOPED_BUF settings = {0};

    add_parts(&options, command, true);
    add_parts(&settings, command, false);
    add_lines(&settings, common_settings, false, command->common);
    buf_printf(out, "usage: cronobs %s%s%s%s\n\n%s\n", command->name,
               options.len > 0 ? " [OPTION...]" : "", *command->operands == '\0' ? "" : " ",
               command->operands, command->summary);
    if (command->more != NULL)
        buf_printf(out, "\n%s\n", command->more);
    if (options.len > 0)
        buf_printf(out, "\nOptions:\n%s", buf_text(&options));
    if (settings.len > 0)
        buf_printf(
            out,
            "\nSettings, also in the environment (--topic-prefix is CRONOBS_TOPIC_PREFIX) or "
            "in a file (--config FILE):\n%s",
            buf_text(&settings));
}

/* --- completion --- */

static void add_flags(struct buf *out, const struct subcommand *command)
{
    for (size_t i = 0; i < SUBCOMMAND_PARTS && command->parts[i].table != NULL; i++)
        for (const struct setting *s = command->parts[i].table; s->name != NULL; s++) {
            setting_flag(out, s);
            buf_add_char(out, ' ');
        }
    for (const struct setting *s = common_settings; s->name != NULL; s++) {
        if (!text_has_word(command->common, s->name) && strcmp(s->name, "config") != 0)
            continue;
        setting_flag(out, s);
        buf_add_char(out, ' ');
    }
    buf_add_text(out, "--help");
}

/* Every first word once, in the table's order. */
static void add_first_words(struct buf *out)
{
    const char *last = "";

    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        size_t len = first_word(c->name);

        if (strlen(last) >= len && strncmp(last, c->name, len) == 0 && first_word(last) == len)
            continue;
        last = c->name;
        buf_printf(out, "%s%.*s", out->len > 0 ? " " : "", (int)len, c->name);
    }
}

static void add_second_words(struct buf *out, const char *group, size_t len)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        if (strncmp(c->name, group, len) == 0 && c->name[len] == ' ')
            buf_printf(out, "%s%s", out->len > 0 ? " " : "", c->name + len + 1);
}

/* What may follow each word or pair of words, one call of `add` for each; "" is the beginning. */
typedef void (*add_words_fn)(struct buf *out, const char *typed, const char *words);

static void add_group(struct buf *out, const struct subcommand *c, add_words_fn add)
{
    size_t len = first_word(c->name);
    SCOPED_BUF group = {0};
    SCOPED_BUF words = {0};

    add_second_words(&words, c->name, len);
    if (words.len == 0)
        return;
    buf_add(&group, c->name, len);
    add(out, buf_text(&group), buf_text(&words));
}

static void add_all_words(struct buf *out, add_words_fn add)
{
    SCOPED_BUF first = {0};
    size_t last = 0;

    add_first_words(&first);
    buf_add_text(&first, " --version --help");
    add(out, "", buf_text(&first));
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        size_t len = first_word(c->name);
        SCOPED_BUF flags = {0};

        add_flags(&flags, c);
        add(out, c->name, buf_text(&flags));
        if (c == subcommands || last != len || strncmp(c[-1].name, c->name, len) != 0)
            add_group(out, c, add);
        last = len;
    }
}

static void add_shell_case(struct buf *out, const char *typed, const char *words)
{
    buf_printf(out, "    \"%s\") echo \"%s\" ;;\n", typed, words);
}

static void add_fish_case(struct buf *out, const char *typed, const char *words)
{
    buf_printf(out, "        case \"%s\"\n            string split \" \" -- \"%s\"\n", typed,
               words);
}

static void add_shell_words(struct buf *out)
{
    buf_add_text(out,
                 "_cronobs_words() {\n"
                 "    case \"$1\" in\n");
    add_all_words(out, add_shell_case);
    buf_add_text(out,
                 "    *) return 1 ;;\n"
                 "    esac\n"
                 "}\n");
}

static void complete_bash(struct buf *out)
{
    add_shell_words(out);
    buf_add_text(out,
                 "_cronobs() {\n"
                 "    local next current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                 "    case $COMP_CWORD in\n"
                 "    1) next=$(_cronobs_words \"\") ;;\n"
                 "    2) next=$(_cronobs_words \"${COMP_WORDS[1]}\") ;;\n"
                 "    *) next=$(_cronobs_words \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" ||\n"
                 "        _cronobs_words \"${COMP_WORDS[1]}\") ;;\n"
                 "    esac\n"
                 "    COMPREPLY=($(compgen -W \"$next\" -- \"$current\"))\n"
                 "}\n"
                 "complete -o default -F _cronobs cronobs\n");
}

static void complete_zsh(struct buf *out)
{
    add_shell_words(out);
    buf_add_text(out,
                 "_cronobs() {\n"
                 "    local next\n"
                 "    case $CURRENT in\n"
                 "    2) next=$(_cronobs_words \"\") ;;\n"
                 "    3) next=$(_cronobs_words \"${words[2]}\") ;;\n"
                 "    *) next=$(_cronobs_words \"${words[2]} ${words[3]}\" ||\n"
                 "        _cronobs_words \"${words[2]}\") ;;\n"
                 "    esac\n"
                 "    compadd -- ${=next}\n"
                 "    _files\n"
                 "}\n"
                 "compdef _cronobs cronobs\n");
}

static void complete_fish(struct buf *out)
{
    buf_add_text(out,
                 "function __cronobs_words\n"
                 "    set -l typed (commandline -opc)[2..3]\n"
                 "    switch \"$typed\"\n");
    add_all_words(out, add_fish_case);
    buf_add_text(out,
                 "        case \"*\"\n"
                 "            return 1\n"
                 "    end\n"
                 "end\n"
                 "complete -c cronobs -a \"(__cronobs_words)\"\n");
}

enum rc help_completion(struct buf *out, const char *shell, struct error *err)
{
    static const struct shell {
        const char *name;
        void (*complete)(struct buf *out);
    } shells[] = {{"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};
    const char *near;

    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        if (strcmp(shell, shells[i].name) != 0)
            continue;
        buf_printf(out, "# completion of cronobs for %s\n", shell);
        shells[i].complete(out);
        return RC_OK;
    }
    (void)error_set(err, RC_INVALID, "'%s' is none of bash, zsh, fish", shell);
    near = nearest_of(shell, (const char *const[]){"bash", "zsh", "fish", NULL});
    return near == NULL ? RC_INVALID : error_hint(err, "did you mean %s?", near);
}

/* --- the commands --- */

enum rc run_completion(struct call *call, struct error *err)
{
    SCOPED_BUF text = {0};

    TRY(help_completion(&text, call->operands.items[0], err));
    (void)fputs(buf_text(&text), call->out);
    return RC_OK;
}

enum rc run_help(struct call *call, struct error *err)
{
    const char *none[] = {NULL}, *const *words = none;
    const struct subcommand *command;
    SCOPED_BUF text = {0};
    size_t count = 0;

    if (call->operands.count > 0)
        words = call->operands.items;
    command = subcommand_find(words, &count);
    if (command != NULL && words[count] == NULL)
        help_command(&text, command);
    else if (command != NULL)
        return error_set(err, RC_INVALID, "unexpected '%s' behind '%s'", words[count],
                         command->name);
    else if (words[0] != NULL && (words[1] != NULL || !lookup_is_group(words[0])))
        return lookup_fail(words, err);
    else
        (void)help_overview(&text, words[0]);
    (void)fputs(buf_text(&text), call->out);
    return RC_OK;
}
