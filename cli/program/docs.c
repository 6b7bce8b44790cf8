/*
 * The pages of docs/ that are the program's tables in Markdown. tests/unit/cli/program holds the files to it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "cli/pictures/pictures.h"
#include "cli/program/examples.h"
#include "cli/program/help.h"
#include "cli/shared/files.h"

enum { PAGE_BYTES_MAX = 1 << 20 };

/* --- docs/configuration.md --- */

struct known { /* one setting, and the first words of the commands that heed it */
    const struct setting *setting;
    struct buf users;
};

struct known_list {
    struct known *items;
    size_t count, capacity;
};

static struct known *known_of(struct known_list *list, const struct setting *setting)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].setting->name, setting->name) == 0)
            return &list->items[i];
    list->items = array_grow(list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count] = (struct known){.setting = setting};
    return &list->items[list->count++];
}

static void add_user(struct known *k, const struct subcommand *command)
{
    size_t len = strcspn(command->name, " ");
    SCOPED_BUF quoted = {0};

    buf_printf(&quoted, "`%.*s`", (int)len, command->name);
    if (strstr(buf_text(&k->users), buf_text(&quoted)) != NULL)
        return;
    buf_printf(&k->users, "%s%s", k->users.len > 0 ? ", " : "", buf_text(&quoted));
}

static void take_table(struct known_list *list, const struct setting *table,
                       const struct subcommand *command)
{
    for (; table->name != NULL; table++)
        if (!table->only_flag)
            add_user(known_of(list, table), command);
}

static void take_common(struct known_list *list, const struct subcommand *command)
{
    for (const struct setting *s = common_settings; s->name != NULL; s++)
        if (help_heeds(command, s->name))
            add_user(known_of(list, s), command);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->setting->name,
                  ((const struct known *)b)->setting->name);
}

static void add_setting(struct buf *out, const struct known *k)
{
    SCOPED_BUF limits = {0};
    const struct setting *s = k->setting;

    setting_limits(&limits, s);
    buf_printf(out, "| `%s` | ", s->name);
    buf_printf(out, s->fallback == NULL ? "–" : "`%s`", s->fallback);
    buf_printf(out, " | %s | %s | %s |\n", limits.len > 0 ? buf_text(&limits) : "–", s->help,
               buf_text(&k->users));
}

void help_configuration_page(struct buf *out)
{
    struct known_list list = {0};

    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        take_common(&list, c);
        for (size_t i = 0; i < SUBCOMMAND_PARTS && c->parts[i].table != NULL; i++)
            take_table(&list, c->parts[i].table, c);
    }
    qsort(list.items, list.count, sizeof *list.items, by_name);
    buf_add_text(out,
                 "# Settings\n\n"
                 "<!-- Made by `cronobs docs configuration`; a test holds this file to it. -->\n\n"
                 "A setting `kafka.session_timeout` is the option `--kafka-session-timeout`, the "
                 "environment variable\n`CRONOBS_KAFKA_SESSION_TIMEOUT`, and the line "
                 "`kafka.session_timeout = 10s` of the file that `--config` (or\n"
                 "`CRONOBS_CONFIG`) names. An option beats the environment, that the file, that "
                 "what is built in. One file may\nserve all commands: each takes what concerns "
                 "it. Lines that begin with `#` are comments.\n\n"
                 "A line that is no setting is refused. A variable `CRONOBS_...` that is none is "
                 "told as a warning, on standard error\nor in the log, with the nearest name, and "
                 "does nothing. Those that a run is given (docs/workers.md) are not, within\none; "
                 "nor those that Kubernetes makes of a service's name, as "
                 "`CRONOBS_API_SERVICE_HOST`, nor `CRONOBS_TEST_...`.\n\n"
                 "Durations are written `250ms`, `90s`, `15m`, `1h30m`, `2d`.\n\n"
                 "| setting | built in | allowed | what it is | used by |\n"
                 "|---|---|---|---|---|\n");
    for (size_t i = 0; i < list.count; i++) {
        add_setting(out, &list.items[i]);
        buf_clear(&list.items[i].users);
    }
    free(list.items);
}

/* --- docs/cli.md --- */

static void add_link(struct buf *out, const char *name)
{
    buf_printf(out, "[`%s`](#cronobs-", name);
    for (; *name != '\0'; name++)
        buf_add_char(out, (char)(*name == ' ' ? '-' : *name));
    buf_add_char(out, ')');
}

void help_cli_page(struct buf *out)
{
    buf_add_text(out,
                 "# The command line\n\n"
                 "<!-- Made by `cronobs docs cli`; a test holds this file to it. -->\n\n"
                 "| command | what it does |\n|---|---|\n");
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        buf_add_text(out, "| ");
        add_link(out, c->name);
        buf_printf(out, " | %s |\n", c->summary);
    }
    buf_add_text(out,
                 "\nExit codes: 0 done; 1 not found or in conflict; 64 wrong usage or input; 69 "
                 "the server cannot be reached;\n75 start me again.\n");
    for (const struct subcommand *c = subcommands; c->name != NULL; c++) {
        buf_printf(out, "\n## cronobs %s\n\n```\n", c->name);
        help_command(out, c);
        buf_add_text(out, "```\n");
    }
}

/* --- docs/scheduling.md --- */

static enum rc make_examples(struct buf *out, struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED_BUF page = {0};

    TRY(file_read("-", PAGE_BYTES_MAX, &page, err));
    return examples_make(buf_bytes(&page), zones, out, err);
}

/* --- docs/policies.md --- */

static enum rc make_pictures(struct buf *out, struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED_BUF page = {0};

    TRY(file_read("-", PAGE_BYTES_MAX, &page, err));
    return pictures_make(buf_bytes(&page), zones, out, err);
}

static enum rc fail_page(const char *page, struct error *err)
{
    static const char *const pages[] = {"cli", "configuration", "policies", "scheduling", NULL};
    const char *near = nearest_of(page, pages);

    (void)error_set(err, RC_INVALID,
                    "there is no page '%s'; cli, configuration, policies and scheduling are", page);
    return near == NULL ? RC_INVALID : error_hint(err, "did you mean %s?", near);
}

enum rc run_docs(struct call *call, struct error *err)
{
    const char *page = call->operands.items[0];
    SCOPED_BUF text = {0};

    if (strcmp(page, "cli") == 0)
        help_cli_page(&text);
    else if (strcmp(page, "configuration") == 0)
        help_configuration_page(&text);
    else if (strcmp(page, "scheduling") == 0)
        TRY(make_examples(&text, err));
    else if (strcmp(page, "policies") == 0)
        TRY(make_pictures(&text, err));
    else
        return fail_page(page, err);
    (void)fputs(buf_text(&text), call->out);
    return RC_OK;
}
