/*
 * First all that can be told without a server: lines, keys, limits, the next instants. Then the server is asked
 * which tasks the source has, then each line is put, then what vanished is deleted; at last comes the report, also
 * of an import that ended half-way.
 */
#include "cli/import/import.h"

#include <stdlib.h>
#include <string.h>

#include <pwd.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cli/import/server.h"
#include "cli/import/words.h"
#include "cli/shared/files.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/subcommand.h"
#include "cli/shared/terminal.h"
#include "cron/schedule.h"
#include "model/spec.h"

enum { ACCOUNTS_MAX = 10000, SOURCE_MAX = 100 };

/* --- what the machine says --- */

struct names {
    const char **items;
    size_t count, capacity;
};

static void add_name(struct names *n, const char *name)
{
    n->items = array_grow(n->items, n->count, &n->capacity, sizeof *n->items);
    n->items[n->count++] = name;
}

static void add_accounts(struct names *n, struct arena *memory)
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *p;

    while (file != NULL && n->count < ACCOUNTS_MAX && (p = fgetpwent(file)) != NULL)
        add_name(n, arena_strdup(memory, p->pw_name));
    if (file != NULL)
        (void)fclose(file);
}

/* Those that were named, and the accounts of /etc/passwd; those of a directory service are not asked for. NULL ends. */
static const char *const *known_users(const struct import *i)
{
    struct names names = {0};
    const char *const *made;

    for (size_t n = 0; n < i->config->users.count; n++)
        add_name(&names, i->config->users.items[n]);
    add_accounts(&names, i->memory);
    add_name(&names, NULL);
    made = arena_memdup(i->memory, names.items, names.count * sizeof *names.items);
    free(names.items);
    return made;
}

/* --- what it was told --- */

static enum rc check_config(const struct import_config *config, struct error *err)
{
    if (!spec_name_is_valid(config->project, SPEC_KEY_MAX)) {
        error_set(err, RC_INVALID, "--project: '%s' is no name", config->project);
        (void)error_hint(err, "a-z, 0-9, '.', '_' and '-'; the first a letter or digit");
        return RC_INVALID;
    }
    if (!spec_name_is_valid(config->queue, SPEC_QUEUE_MAX)) {
        error_set(err, RC_INVALID, "--queue: '%s' is no name", config->queue);
        (void)error_hint(err, "a-z, 0-9, '.', '_' and '-'; the first a letter or digit");
        return RC_INVALID;
    }
    return RC_OK;
}

static enum rc find_source(const struct import_config *config, const char **ret, struct error *err)
{
    const char *source = config->source, *slash;

    if (source == NULL && strcmp(config->path, "-") == 0)
        source = "stdin";
    if (source == NULL) {
        slash = strrchr(config->path, '/');
        source = slash == NULL ? config->path : slash + 1;
    }
    if (*source == '\0' || strlen(source) > SOURCE_MAX || !utf8_is_clean(source, strlen(source))) {
        error_set(err, RC_INVALID, "the file's name is no name for a source");
        (void)error_hint(err, "--source NAME, at most %d bytes", SOURCE_MAX);
        return RC_INVALID;
    }
    *ret = source;
    return RC_OK;
}

/* A task's zone is a name: a clock that has none is no help. */
static enum rc find_zone(const struct import_config *config, struct zoneset *zones,
                         struct arena *memory, const char **ret, struct error *err)
{
    struct zone *found;
    struct tz_value local;

    if (config->zone != NULL) {
        if (zoneset_get(zones, config->zone, &found, err) != RC_OK)
            return error_prefix(err, "--zone");
        *ret = config->zone;
        return RC_OK;
    }
    if (local_zone(zones, &local, err) != RC_OK)
        return local_zone_way_out(err);
    if (local.name != NULL) {
        *ret = arena_strdup(memory, local.name);
        return RC_OK;
    }
    (void)error_set(err, RC_INVALID,
                    "the clock of this machine, %s, has no name that a task could have",
                    zone_name(local.zone));
    return local_zone_way_out(err);
}

/* --- reading --- */

static void find_next(struct import_line *line, struct zoneset *zones, usec_t now)
{
    const struct schedule_options options = {
        .zone = line->entry->zone, .dialect = DIALECT_VIXIE, .task = line->task_id};
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct occurrence next;

    if (schedule_parse(line->entry->schedule, &options, zones, NULL, &schedule, NULL) != RC_OK ||
        schedule_next(schedule, now, &next) != RC_OK)
        return;
    line->next_at = next.at;
    line->next_offset = next.offset;
}

