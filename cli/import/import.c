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
#include "cli/import/report.h"
#include "cli/import/server.h"
#include "cli/import/words.h"
#include "cli/shared/files.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/subcommand.h"
#include "cli/shared/terminal.h"
#include "model/spec.h"

enum { ACCOUNTS_MAX = 10000 };

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
static const char *const *known_users(const struct import_config *config, struct arena *memory)
{
    struct names names = {0};
    const char *const *made;

    for (size_t n = 0; n < config->users.count; n++)
        add_name(&names, config->users.items[n]);
    add_accounts(&names, memory);
    add_name(&names, NULL);
    made = arena_memdup(memory, names.items, names.count * sizeof *names.items);
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
    if (import_check_source(source, NULL) != RC_OK) {
        error_set(err, RC_INVALID, "the file's name is no name for a source");
        (void)error_hint(err, "--source NAME, at most %d bytes", IMPORT_SOURCE_MAX);
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

static enum rc read_crontab(struct import *i, const struct import_config *config,
                            struct zoneset *zones, struct error *err)
{
    const struct crontab_options options = {.words = import_options,
                                            .zone = i->request.zone,
                                            .has_users = config->is_system,
                                            .accounts = known_users(config, i->memory),
                                            .known = config->ignored.items,
                                            .zones = zones};
    SCOPED_BUF text = {0};

    TRY(file_read(config->path, CRONTAB_BYTES_MAX, &text, err));
    TRY(import_read(i, buf_bytes(&text), &options, clock_realtime(), err));
    for (size_t n = 0; n < i->line_count; n++)
        if (i->lines[n].state == IMPORT_REFUSED)
            import_words(&i->request, i->lines[n].entry, &i->lines[n].err);
    return RC_OK;
}

/* --- sending --- */

static enum rc send_all(struct import_server *server, const char *url, struct import *i,
                        struct error *err)
{
    TRY(import_ask(server, i, err));
    TRY(import_put_all(url, i, err));
    if (!i->request.prunes || !import_may_prune(i))
        return RC_OK;
    return import_delete_all(url, i, err);
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

static enum rc print(const struct import *i, bool is_json, FILE *out, struct error *err)
{
    SCOPED_BUF text = {0};

    if (is_json)
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
    if (i->crontab.is_blank && i->request.prunes && i->vanished_count > 0) {
        error_set(err, RC_CONFLICT, "the crontab is empty: nothing was deleted");
        (void)error_hint(err, "with a comment in it, it is one that has no entries");
        return RC_CONFLICT;
    }
    if (kept > 0)
        return error_set(err, RC_CONFLICT, "%zu task%s not deleted", kept,
                         kept == 1 ? " was" : "s were");
    return RC_OK;
}

static enum rc run(struct import *i, const struct import_config *config, FILE *out,
                   struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED(import_server) struct import_server *server = NULL;
    enum rc rc;

    TRY(check_config(config, err));
    TRY(find_source(config, &i->request.source, err));
    TRY(find_zone(config, zones, i->memory, &i->request.zone, err));
    TRY(import_server_new(config->url, &server, err));
    TRY(read_crontab(i, config, zones, err));
    rc = config->is_dry ? try_run(server, i) : send_all(server, config->url, i, err);
    if (rc != RC_OK && !i->has_asked)
        return rc;
    TRY(print(i, config->is_json, out, rc == RC_OK ? err : NULL));
    return rc == RC_OK ? conclude(i, err) : rc;
}

enum rc import_run(const struct import_config *config, FILE *out, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct import i = {.request = {.project = config->project,
                                   .queue = config->queue,
                                   .is_dry = config->is_dry,
                                   .prunes = config->prunes},
                       .memory = memory};
    enum rc rc = run(&i, config, out, err);

    import_clear(&i);
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
