/*
 * Line by line, as crond reads: a comment, or a variable, or an entry. What a line turns into depends only on
 * the lines above it, so one walk with a small state (`struct walk`) is all there is.
 */
#include "cli/crontab.h"

#include <ctype.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/map.h"
#include "base/utf8.h"
#include "cron/schedule.h"
#include "model/spec.h"

#define RUN_TIMEOUT_MS (INT64_C(24) * 3600 * 1000)

enum { FIELDS = 5, HASH_CHARS = 8, PROGRAM_MAX = 60, TITLE_MAX = 200 };

static const char *const macros[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                     "@daily",  "@midnight", "@hourly"};

struct walk {
    struct arena *memory;
    struct zoneset *zones;
    struct crontab *out;
    size_t entry_capacity, refused_capacity, note_capacity;
    int line;
    const char *text; /* the line, trimmed */

    const char *key; /* of the next entry, by a comment */
    const char *zone;
    bool zone_is_unknown;
    const char *shell;
    struct pair *env;
    size_t env_count;
    struct map taken; /* hash of a key -> how many entries have asked for it */
};

/* --- what is said about a line --- */

static struct crontab_note note_of(const struct walk *w, int column, const char *why,
                                   const char *hint)
{
    return (struct crontab_note){.line = w->line,
                                 .column = column,
                                 .text = w->text,
                                 .why = arena_strdup(w->memory, why),
                                 .hint = arena_strdup(w->memory, hint == NULL ? "" : hint)};
}

static void refuse(struct walk *w, int column, const char *why, const char *hint)
{
    struct crontab *c = w->out;

    c->refused = array_grow(c->refused, c->refused_count, &w->refused_capacity, sizeof *c->refused);
    c->refused[c->refused_count++] = note_of(w, column, why, hint);
    w->key = NULL; /* it was meant for this line */
}

static void note(struct walk *w, const char *why)
{
    struct crontab *c = w->out;

    c->notes = array_grow(c->notes, c->note_count, &w->note_capacity, sizeof *c->notes);
    c->notes[c->note_count++] = note_of(w, 0, why, NULL);
}

/* --- pieces of a line --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

static const char *skip_word(const char *at)
{
    while (*at != '\0' && !is_blank(*at))
        at++;
    return at;
}

static const char *trimmed(struct arena *memory, const char *from, const char *to)
{
    while (to > from && (is_blank(to[-1]) || to[-1] == '\r'))
        to--;
    return arena_strndup(memory, from, (size_t)(to - from));
}

/* --- comments --- */

static void take_comment(struct walk *w, const char *at)
{
    static const char word[] = "key:";

    at = skip_blanks(at + 1);
    if (!text_starts(at, word))
        return;
    at = skip_blanks(at + strlen(word));
    w->key = trimmed(w->memory, at, at + strlen(at));
}

/* --- variables --- */

/* A name or value at *at: quoted, or up to a blank or '=' (a name), or to the end without its blanks (a value). */
static const char *take_part(struct walk *w, const char **at, bool is_name)
{
    const char *from = *at, *to;

    if (*from == '"' || *from == '\'') {
        to = strchr(from + 1, *from);
        if (to == NULL)
            return NULL;
        *at = to + 1;
        return arena_strndup(w->memory, from + 1, (size_t)(to - from - 1));
    }
    to = from + (is_name ? strcspn(from, " \t=") : strlen(from));
    *at = to;
    return trimmed(w->memory, from, to);
}

/* name = value, either of them maybe quoted. */
static bool parse_variable(struct walk *w, struct pair *ret)
{
    const char *at = w->text;

    ret->name = take_part(w, &at, true);
    if (ret->name == NULL || *(at = skip_blanks(at)) != '=')
        return false;
    at = skip_blanks(at + 1);
    ret->value = take_part(w, &at, false);
    return ret->value != NULL && *skip_blanks(at) == '\0';
}

static bool is_variable_name(const char *name)
{
    if (!isalpha((unsigned char)*name) && *name != '_')
        return false;
    for (; *name != '\0'; name++)
        if (!isalnum((unsigned char)*name) && *name != '_')
            return false;
    return true;
}

/* In order of names; an entry that was made earlier keeps the list it has seen. */
static void set_variable(struct walk *w, struct pair variable)
{
    struct pair *env = arena_alloc(w->memory, (w->env_count + 1) * sizeof *env);
    size_t at = 0, count = 0;

    while (at < w->env_count && strcmp(w->env[at].name, variable.name) < 0)
        env[count++] = w->env[at++];
    env[count++] = variable;
    if (at < w->env_count && strcmp(w->env[at].name, variable.name) == 0)
        at++;
    while (at < w->env_count)
        env[count++] = w->env[at++];
    w->env = env;
    w->env_count = count;
}

