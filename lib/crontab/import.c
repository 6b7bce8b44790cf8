#include "crontab/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/utf8.h"
#include "cron/schedule.h"
#include "model/spec.h"

static const char *const state_names[IMPORT_STATE_COUNT] = {
    [IMPORT_READ] = "read",       [IMPORT_NEW] = "new",         [IMPORT_KNOWN] = "known",
    [IMPORT_CREATED] = "created", [IMPORT_UPDATED] = "updated", [IMPORT_UNCHANGED] = "unchanged",
    [IMPORT_PENDING] = "pending", [IMPORT_REFUSED] = "refused", [IMPORT_UNKNOWN] = "unknown",
};

size_t import_count(const struct import *i, enum import_state state)
{
    size_t count = 0;

    for (size_t n = 0; n < i->line_count; n++)
        count += i->lines[n].state == state;
    return count;
}

bool import_ignores(const struct import_line *line)
{
    return line->state == IMPORT_REFUSED && line->entry->is_known;
}

static size_t count_ignored_lines(const struct import *i)
{
    size_t count = 0;

    for (size_t n = 0; n < i->line_count; n++)
        count += import_ignores(&i->lines[n]);
    return count;
}

size_t import_refused(const struct import *i)
{
    return i->crontab.refused.count + import_count(i, IMPORT_REFUSED) - count_ignored_lines(i);
}

size_t import_ignored(const struct import *i)
{
    return i->crontab.ignored.count + count_ignored_lines(i);
}

bool import_may_prune(const struct import *i)
{
    return !i->crontab.is_blank && import_refused(i) == 0;
}

const char *import_state_name(enum import_state state)
{
    return state_names[state];
}

/* --- reading --- */

enum rc import_check_source(const char *source, struct error *err)
{
    if (*source != '\0' && strlen(source) <= IMPORT_SOURCE_MAX &&
        utf8_is_clean(source, strlen(source)))
        return RC_OK;
    return error_set(err, RC_INVALID, "it is no name for a source: at most %d bytes of UTF-8",
                     IMPORT_SOURCE_MAX);
}

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

struct task_spec import_spec(const struct import *i, const struct import_line *line,
                             struct arena *memory)
{
    const struct crontab_target target = {i->request.project, i->request.queue, i->request.source};
    struct task_spec spec = crontab_task(line->entry, &target, memory);

    spec_normalise(&spec);
    return spec;
}

/* What the server would refuse is refused here already. */
static void check_limits(const struct import *i, struct import_line *line)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct task_spec spec = import_spec(i, line, memory);

    if (spec_check_limits(&spec, &line->err) != RC_OK)
        line->state = IMPORT_REFUSED;
}

static void name_notes(const struct import *i, const struct crontab_notes *notes, struct map *ret)
{
    for (size_t n = 0; n < notes->count; n++)
        if (notes->items[n].key != NULL)
            map_put(ret, task_id_of(i->request.project, notes->items[n].key), &notes->items[n]);
}

enum rc import_read(struct import *i, struct bytes text, const struct crontab_options *options,
                    usec_t now, struct error *err)
{
    TRY(crontab_parse(text, options, i->memory, &i->crontab, err));
    i->lines = arena_alloc(i->memory, MAX(i->crontab.count, 1u) * sizeof *i->lines);
    for (size_t n = 0; n < i->crontab.count; n++) {
        struct import_line *line = &i->lines[i->line_count++];

        line->entry = &i->crontab.entries[n];
        line->task_id = task_id_of(i->request.project, line->entry->key);
        map_put(&i->by_task, line->task_id, line);
        find_next(line, options->zones, now);
        check_limits(i, line);
    }
    name_notes(i, &i->crontab.refused, &i->by_refused);
    name_notes(i, &i->crontab.notes, &i->by_stray);
    return RC_OK;
}

void import_clear(struct import *i)
{
    free(TAKE(i->vanished));
    map_clear(&i->by_task);
    map_clear(&i->by_refused);
    map_clear(&i->by_stray);
}

/* --- the tasks of the source --- */

/* A comment names the task, and no entry stands below: lines may have been sorted, and it is not meant to go. */
static void add_vanished(struct import *i, const char *key, const struct crontab_note *stray)
{
    struct import_vanished *made;

    i->vanished =
        array_grow(i->vanished, i->vanished_count, &i->vanished_capacity, sizeof *i->vanished);
    made = &i->vanished[i->vanished_count++];
    *made = (struct import_vanished){.key = arena_strdup(i->memory, key)};
    if (stray != NULL && i->request.prunes)
        (void)error_set(
            &made->err, RC_CONFLICT,
            "kept, for line %d names it, above no entry: move that comment, or delete it",
            stray->line);
}

void import_take_key(struct import *i, const char *key)
{
    struct uuid task = task_id_of(i->request.project, key);
    struct import_line *line = map_find(&i->by_task, task);

    if (line != NULL)
        line->state = line->state == IMPORT_READ ? IMPORT_KNOWN : line->state;
    else if (map_find(&i->by_refused, task) == NULL)
        add_vanished(i, key, map_find(&i->by_stray, task));
}

void import_took_keys(struct import *i)
{
    i->has_asked = true;
    for (size_t n = 0; n < i->line_count; n++)
        if (i->lines[n].state == IMPORT_READ)
            i->lines[n].state = IMPORT_NEW;
}

/* --- what came of it --- */

enum import_state import_state_of(const char *code)
{
    static const struct {
        const char *code;
        enum import_state state;
    } codes[] = {
        {"CREATED", IMPORT_CREATED},
        {"UPDATED", IMPORT_UPDATED},
        {"UNCHANGED", IMPORT_UNCHANGED},
    };

    for (size_t n = 0; n < ARRAY_LEN(codes); n++)
        if (text_equal(code, codes[n].code))
            return codes[n].state;
    return IMPORT_PENDING;
}

enum rc import_refuse_foreign(const char *key, const char *source,
                              const struct crontab_words *words, struct error *err)
{
    if (source == NULL) {
        error_set(err, RC_CONFLICT, "there is a task '%s' already, and no crontab made it", key);
        return error_hint(err, "write '# key: another' above the line, or delete that task");
    }
    error_set(err, RC_CONFLICT, "the task '%s' belongs to the source '%s'", key, source);
    return error_hint(err,
                      "write '# key: another' above the line; if it is the same crontab: %s %s",
                      words->source, source);
}
