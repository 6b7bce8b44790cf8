/*
 * From arguments to a command and back to an exit code: the same way for all of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/table.h"
#include "cli/program/environment.h"
#include "cli/program/help.h"
#include "cli/program/lookup.h"
#include "cli/program/rules.h"
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

/* Ends with table NULL; has room for all parts and the common settings. */
static void make_sets(struct call *call, struct setting_set *ret)
{
    const struct subcommand *command = call->command;
    size_t count = 0;

    ret[count++] =
        (struct setting_set){common_settings, &call->common, flags_of(command, call->memory)};
    for (size_t i = 0; i < SUBCOMMAND_PARTS && command->parts[i].table != NULL; i++) {
        call->values[i] = arena_alloc(call->memory, command->parts[i].size);
        ret[count++] = (struct setting_set){command->parts[i].table, call->values[i], NULL};
    }
    ret[count] = (struct setting_set){NULL, NULL, NULL};
}

static enum rc read_config(struct call *call, struct setting_input *in, struct error *err)
{
    SCOPED_BUF text = {0};

    TRY(file_read(in->file_name, CONFIG_BYTES_MAX, &text, err));
    if (strlen(buf_text(&text)) != text.len)
        return error_set(err, RC_INVALID, "%s: a NUL stands in it: it is no file of settings",
                         in->file_name);
    in->file_text = arena_strdup(call->memory, buf_text(&text));
    in->file_is_public = file_is_public(in->file_name);
    return RC_OK;
}

static enum rc load(struct call *call, const char *const *arguments, struct error *err)
{
    struct setting_set sets[SUBCOMMAND_PARTS + 2];
    struct setting_words words;
    struct setting_input in = {.arguments = arguments,
                               .environment = call->environment,
                               .known = subcommand_tables(call->memory)};

    make_sets(call, sets);
    if (text_has_word(sets[0].flags, "config"))
        in.file_name = settings_peek("config", &in);
    if (in.file_name != NULL)
        TRY(read_config(call, &in, err));
    TRY(settings_load(sets, &in, call->memory, &words, err));
    call->operands = words.operands;
    call->options = words.options;
    if (call->common.state_dir == NULL)
        call->common.state_dir = default_state_dir(call);
    return RC_OK;
}

/* The n-th word of what help shows, or the last: "TOPIC" of "TOPIC PARTITION OFFSET", "FILE" of "TASK [FILE|-]". */
static const char *operand_name(const struct subcommand *command, size_t n, struct arena *memory)
{
    const char *at = command->operands;

    for (; n > 0 && strchr(at, ' ') != NULL; n--)
        at = strchr(at, ' ') + 1;
    if (*at != '[')
        return arena_strndup(memory, at, strcspn(at, " "));
    return arena_strndup(memory, at + 1, strcspn(at + 1, " .|]"));
}

static enum rc check_operands(const struct call *call, struct error *err)
{
    const struct subcommand *command = call->command;
    size_t count = call->operands.count;

    if (count < command->operands_min)
        (void)error_set(err, RC_INVALID, "%s is missing",
                        operand_name(command, count, call->memory));
    else if (count > command->operands_max)
        (void)error_set(err, RC_INVALID, "unexpected '%s'",
                        settings_shown(call->operands.items[command->operands_max]));
    else
        return RC_OK;
    return error_hint(err, "usage: cronobs %s%s%s", command->name,
                      *command->operands == '\0' ? "" : " ", command->operands);
}

/* An empty word names nothing: mostly a variable that was not set. */
static enum rc check_words(const struct call *call, struct error *err)
{
    const struct subcommand *command = call->command;

    for (size_t i = 0; i < call->operands.count && command->operands_max < OPERANDS_ANY; i++)
        if (*call->operands.items[i] == '\0')
            return error_set(err, RC_INVALID, "%s is empty",
                             operand_name(command, i, call->memory));
    return RC_OK;
}