static void set_zone(struct walk *w, const char *name)
{
    struct error err = {0};
    struct zone *zone;

    w->zone = *name == '\0' ? NULL : name;
    w->zone_is_unknown = w->zone != NULL && zoneset_get(w->zones, name, &zone, &err) != RC_OK;
    if (w->zone_is_unknown)
        refuse(w, 0, err.text, err.hint);
}

static void take_variable(struct walk *w, struct pair variable)
{
    static const struct pair meanings[] = {
        {"MAILTO", "no mail is sent: what a job prints is in its history"},
        {"RANDOM_DELAY", "jobs are not delayed by RANDOM_DELAY"},
        {"START_HOURS_RANGE", "START_HOURS_RANGE restricts nothing"},
        {"TZ", "TZ changes what the commands see, not when they run: that is CRON_TZ"},
    };

    if (!is_variable_name(variable.name)) {
        refuse(w, 1, "the name of a variable has letters, digits and '_' only", NULL);
        return;
    }
    set_variable(w, variable);
    if (strcmp(variable.name, "CRON_TZ") == 0)
        set_zone(w, variable.value);
    if (strcmp(variable.name, "SHELL") == 0)
        w->shell = *variable.value == '\0' ? "/bin/sh" : variable.value;
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
        if (strcmp(variable.name, meanings[i].name) == 0 && *variable.value != '\0')
            note(w, meanings[i].value);
}

/* --- schedules --- */

static bool is_macro(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(macros); i++)
        if (strcmp(word, macros[i]) == 0)
            return true;
    return false;
}

static bool check_macro(struct walk *w, const char *word, int column)
{
    if (is_macro(word))
        return true;
    if (strcmp(word, "@reboot") == 0)
        refuse(w, column, "@reboot is no time: nothing here knows when a machine starts",
               "use a systemd unit on that machine");
    else
        refuse(w, column, arena_printf(w->memory, "'%s' is none of crond's macros", word),
               "@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually");
    return false;
}

static bool check_expression(struct walk *w, const char *expression, int column)
{
    const struct schedule_options options = {.zone = "UTC", .dialect = DIALECT_VIXIE};
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct error err = {0};

    if (schedule_parse(expression, &options, w->zones, NULL, &schedule, &err) == RC_OK)
        return true;
    refuse(w, err.column > 0 ? column + err.column - 1 : column, err.text, err.hint);
    return false;
}

/* The end of the five fields, or of the macro; NULL when there are fewer. */
static const char *schedule_end(const char *at)
{
    int fields = *at == '@' ? 1 : FIELDS;

    for (; fields > 0; fields--) {
        if (*at == '\0')
            return NULL;
        at = skip_word(at);
        if (fields > 1)
            at = skip_blanks(at);
    }
    return at;
}

static const char *single_blanks(struct arena *memory, const char *from, const char *to)
{
    SCOPED_BUF out = {0};

    for (const char *at = from; at < to; at++)
        if (!is_blank(*at))
            buf_add_char(&out, *at);
        else if (!is_blank(at[-1]))
            buf_add_char(&out, ' ');
    return arena_strdup(memory, buf_text(&out));
}

/* --- commands --- */

/* Up to the first `%` that no backslash stands before; "\%" is a '%'. Returns where the input begins, or NULL. */
static const char *take_command(const char *at, struct buf *command)
{
    for (; *at != '\0'; at++) {
        if (*at == '%')
            return at + 1;
        if (*at == '\\' && at[1] == '%')
            at++;
        buf_add_char(command, *at);
    }
    return NULL;
}

/* Further `%` are line ends; the last line is ended too. */
static void take_input(const char *at, struct buf *input)
{
    for (; *at != '\0'; at++) {
        if (*at == '%') {
            buf_add_char(input, '\n');
            continue;
        }
        if (*at == '\\' && at[1] == '%')
            at++;
        buf_add_char(input, *at);
    }
    if (input->len > 0 && input->data[input->len - 1] != '\n')
        buf_add_char(input, '\n');
}

/* "root  /usr/bin/x": what stands in /etc/crontab has a user in the sixth column. */
static bool has_user_column(const char *command)
{
    static const char user[] = "root";
    size_t len = strlen(user);

    return text_starts(command, user) && is_blank(command[len]) &&
           *skip_blanks(command + len) != '\0';
}