/* What the server would refuse is refused here already. */
static void check_limits(const struct import *i, struct import_line *line)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct crontab_target target = {i->config->project, i->config->queue, i->source};
    struct task_spec spec = crontab_task(line->entry, &target, memory);

    spec_normalise(&spec);
    if (spec_check_limits(&spec, &line->err) != RC_OK ||
        spec_check_supported(&spec, &line->err) != RC_OK) {
        line->state = IMPORT_REFUSED;
        import_words(i->config, line->entry, &line->err);
    }
}

static enum rc read_crontab(struct import *i, struct zoneset *zones, struct error *err)
{
    const struct crontab_options options = {.words = {"--system", "--user", "--ignore"},
                                            .zone = i->zone,
                                            .has_users = i->config->is_system,
                                            .accounts = known_users(i),
                                            .known = i->config->ignored.items,
                                            .zones = zones};
    SCOPED_BUF text = {0};
    usec_t now = clock_realtime();

    TRY(file_read(i->config->path, CRONTAB_BYTES_MAX, &text, err));
    TRY(crontab_parse(buf_bytes(&text), &options, i->memory, &i->crontab, err));
    i->lines = arena_alloc(i->memory, MAX(i->crontab.count, 1u) * sizeof *i->lines);
    for (size_t n = 0; n < i->crontab.count; n++) {
        struct import_line *line = &i->lines[i->line_count++];

        line->entry = &i->crontab.entries[n];
        line->task_id = task_id_of(i->config->project, line->entry->key);
        find_next(line, zones, now);
        check_limits(i, line);
    }
    return RC_OK;
}

/* --- sending --- */

static enum rc send_all(struct import_server *server, struct import *i, struct error *err)
{
    TRY(import_ask(server, i, err));
    TRY(import_put_all(i, err));
    if (!i->config->prunes || !import_may_prune(i))
        return RC_OK;
    return import_delete_all(i, err);
}

/* A dry run does without a server, if it must. */
static enum rc try_run(struct import_server *server, struct import *i)
{
    struct error why = {0};

    if (import_ask(server, i, &why) != RC_OK)
        i->why_not = arena_strdup(i->memory, why.text);
    return RC_OK;
}

/* --- the end --- */

static enum rc print(const struct import *i, FILE *out, struct error *err)
{
    SCOPED_BUF text = {0};

    if (i->config->is_json)
        import_report_json(i, &text);
    else
        import_report(i, terminal_width(out), &text);
    if (fwrite(buf_text(&text), 1, text.len, out) != text.len)
        return error_set(err, RC_CONFLICT, "could not write the report");
    return RC_OK;
}

static enum rc conclude(const struct import *i, struct error *err)
{
    size_t refused = import_refused(i), kept = 0;

    for (size_t n = 0; n < i->vanished_count; n++)
        kept += i->vanished[n].err.rc != RC_OK;
    if (refused > 0)
        return error_set(err, RC_CONFLICT, "%zu line%s refused", refused,
                         refused == 1 ? " was" : "s were");
    if (i->crontab.is_blank && i->config->prunes && i->vanished_count > 0) {
        error_set(err, RC_CONFLICT, "the crontab is empty: nothing was deleted");
        (void)error_hint(err, "with a comment in it, it is one that has no entries");
        return RC_CONFLICT;
    }
    if (kept > 0)
        return error_set(err, RC_CONFLICT, "%zu task%s not deleted", kept,
                         kept == 1 ? " was" : "s were");
    return RC_OK;
}

static enum rc run(struct import *i, FILE *out, struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED(import_server) struct import_server *server = NULL;
    enum rc rc;

    TRY(check_config(i->config, err));
    TRY(find_source(i->config, &i->source, err));
    TRY(find_zone(i->config, zones, i->memory, &i->zone, err));
    TRY(import_server_new(i->config->url, &server, err));
    TRY(read_crontab(i, zones, err));
    rc = i->config->is_dry ? try_run(server, i) : send_all(server, i, err);
    if (rc != RC_OK && !i->has_asked)
        return rc;
    TRY(print(i, out, rc == RC_OK ? err : NULL));
    return rc == RC_OK ? conclude(i, err) : rc;
}

enum rc import_run(const struct import_config *config, FILE *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct import i = {.config = config, .memory = memory};
    enum rc rc = run(&i, out, err);

    free(i.vanished);
    return rc;
}

/* --- as a command of the program --- */

enum rc run_import_crontab(struct call *call, struct error *err)
{
    struct import_config *config = call->values[0];

    config->url = call->common.url;
    config->path = call->operands.items[0];
    return import_run(config, call->out, err);
}
