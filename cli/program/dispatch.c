/*
 * From arguments to a command and back to an exit code: the same way for all of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/program/help.h"
#include "cli/shared/files.h"
#include "cli/shared/subcommand.h"

enum { CONFIG_BYTES_MAX = 1 << 20, EXIT_USAGE = 64 };

static volatile sig_atomic_t stop;

static void on_stop(int number)
{
    (void)number;
    stop = 1;
}

/* --- finding it --- */

static bool is_words(const char *name, const char *const *words, size_t *ret_count)
{
    size_t count = 0;

    while (*name != '\0') {
        size_t len = strcspn(name, " ");

        if (words[count] == NULL || strlen(words[count]) != len ||
            strncmp(words[count], name, len) != 0)
            return false;
        count++;
        name += len + (name[len] == ' ' ? 1 : 0);
    }
    *ret_count = count;
    return true;
}

const struct subcommand *subcommand_find(const char *const *words, size_t *ret_words)
{
    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        if (is_words(c->name, words, ret_words))
            return c;
    return NULL;
}

const struct setting *const *subcommand_tables(struct arena *memory)
{
    const struct setting **tables;
    size_t count = 0;

    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        count += SUBCOMMAND_PARTS;
    tables = arena_alloc(memory, (count + 2) * sizeof(const struct setting *));
    count = 0;
    tables[count++] = common_settings;
    for (const struct subcommand *c = subcommands; c->name != NULL; c++)
        for (size_t i = 0; i < SUBCOMMAND_PARTS && c->parts[i].table != NULL; i++)
            tables[count++] = c->parts[i].table;
    return tables;
}

/* --- reading what it was told --- */

static const char *default_state_dir(struct call *call)
{
    const char *base;

    if (geteuid() == 0)
        return "/var/lib/cronobs";
    base = getenv("XDG_STATE_HOME");
    if (base != NULL && *base == '/')
        return arena_printf(call->memory, "%s/cronobs", base);
    base = getenv("HOME");
    return base == NULL ? "/tmp/cronobs"
                        : arena_printf(call->memory, "%s/.local/state/cronobs", base);
}

/* Of the common settings only those that the command heeds; a file, only where there is something to be told. */
static const char *flags_of(const struct subcommand *command, struct arena *memory)
{
    bool has_settings = *command->common != '\0';

    for (size_t i = 0; i < SUBCOMMAND_PARTS && command->parts[i].table != NULL; i++)
        for (const struct setting *s = command->parts[i].table; s->name != NULL; s++)
            has_settings = has_settings || !s->only_flag;
    return arena_printf(memory, "%s%s", command->common, has_settings ? " config" : "");
}

static enum rc load(struct call *call, const char *const *arguments, struct error *err)
{
    const struct subcommand *command = call->command;
    struct setting_set sets[SUBCOMMAND_PARTS + 2] = {
        {common_settings, &call->common, flags_of(command, call->memory)}};
    struct setting_words words;
    struct setting_input in = {.arguments = arguments,
                               .environment = call->environment,
                               .known = subcommand_tables(call->memory)};
    struct buf text = {0};

    for (size_t i = 0; i < SUBCOMMAND_PARTS && command->parts[i].table != NULL; i++) {
        call->values[i] = arena_alloc(call->memory, command->parts[i].size);
        sets[i + 1] = (struct setting_set){command->parts[i].table, call->values[i], NULL};
    }
    in.file_name = settings_peek("config", &in);
    if (in.file_name != NULL) {
        TRY(file_read(in.file_name, CONFIG_BYTES_MAX, &text, err));
        in.file_text = arena_strdup(call->memory, buf_text(&text));
        in.file_is_public = file_is_public(in.file_name);
        buf_clear(&text);
    }
    TRY(settings_load(sets, &in, call->memory, &words, err));
    call->operands = words.operands;
    call->options = words.options;
    if (call->common.state_dir == NULL)
        call->common.state_dir = default_state_dir(call);
    return RC_OK;
}