/* --- keys --- */

/* The word that names the program: no assignment in front of it, no folder, letters a key may have. */
static void add_program(struct buf *out, const char *command)
{
    const char *end = skip_word(command), *slash;

    while (*end != '\0' && memchr(command, '=', (size_t)(end - command)) != NULL) {
        command = skip_blanks(end);
        end = skip_word(command);
    }
    slash = memrchr(command, '/', (size_t)(end - command));
    for (const char *at = slash == NULL ? command : slash + 1; at < end && out->len < PROGRAM_MAX;
         at++) {
        if (isalnum((unsigned char)*at))
            buf_add_char(out, (char)tolower((unsigned char)*at));
        else if (strchr("._-", *at) != NULL && out->len > 0)
            buf_add_char(out, *at);
    }
    if (out->len == 0)
        buf_add_text(out, "job");
}

static const char *hash_of(struct arena *memory, const char *text)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];

    sha256_add(sum, text, strlen(text));
    sha256_finish(sum, digest);
    return arena_strndup(memory, sha256_to_text(digest, hex), HASH_CHARS);
}

/* How often this key was asked for, now included. */
static size_t count_key(struct walk *w, const char *key)
{
    struct uuid place = uuid_named(UUID_NIL, key);
    size_t count = (size_t)(uintptr_t)map_find(&w->taken, place) + 1;

    map_put(&w->taken, place, (void *)(uintptr_t)count);
    return count;
}

static const char *key_of_command(struct walk *w, const char *command)
{
    SCOPED_BUF out = {0};
    const char *key;
    size_t n;

    add_program(&out, command);
    buf_printf(&out, "-%s", hash_of(w->memory, command));
    key = arena_strdup(w->memory, buf_text(&out));
    for (n = count_key(w, key); n > 1; n++) {
        key = arena_printf(w->memory, "%s-%zu", buf_text(&out), n);
        if (count_key(w, key) == 1)
            break; /* else a comment has given this name away */
    }
    return key;
}

static const char *take_key(struct walk *w, const char *command)
{
    const char *key = w->key;

    w->key = NULL;
    if (key == NULL)
        return key_of_command(w, command);
    if (!spec_name_is_valid(key, SPEC_KEY_MAX)) {
        refuse(w, 0,
               arena_printf(w->memory, "the comment above names it '%s', which is no key", key),
               "a-z, 0-9, '.', '_', '-'; at most 200");
        return NULL;
    }
    if (count_key(w, key) == 1)
        return key;
    refuse(w, 0, arena_printf(w->memory, "the key '%s' is taken by a line above", key), NULL);
    return NULL;
}

/* --- entries --- */

static void add_entry(struct walk *w, const char *schedule, const char *command)
{
    const char *key = take_key(w, command);
    struct crontab *c = w->out;
    SCOPED_BUF text = {0};
    SCOPED_BUF input = {0};
    const char *rest = take_command(command, &text);

    if (key == NULL)
        return;
    if (rest != NULL)
        take_input(rest, &input);
    c->entries = array_grow(c->entries, c->entry_count, &w->entry_capacity, sizeof *c->entries);
    c->entries[c->entry_count++] = (struct crontab_entry){
        .line = w->line,
        .key = key,
        .schedule = schedule,
        .zone = w->zone,
        .command = arena_strdup(w->memory, buf_text(&text)),
        .input = input.len == 0 ? NULL : arena_strdup(w->memory, buf_text(&input)),
        .shell = w->shell,
        .env = {.items = w->env, .count = w->env_count}};
}

static void take_entry(struct walk *w)
{
    const char *at = *w->text == '-' ? w->text + 1 : w->text; /* "-": do not log it */
    const char *end = schedule_end(at), *command;
    int column = (int)(at - w->text) + 1;

    if (end == NULL) {
        refuse(w, 0, "neither a variable nor an entry: five fields and a command are wanted", NULL);
        return;
    }
    if (*at == '@' ? !check_macro(w, arena_strndup(w->memory, at, (size_t)(end - at)), column)
                   : !check_expression(w, arena_strndup(w->memory, at, (size_t)(end - at)), column))
        return;
    command = skip_blanks(end);
    if (*command == '\0')
        refuse(w, 0, "there is no command", NULL);
    else if (has_user_column(command))
        refuse(w, (int)(command - w->text) + 1,
               "'root' before the command looks like the user column of a system crontab",
               "leave that column out");
    else if (w->zone_is_unknown)
        refuse(w, 0, arena_printf(w->memory, "its zone '%s' is unknown", w->zone), NULL);
    else
        add_entry(w, single_blanks(w->memory, at, end), command);
}

