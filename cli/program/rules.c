#include "cli/program/rules.h"

#include <ctype.h>
#include <string.h>

struct rule { /* lists have blanks between, that of commands commas */
    const char *commands;
    const char *options; /* what it is about: names as in the tables of settings */
    const char *without; /* each of them needs one of these */
    const char *beside;  /* each of them does not go with any of these */
    const char *unless;  /* it does not hold where one of these is given */
    const char *hint;    /* the way out; NULL: none */
};

/* A name in capitals is the operand that need not be given; "no-x" is a switch that is off. */
static const struct rule rules[] = {
    {.commands = "task list,task show,task gaps,execution show,command show,dead-letter show,queue "
                 "workers",
     .options = "zone",
     .beside = "json",
     .hint = "the API's JSON has its instants in UTC"},
    {.commands = "execution list",
     .options = "zone",
     .beside = "json",
     .unless = "day from to",
     .hint = "the API's JSON has its instants in UTC"},
    {.commands = "upcoming,dead-letter list",
     .options = "zone",
     .beside = "json",
     .unless = "from to",
     .hint = "the API's JSON has its instants in UTC"},
    {.commands = "execution list", .options = "project", .without = "task"},
    {.commands = "execution list", .options = "day", .beside = "from to"},
    {.commands = "task backfill",
     .options = "reason timeout wait",
     .beside = "dry.run",
     .hint = "nothing is sent"},
    {.commands = "why", .options = "from to", .beside = "AT"},
    {.commands = "execution logs", .options = "times", .beside = "json"},
    {.commands = "execution logs", .options = "zone", .without = "times"},
    {.commands = "task put",
     .options = "active.from active.until command content.type daily daily.zone dialect dst.gap "
                "dst.overlap exclude finish.by heartbeat jitter label max.concurrency misfire "
                "misfire.after misfire.limit misfire.window only overlap pause.after.failures "
                "payload payload.file queue retry.attempts retry.delay retry.jitter "
                "retry.max.delay retry.multiplier retry.on run.timeout schedule shell "
                "start.deadline then title zone",
     .beside = "FILE",
     .hint = "a FILE says all that is said of the task"},
    {.commands = "task put", .options = "command", .beside = "payload payload.file"},
    {.commands = "task put", .options = "payload", .beside = "payload.file"},
    {.commands = "task put", .options = "content.type", .beside = "command"},
    {.commands = "task put", .options = "shell", .without = "command"},
    {.commands = "task put", .options = "daily.zone", .without = "daily"},
    {.commands = "task put", .options = "zone", .without = "schedule daily", .unless = "patch"},
    {.commands = "task put",
     .options = "retry.delay retry.jitter retry.max.delay retry.multiplier retry.on",
     .without = "retry.attempts",
     .unless = "patch"},
    {.commands = "task put",
     .options = "dialect dst.gap dst.overlap jitter misfire misfire.after misfire.limit "
                "misfire.window",
     .without = "schedule",
     .unless = "patch"},
    {.commands = "next",
     .options = "EXPR count dialect dst_gap dst_overlap from json task zone",
     .beside = "batch",
     .hint = "--batch takes all from standard input"},
    {.commands = "work", .options = "shell", .beside = "COMMAND"},
    {.commands = "run", .options = "queue schedule url", .without = "ensure"},
    {.commands = "run", .options = "zone", .without = "schedule"},
    {.commands = "run", .options = "kill.after", .without = "timeout"},
    {.commands = "db rebuild",
     .options = "schema",
     .without = "until",
     .hint = "the live tables are in the schema cronobs"},
    {.commands = "db rebuild",
     .options = "accept.loss",
     .beside = "until",
     .hint = "the live tables have no part in it"},
    {.commands = "consumer",
     .options = "api.connections api.hosts api.listen api.memory kafka.transaction_timeout "
                "queues.auto_create queues.max queues.per_minute topic.replication",
     .beside = "no-api"},
    {.commands = "consumer,api",
     .options = "queues.max queues.per_minute topic.replication",
     .beside = "no-queues.auto_create",
     .hint = "they are about topics that the API makes"},
    {.commands = NULL},
};

