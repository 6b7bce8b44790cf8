#include "cron/zoneset.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dirent.h>

#include "base/buf.h"
#include "cron/zone_links.h"

enum { NEAREST = 3, NAME_DEPTH = 3 };

struct names { /* of every zone of the directory, for hints */
    char **items;
    size_t count, capacity;
};

struct zoneset {
    int refs;
    char *directory;
    struct zone **zones; /* sorted by name */
    size_t count, capacity;
    struct names names; /* filled when first they are asked for, or a zone is not found */
    char version[TZDATA_VERSION_MAX];
};

/* --- the set --- */

struct zoneset *zoneset_new(const char *directory)
{
    struct zoneset *set = xcalloc(1, sizeof *set);
    struct zone *utc = zone_utc();

    set->refs = 1;
    if (directory == NULL)
        directory = getenv("TZDIR");
    set->directory = xstrdup(directory == NULL ? "/usr/share/zoneinfo" : directory);
    (void)zoneset_version_now(set, set->version);
    zoneset_add(set, utc);
    zone_unref(utc);
    return set;
}

struct zoneset *zoneset_ref(struct zoneset *set)
{
    set->refs++;
    return set;
}

void zoneset_free(struct zoneset *set)
{
    if (set == NULL || --set->refs > 0)
        return;
    for (size_t i = 0; i < set->count; i++)
        zone_unref(set->zones[i]);
    for (size_t i = 0; i < set->names.count; i++)
        free(set->names.items[i]);
    free(set->names.items);
    free(set->zones);
    free(set->directory);
    free(set);
}