enum rc subcommand_read(struct call *call, const char *const *arguments, struct error *err)
{
    if (load(call, arguments, err) != RC_OK) {
        if (*err->hint == '\0')
            (void)error_hint(err, "cronobs help %s says what there is", call->command->name);
        return err->rc;
    }
    TRY(check_operands(call, err));
    TRY(check_words(call, err));
    return rules_check(call->command, &(struct setting_words){call->operands, call->options}, err);
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

/* What runs for ever logs it, under `phrase`. What was typed, or comes from elsewhere, does nothing to a terminal. */
static void say(const struct subcommand *command, enum log_level level, const char *phrase,
                const struct error *err)
{
    SCOPED(text) char *text = NULL;
    SCOPED(text) char *hint = NULL;

    if (command != NULL && command->signals != SIGNALS_END) {
        log_line(level, phrase, "rc=%s why=\"%s\"%s%s%s", rc_name(err->rc), err->text,
                 *err->hint == '\0' ? "" : " hint=\"", err->hint, *err->hint == '\0' ? "" : "\"");
        return;
    }
    text = table_shown_lines(err->text);
    hint = table_shown_lines(err->hint);
    (void)fprintf(stderr, "cronobs%s%s: %s%s\n", command == NULL ? "" : " ",
                  command == NULL ? "" : command->name, level == LOG_WARN ? "warning: " : "", text);
    if (*hint != '\0')
        (void)fprintf(stderr, "  %s\n", hint);
}

static void complain(const struct subcommand *command, const struct error *err)
{
    say(command, LOG_ERROR, "cannot go on", err);
}

/* Of variables in vain; not where nothing is set anyway (help, completion). */
static void warn_of_strangers(const struct call *call)
{
    const char *const *at = call->environment;
    struct error err;

    if (*call->command->common == '\0' && call->command->parts[0].table == NULL)
        return;
    while (environment_stranger(call->environment, &at, call->memory, &err))
        say(call->command, LOG_WARN, "unknown environment variable", &err);
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
    enum rc rc = subcommand_read(call, arguments, err);

    (void)snprintf(program, sizeof program, "cronobs %s", call->command->name);
    if (rc == RC_OK)
        log_setup(program, (enum log_level)call->common.log_level);
    warn_of_strangers(call);
    if (rc != RC_OK)
        return rc;
    use_signals(call->command->signals);
    return finish_output(call, call->command->run(call, err), err);
}

/* `-h` may be the value of an option; `--help` is none (lib/base/settings.h). */
static bool asks_for_help(struct call *call, const char *const *arguments)
{
    struct setting_set sets[SUBCOMMAND_PARTS + 2];

    make_sets(call, sets);
    for (; *arguments != NULL && strcmp(*arguments, "--") != 0; arguments++) {
        const struct setting *s = setting_of_flag(sets, *arguments);
        bool has_value = s != NULL && s->type != SETTING_BOOL && strchr(*arguments, '=') == NULL;

        if (strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0)
            return true;
        if (has_value && arguments[1] != NULL && strcmp(arguments[1], "-h") == 0)
            arguments++;
    }
    return false;
}

static int refuse(struct error *err)
{
    complain(NULL, err);
    return rc_exit_code(err->rc);
}

static int print(const struct buf *text)
{
    struct error err;

    if (fputs(buf_text(text), stdout) >= 0 && fflush(stdout) == 0)
        return 0;
    (void)error_set(&err, RC_CONFLICT, "could not write the output: %s", strerror(errno));
    return refuse(&err);
}

static bool is_help(const char *word)
{
    return word != NULL && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0);
}

/* Who says nothing, or only the name of a group, has asked for nothing that could be done. */
static int explain_usage(const char *group)
{
    SCOPED_BUF text = {0};

    (void)help_overview(&text, group);
    (void)fputs(buf_text(&text), stderr);
    return EXIT_USAGE;
}

/* What stands before any command: nothing, --help, --version, the name of a group alone. */
static int without_command(const char *const *words)
{
    bool is_version = words[0] != NULL && strcmp(words[0], "--version") == 0;
    const char *group = words[0] != NULL && lookup_is_group(words[0]) ? words[0] : NULL;
    const char *const *rest = words + (group != NULL ? 1 : 0);
    SCOPED_BUF text = {0};
    struct error err = {0};

    if (rest[0] == NULL)
        return explain_usage(group);
    if (!is_help(rest[0]) && !is_version) {
        (void)lookup_fail(words, &err);
        return refuse(&err);
    }
    if (rest[1] != NULL) {
        (void)error_set(&err, RC_INVALID, "unexpected '%s'", settings_shown(rest[1]));
        (void)error_hint(&err, "cronobs help COMMAND");
        return refuse(&err);
    }
    if (is_version && group == NULL)
        buf_printf(&text, "cronobs %s\n", COBS_VERSION);
    else
        (void)help_overview(&text, group);
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
    if (asks_for_help(&call, arguments + words)) {
        SCOPED_BUF text = {0};

        help_command(&text, call.command);
        return print(&text);
    }
    rc = run(&call, arguments + words, &err);
    if (rc != RC_OK && *err.text != '\0')
        complain(call.command, &err);
    return rc == RC_OK ? call.exit_code : rc_exit_code(rc);
}