static enum rc check_operands(const struct call *call, struct error *err)
{
    const struct subcommand *command = call->command;

    if (call->operands.count > command->operands_max)
        return error_set(err, RC_INVALID, "unexpected '%s'",
                         settings_shown(call->operands.items[command->operands_max]));
    if (call->operands.count < command->operands_min)
        return error_set(err, RC_INVALID, "usage: cronobs %s %s", command->name, command->operands);
    return RC_OK;
}

/* --- running it --- */

static void use_signals(enum signal_use use)
{
    const struct sigaction on_end = {.sa_handler = on_stop};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (use == SIGNALS_END)
        return;
    (void)sigaction(SIGPIPE, &ignore, NULL);
    if (use == SIGNALS_OWN)
        return;
    (void)sigaction(SIGTERM, &on_end, NULL); /* without SA_RESTART: calls that wait return */
    (void)sigaction(SIGINT, &on_end, NULL);
}

static void complain(const struct subcommand *command, const struct error *err)
{
    if (command != NULL && command->signals != SIGNALS_END) {
        log_error("cannot go on", "rc=%s why=\"%s\"%s%s%s", rc_name(err->rc), err->text,
                  *err->hint == '\0' ? "" : " hint=\"", err->hint, *err->hint == '\0' ? "" : "\"");
        return;
    }
    (void)fprintf(stderr, "cronobs%s%s: %s\n", command == NULL ? "" : " ",
                  command == NULL ? "" : command->name, err->text);
    if (*err->hint != '\0')
        (void)fprintf(stderr, "  %s\n", err->hint);
}

static enum rc finish_output(struct call *call, enum rc rc, struct error *err)
{
    if (fflush(call->out) == 0 && ferror(call->out) == 0)
        return rc;
    return rc == RC_OK
               ? error_set(err, RC_CONFLICT, "could not write the output: %s", strerror(errno))
               : rc;
}

static enum rc run(struct call *call, const char *const *arguments, struct error *err)
{
    static char program[64];

    TRY(load(call, arguments, err));
    TRY(check_operands(call, err));
    (void)snprintf(program, sizeof program, "cronobs %s", call->command->name);
    log_setup(program, (enum log_level)call->common.log_level);
    use_signals(call->command->signals);
    return finish_output(call, call->command->run(call, err), err);
}

static bool asks_for_help(const char *const *arguments)
{
    for (; *arguments != NULL && strcmp(*arguments, "--") != 0; arguments++)
        if (strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0)
            return true;
    return false;
}

static int unknown(const char *const *arguments)
{
    (void)fprintf(stderr, "cronobs: there is no command '%s'\n  cronobs help lists them\n",
                  settings_shown(*arguments));
    return EXIT_USAGE;
}

static int print(const struct buf *text)
{
    return fputs(buf_text(text), stdout) >= 0 && fflush(stdout) == 0 ? 0 : 1;
}

/* What stands before any command: nothing, --help, --version, the name of a group alone. */
static int without_command(const char *const *arguments)
{
    SCOPED_BUF text = {0};

    if (*arguments == NULL || strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0)
        help_overview(&text, NULL);
    else if (strcmp(*arguments, "--version") == 0)
        buf_printf(&text, "cronobs %s\n", COBS_VERSION);
    else if (!help_overview(&text, *arguments))
        return unknown(arguments);
    return print(&text);
}

int cli_main(const char *const *arguments, const char *const *environment)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct call call = {.environment = environment, .memory = memory, .stop = &stop, .out = stdout};
    struct error err = {0};
    size_t words = 0;
    enum rc rc;

    call.command = subcommand_find(arguments, &words);
    if (call.command == NULL)
        return without_command(arguments);
    if (asks_for_help(arguments + words)) {
        SCOPED_BUF text = {0};

        help_command(&text, call.command);
        return print(&text);
    }
    rc = run(&call, arguments + words, &err);
    if (rc != RC_OK && *err.text != '\0')
        complain(call.command, &err);
    return rc_exit_code(rc);
}