/* Index of the first zone whose name is not less. */
static size_t place_of(const struct zoneset *set, const char *name)
{
    size_t low = 0, high = set->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(zone_name(set->zones[middle]), name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool holds(const struct zoneset *set, size_t place, const char *name)
{
    return place < set->count && text_equal(zone_name(set->zones[place]), name);
}

void zoneset_add(struct zoneset *set, struct zone *z)
{
    size_t place = place_of(set, zone_name(z));

    if (holds(set, place, zone_name(z))) {
        zone_unref(set->zones[place]);
    } else {
        set->zones = array_grow(set->zones, set->count, &set->capacity, sizeof(struct zone *));
        memmove(&set->zones[place + 1], &set->zones[place],
                (set->count - place) * sizeof(struct zone *));
        set->count++;
    }
    set->zones[place] = zone_ref(z);
}

/* --- the files --- */

static FILE *open_file(const struct zoneset *set, const char *name)
{
    SCOPED(text) char *path = xasprintf("%s/%s", set->directory, name);
    struct stat status;
    FILE *file = set->directory[0] == '\0' ? NULL : fopen(path, "re");

    /* not covered: fstat() of a file just opened does not fail */
    if (file != NULL && (fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode))) {
        (void)fclose(file);
        return NULL;
    }
    return file;
}

/* False when there is no such file. One byte too many is read, so that zone_parse sees what is too long. */
static bool read_file(const struct zoneset *set, const char *name, struct buf *content)
{
    FILE *file = open_file(set, name);
    size_t limit = ZONE_BYTES_MAX + 1, got;

    if (file == NULL)
        return false;
    do {
        got = fread(buf_reserve(content, 8192), 1, MIN(8192, limit - content->len), file);
        content->len += got;
    } while (got > 0 && content->len < limit);
    (void)fclose(file);
    return true;
}

/* The file of the name, or else of the zone that it is another name of. */
static bool read_zone(const struct zoneset *set, const char *name, struct buf *content)
{
    for (; name != NULL; name = zone_link_target(name))
        if (read_file(set, name, content))
            return true;
    return false;
}

/* The word after `prefix` on the file's first line. */
static bool read_word(const struct zoneset *set, const char *name, const char *prefix,
                      char word[TZDATA_VERSION_MAX])
{
    FILE *file = open_file(set, name);
    char line[80] = "";
    size_t len;

    if (file == NULL)
        return false;
    if (fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    (void)fclose(file);
    if (!text_starts(line, prefix))
        return false;
    len = strcspn(line + strlen(prefix), " \t\r\n");
    (void)snprintf(word, TZDATA_VERSION_MAX, "%.*s", (int)len, line + strlen(prefix));
    return len > 0;
}

const char *zoneset_version_now(const struct zoneset *set, char text[TZDATA_VERSION_MAX])
{
    if (!read_word(set, "tzdata.zi", "# version ", text) && !read_word(set, "+VERSION", "", text))
        (void)snprintf(text, TZDATA_VERSION_MAX, "unknown");
    return text;
}

const char *zoneset_version(const struct zoneset *set)
{
    return set->version;
}

/* --- the names --- */

static void add_name(struct names *names, const char *name)
{
    names->items = array_grow(names->items, names->count, &names->capacity, sizeof(char *));
    names->items[names->count++] = xstrdup(name);
}

/* Zones' names start with a capital; posix/, right/ and what else lies about do not. */
/* NOLINTNEXTLINE(misc-no-recursion): at most NAME_DEPTH folders deep */
static void walk(const char *directory, const char *prefix, int depth, struct names *names)
{
    SCOPED(text) char *path = xasprintf("%s/%s", directory, prefix);
    DIR *entries = opendir(path);
    const struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        SCOPED(text) char *name = xasprintf("%s%s", prefix, entry->d_name);
        SCOPED(text) char *full = xasprintf("%s/%s", directory, name);
        SCOPED(text) char *inside = xasprintf("%s/", name);
        struct stat status;

        if (!isupper((unsigned char)name[0]) || !zone_name_is_valid(name) ||
            stat(full, &status) != 0)
            continue;
        if (S_ISREG(status.st_mode))
            add_name(names, name);
        else if (S_ISDIR(status.st_mode) && depth < NAME_DEPTH)
            walk(directory, inside, depth + 1, names);
    }
    if (entries != NULL)
        (void)closedir(entries);
}

/* Old names whose zones the directory has, though it may lack the names. */
static void add_links(const struct zoneset *set, struct names *names)
{
    const char *name;

    for (size_t i = 0; (name = zone_link_name(i)) != NULL; i++) {
        SCOPED(text) char *own = xasprintf("%s/%s", set->directory, name);
        SCOPED(text) char *target = xasprintf("%s/%s", set->directory, zone_link_target(name));

        if (access(own, R_OK) != 0 && access(target, R_OK) == 0)
            add_name(names, name);
    }
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_utc(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], "UTC") == 0)
            return;
    add_name(names, "UTC");
}

static void find_names(struct zoneset *set)
{
    struct names *names = &set->names;

    if (names->count > 0)
        return;
    if (set->directory[0] != '\0')
        walk(set->directory, "", 1, names);
    if (names->count > 0)
        add_links(set, names);
    add_utc(names);
    qsort(names->items, names->count, sizeof *names->items, name_order);
}

const char *const *zoneset_names(struct zoneset *set, size_t *ret_count)
{
    find_names(set);
    *ret_count = set->names.count;
    return (const char *const *)set->names.items;
}