/* --- names --- */

static bool is_operand(const char *name)
{
    return isupper((unsigned char)*name) != 0;
}

static bool has_option(const struct setting_words *given, const char *prefix, const char *name)
{
    size_t len = strlen(prefix);

    for (size_t i = 0; i < given->options.count; i++)
        if (text_starts(given->options.items[i], prefix) &&
            strcmp(given->options.items[i] + len, name) == 0)
            return true;
    return false;
}

/* A switch that is off is not. */
static bool is_given(const struct subcommand *command, const struct setting_words *given,
                     const char *name)
{
    if (is_operand(name))
        return given->operands.count > command->operands_min;
    return has_option(given, "", name) && !has_option(given, "no-", name);
}

static void add_typed(struct buf *out, const char *name)
{
    if (is_operand(name))
        buf_add_text(out, name);
    else
        setting_flag(out, &(struct setting){.name = name});
}

/* The next word of a list, copied; NULL at its end. */
static const char *take_name(const char **at, struct arena *memory)
{
    const char *start = *at + strspn(*at, " ");
    size_t len = strcspn(start, " ");

    *at = start + len;
    return len == 0 ? NULL : arena_strndup(memory, start, len);
}

/* The first of the list that is given; NULL: none. */
static const char *first_given(const struct subcommand *command, const struct setting_words *given,
                               const char *names, struct arena *memory)
{
    const char *name;

    while ((name = take_name(&names, memory)) != NULL)
        if (is_given(command, given, name))
            return name;
    return NULL;
}

static bool concerns(const struct rule *rule, const char *command)
{
    size_t len = strlen(command);

    for (const char *at = rule->commands; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, command, len) == 0 && (at[len] == ',' || at[len] == '\0'))
            return true;
    }
    return false;
}

/* --- saying it --- */

static enum rc fail_beside(const struct rule *rule, const char *name, const char *other,
                           struct error *err)
{
    SCOPED_BUF text = {0};

    add_typed(&text, name);
    buf_add_text(&text, " does not go with ");
    add_typed(&text, other);
    (void)error_set(err, RC_INVALID, "%s", buf_text(&text));
    return rule->hint == NULL ? RC_INVALID : error_hint(err, "%s", rule->hint);
}

static enum rc fail_without(const struct rule *rule, const char *name, struct arena *memory,
                            struct error *err)
{
    const char *others = rule->without, *other;
    SCOPED_BUF text = {0};

    add_typed(&text, name);
    buf_add_text(&text, " does nothing without ");
    for (size_t i = 0; (other = take_name(&others, memory)) != NULL; i++) {
        buf_add_text(&text, i == 0 ? "" : " or ");
        add_typed(&text, other);
    }
    (void)error_set(err, RC_INVALID, "%s", buf_text(&text));
    return rule->hint == NULL ? RC_INVALID : error_hint(err, "%s", rule->hint);
}

static enum rc check(const struct rule *rule, const struct subcommand *command,
                     const struct setting_words *given, struct arena *memory, struct error *err)
{
    const char *name = first_given(command, given, rule->options, memory), *other;

    if (name == NULL)
        return RC_OK;
    if (rule->unless != NULL && first_given(command, given, rule->unless, memory) != NULL)
        return RC_OK;
    if (rule->without != NULL)
        return first_given(command, given, rule->without, memory) != NULL
                   ? RC_OK
                   : fail_without(rule, name, memory, err);
    other = first_given(command, given, rule->beside, memory);
    return other == NULL ? RC_OK : fail_beside(rule, name, other, err);
}

enum rc rules_check(const struct subcommand *command, const struct setting_words *given,
                    struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);

    for (const struct rule *rule = rules; rule->commands != NULL; rule++)
        if (concerns(rule, command->name))
            TRY(check(rule, command, given, memory, err));
    return RC_OK;
}