static void take_line(struct walk *w, const char *from, const char *to)
{
    struct pair variable;

    w->line++;
    if (!utf8_is_clean(from, (size_t)(to - from))) {
        SCOPED_BUF shown = {0};

        utf8_escape(&shown, from, (size_t)(to - from));
        w->text = arena_strdup(w->memory, buf_text(&shown));
        refuse(w, 0, "the line is not valid UTF-8, or has a NUL", NULL);
        return;
    }
    while (from < to && is_blank(*from))
        from++;
    w->text = trimmed(w->memory, from, to);
    if (*w->text == '#')
        take_comment(w, w->text);
    else if (*w->text == '\0')
        return;
    else if (parse_variable(w, &variable))
        take_variable(w, variable);
    else
        take_entry(w);
}

static void *moved(struct arena *memory, void *items, size_t size)
{
    void *copy = arena_memdup(memory, items == NULL ? "" : items, items == NULL ? 1 : size);

    free_text(items);
    return copy;
}

enum rc crontab_parse(struct bytes text, struct zoneset *zones, struct arena *memory,
                      struct crontab *ret, struct error *err)
{
    struct crontab out = {0};
    struct walk w = {.memory = memory, .zones = zones, .out = &out, .shell = "/bin/sh"};
    const char *at = text.data, *end = at + text.len;

    if (text.len > CRONTAB_BYTES_MAX)
        return error_set(err, RC_INVALID, "the crontab has %zu bytes, more than %d", text.len,
                         CRONTAB_BYTES_MAX);
    while (at < end && out.entry_count + out.refused_count < CRONTAB_LINES_MAX) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        take_line(&w, at, newline == NULL ? end : newline);
        at = newline == NULL ? end : newline + 1;
    }
    out.entries = moved(memory, out.entries, out.entry_count * sizeof *out.entries);
    out.refused = moved(memory, out.refused, out.refused_count * sizeof *out.refused);
    out.notes = moved(memory, out.notes, out.note_count * sizeof *out.notes);
    map_clear(&w.taken);
    if (at < end)
        return error_set(err, RC_INVALID, "the crontab has more than %d entries",
                         CRONTAB_LINES_MAX);
    *ret = out;
    return RC_OK;
}

/* --- tasks --- */

static struct bytes payload_of(const struct crontab_entry *e, struct arena *memory)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_object(&j);
    json_add_text(&j, "command", e->command);
    if (e->input != NULL)
        json_add_text(&j, "stdin", e->input);
    if (e->env.count > 0) {
        json_key(&j, "env");
        json_open_object(&j);
        for (size_t i = 0; i < e->env.count; i++)
            json_add_text(&j, e->env.items[i].name, e->env.items[i].value);
        json_close_object(&j);
    }
    json_add_text(&j, "shell", e->shell);
    json_close_object(&j);
    return (struct bytes){.data = arena_memdup(memory, out.data, out.len), .len = out.len};
}

static const char *title_of(const char *command, struct arena *memory)
{
    size_t len = strlen(command), cut = TITLE_MAX;

    if (len <= TITLE_MAX)
        return command;
    while (cut > 0 && ((unsigned char)command[cut] & 0xc0) == 0x80)
        cut--;
    return arena_printf(memory, "%.*s…", (int)cut, command);
}

struct task_spec crontab_task(const struct crontab_entry *entry,
                              const struct crontab_target *target, struct arena *memory)
{
    struct schedule_spec *schedule = arena_alloc(memory, sizeof *schedule);
    struct pair *label = arena_alloc(memory, sizeof *label);

    *schedule = (struct schedule_spec){.expression = entry->schedule,
                                       .zone = entry->zone == NULL ? target->zone : entry->zone,
                                       .dialect = DIALECT_VIXIE};
    *label = (struct pair){.name = "source", .value = target->source};
    return (struct task_spec){.key = entry->key,
                              .project = target->project,
                              .title = title_of(entry->command, memory),
                              .labels = {.items = label, .count = 1},
                              .queue = target->queue,
                              .payload = payload_of(entry, memory),
                              .content_type = "application/vnd.cronobs.command+json",
                              .schedules = schedule,
                              .schedule_count = 1,
                              .run_timeout_ms = RUN_TIMEOUT_MS};
}