/* Edit distance, any case. */
static size_t distance(const char *a, const char *b)
{
    size_t row[ZONE_NAME_MAX + 1], len = strlen(b);

    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t replaced = diagonal + !same;

            diagonal = row[j];
            row[j] = MIN(replaced, MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[len];
}

/* How far a zone is from what was asked for: "Berlin" is near Europe/Berlin. */
static size_t farness(const char *asked, const char *name)
{
    const char *city = strrchr(name, '/');
    size_t far = distance(asked, name) * 2;

    if (city != NULL)
        far = MIN(far, distance(asked, city + 1) * 2 + 1);
    return far;
}

struct near {
    const char *name;
    size_t far;
};

/* Of two as near the one that the alphabet names first: folders list their files in any order. */
static bool is_nearer(const struct near *a, const struct near *b)
{
    return a->far != b->far ? a->far < b->far : strcmp(a->name, b->name) < 0;
}

static void hint_nearest(struct zoneset *set, const char *asked, struct error *err)
{
    struct near best[NEAREST] = {0}, one;
    size_t limit = MAX(strlen(asked) * 2 / 3, 4), found = 0, len;

    find_names(set);
    for (size_t i = 0; i < set->names.count; i++) {
        size_t at = found;

        one.name = set->names.items[i];
        one.far = farness(asked, one.name);
        if (one.far > limit)
            continue;
        for (; at > 0 && is_nearer(&one, &best[at - 1]); at--)
            if (at < NEAREST)
                best[at] = best[at - 1];
        if (at < NEAREST)
            best[at] = one;
        found = MIN(found + 1, NEAREST);
    }
    if (set->names.count == 1 && set->directory[0] != '\0')
        (void)error_hint(err, "there are no zone files in %.80s: install tzdata", set->directory);
    len = found > 0 ? (size_t)snprintf(err->hint, sizeof err->hint, "did you mean ") : 0;
    for (size_t i = 0; i < found; i++)
        len += (size_t)snprintf(err->hint + len, sizeof err->hint - len, "%s%s", i > 0 ? ", " : "",
                                best[i].name);
}

/* "+02:00", "UTC-5": whole hours have a zone, whose sign is the other way round. */
static bool hint_offset(const char *name, struct error *err)
{
    const char *at = name + (text_starts(name, "UTC") || text_starts(name, "GMT") ? 3 : 0);
    bool is_ahead = *at == '+';
    char *end;
    long hours;

    if ((!is_ahead && *at != '-') || at[1] < '0' || at[1] > '9')
        return false;
    hours = strtol(at + 1, &end, 10);
    if (hours >= 100 && hours % 100 == 0)
        hours /= 100;
    if (hours > 12 || (*end != '\0' && strcmp(end, ":00") != 0))
        return false;
    (void)error_hint(err, "Etc/GMT%c%ld is %ld h %s UTC", is_ahead ? '-' : '+', hours, hours,
                     is_ahead ? "ahead of" : "behind");
    return true;
}

static enum rc unknown_zone(struct zoneset *set, const char *name, struct error *err)
{
    (void)error_set(err, RC_INVALID, "unknown time zone '%.*s'", ZONE_NAME_MAX, name);
    if (err != NULL && strlen(name) <= ZONE_NAME_MAX && !hint_offset(name, err))
        hint_nearest(set, name, err);
    return RC_INVALID;
}

enum rc zoneset_get(struct zoneset *set, const char *name, struct zone **ret, struct error *err)
{
    size_t place = place_of(set, name);
    SCOPED_BUF content = {0};
    struct zone *z;

    if (holds(set, place, name)) {
        *ret = set->zones[place];
        return RC_OK;
    }
    if (!zone_name_is_valid(name) || !read_zone(set, name, &content))
        return unknown_zone(set, name, err);
    TRY(zone_parse(name, buf_bytes(&content), &z, err));
    zoneset_add(set, z);
    zone_unref(z);
    *ret = z;
    return RC_OK;
}

/* --- another release of tzdata --- */

static enum zone_fate renew(struct zoneset *set, struct zone *old)
{
    struct zone *now;

    if (zoneset_get(set, zone_name(old), &now, NULL) != RC_OK) {
        zoneset_add(set, old);
        return ZONE_GONE;
    }
    if (!zone_has_clock_of(old, now))
        return ZONE_CHANGED;
    zoneset_add(set, old);
    return ZONE_KEPT;
}

struct zoneset *zoneset_renewed(const struct zoneset *old, zone_fate_fn tell, void *ctx)
{
    struct zoneset *set = zoneset_new(old->directory);

    for (size_t i = 0; i < old->count; i++)
        tell(ctx, zone_name(old->zones[i]), renew(set, old->zones[i]));
    return set;
}
