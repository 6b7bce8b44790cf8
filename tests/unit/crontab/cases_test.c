/*
 * Crontabs as they stand in public repositories, people and hosts replaced (tests/cases/crontabs): what became of each line.
 *
 * outcomes.txt has a section a file, and a line for whatever is said of one of the file's: entries, refusals with their column,
 * ignored ones, settings, notes. What is not in it says nothing. `cases_test --write` prints it anew: look at each line that changes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reading.h"

#define FOLDER COBS_SOURCE_DIR "/tests/cases/crontabs/"

enum { FILE_MAX = 65536 };

static const struct file {
    const char *name;
    bool has_users;
} files[] = {
    {"b1-panel", false},
    {"b2-exports", false},
    {"b3-rendered", false},
    {"b3-template", false},
    {"b6-nouser", true},
    {"b7-bsd", false},
    {"b9-keys", false},
    {"b9-reordered", false},
    {"anacrontab", false},
    {"blanks-that-are-none", false},
    {"boot-only", false},
    {"bsd-root-tab", false},
    {"bsd-system", true},
    {"bsd-system", false},
    {"bsd-who", true},
    {"busybox-date", false},
    {"busybox-router", false},
    {"clock-sync", false},
    {"cloud-user-without-system", false},
    {"cloud-user-without-system", true},
    {"continued-lines", false},
    {"course-work", false},
    {"dcron-names", false},
    {"debian-etc-build", true},
    {"debian-etc-build", false},
    {"debian-own", false},
    {"debian-own", true},
    {"either-day", false},
    {"fcrontab-listing", false},
    {"fcrontab-macros", false},
    {"fcrontab-options", false},
    {"field-station", false},
    {"gem-generated", false},
    {"hosting-urls", false},
    {"hours-beyond-the-day", false},
    {"hypervisor", false},
    {"laptop-on-battery", false},
    {"loaders-by-source", false},
    {"managed-by-headers", false},
    {"mirror-host", true},
    {"monthly-in-background", false},
    {"names-of-days", false},
    {"node-of-calls", false},
    {"numbers-out-of-range", false},
    {"of-quartz-and-jenkins", false},
    {"openbsd-root-tab", false},
    {"own-program", false},
    {"package-cron-d", true},
    {"package-cron-d", false},
    {"package-cron-d-nice", true},
    {"package-cron-d-php", true},
    {"package-cron-d-same-name", true},
    {"package-cron-d-same-name", false},
    {"packages-of-debian", true},
    {"panel-hosting", false},
    {"pasted-from-terminal", false},
    {"pasted-with-all-around", false},
    {"percent-at-end", false},
    {"percents", false},
    {"quotes-of-settings", false},
    {"random-minutes", false},
    {"redhat-etc-nouser", true},
    {"resolved-on-the-way", false},
    {"runner-in-containers", false},
    {"seconds-runner", false},
    {"shop-server", false},
    {"small-linux-periodic", false},
    {"snapshots-hidden-percent", false},
    {"storage-box", true},
    {"suse-etc", true},
    {"systemd-units-of-cron", true},
    {"template-every-kind", false},
    {"template-install-dir", false},
    {"template-of-times", true},
    {"users-of-a-domain", true},
    {"vaults", false},
    {"zones-of-all-kinds", false},
};

static void read_file(const char *name, struct buf *out)
{
    SCOPED(text) char *path = xasprintf(FOLDER "%s", name);
    FILE *file = fopen(path, "re");

    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    out->len += fread(buf_reserve(out, FILE_MAX), 1, FILE_MAX, file);
    (void)fclose(file);
    assert_true(out->len < FILE_MAX);
}

/* --- outcomes, in order of lines --- */

struct outcome {
    int line, rank;
    char *text;
};

struct outcomes {
    struct outcome *items;
    size_t count, capacity;
};

static void add(struct outcomes *o, int line, int rank, char *text)
{
    o->items = array_grow(o->items, o->count, &o->capacity, sizeof *o->items);
    o->items[o->count++] = (struct outcome){line, rank, text};
}

static void add_notes(struct outcomes *o, int rank, const char *what,
                      const struct crontab_notes *notes)
{
    for (size_t i = 0; i < notes->count; i++) {
        const struct crontab_note *n = &notes->items[i];

        add(o, n->line, rank,
            xasprintf("%d\t%s\t%d\t%s%s%s", n->line, what, n->column, n->why,
                      *n->hint == '\0' ? "" : " | ", n->hint));
    }
}

static void add_entries(struct outcomes *o, const struct crontab *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct crontab_entry *e = &c->entries[i];
        SCOPED_BUF text = {0};

        buf_printf(&text, "%d\tok\t%s\t%s", e->line, e->key, e->schedule);
        if (strcmp(e->zone, "UTC") != 0)
            buf_printf(&text, "\tzone %s", e->zone);
        if (e->user != NULL)
            buf_printf(&text, "\tuser %s", e->user);
        if (e->title != NULL)
            buf_printf(&text, "\ttitle %s", e->title);
        buf_printf(&text, "\t%s", e->command);
        if (e->input != NULL)
            buf_add_text(&text, "\tstdin ");
        for (const char *at = e->input; at != NULL && *at != '\0'; at++)
            buf_add(&text, *at == '\n' ? "\\n" : at, *at == '\n' ? 2 : 1);
        add(o, e->line, 0, buf_take(&text));
    }
}

static int by_line(const void *a, const void *b)
{
    const struct outcome *x = a, *y = b;

    if (x->line != y->line)
        return x->line - y->line;
    return x->rank != y->rank ? x->rank - y->rank : strcmp(x->text, y->text);
}

static void show(const struct file *f, struct buf *out)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(text) char *name = xasprintf("%s.crontab", f->name);
    SCOPED_BUF text = {0};
    struct outcomes o = {NULL};
    struct crontab c;

    read_file(name, &text);
    c = read_crontab(buf_bytes(&text), f->has_users, memory);
    add_entries(&o, &c);
    add_notes(&o, 1, "refused", &c.refused);
    add_notes(&o, 2, "ignored", &c.ignored);
    add_notes(&o, 4, "note", &c.notes);
    for (size_t i = 0; i < c.setting_count; i++)
        add(&o, c.settings[i].line, 3,
            xasprintf("%d\tsetting\t%s\tin %zu", c.settings[i].line, c.settings[i].name,
                      c.settings[i].entries));
    if (o.count > 0)
        qsort(o.items, o.count, sizeof *o.items, by_line);
    buf_printf(out, "\n== %s%s\n", name, f->has_users ? " --system" : "");
    for (size_t i = 0; i < o.count; i++) {
        buf_printf(out, "%s\n", o.items[i].text);
        free(o.items[i].text);
    }
    free(o.items);
}

static void show_all(struct buf *out)
{
    buf_add_text(out,
                 "# What becomes of each line that is neither blank nor a plain comment. "
                 "Printed by cases_test --write.\n");
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        show(&files[i], out);
}

static void each_line_becomes_what_it_should(void **state UNUSED)
{
    SCOPED_BUF made = {0};
    SCOPED_BUF wanted = {0};

    show_all(&made);
    read_file("outcomes.txt", &wanted);
    buf_add_char(&wanted, '\0');
    assert_string_equal(buf_text(&made), wanted.data);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_line_becomes_what_it_should)};
    SCOPED_BUF made = {0};

    if (count != 2 || strcmp(arguments[1], "--write") != 0)
        return cmocka_run_group_tests(tests, NULL, NULL);
    show_all(&made);
    (void)fwrite(made.data, 1, made.len, stdout);
    return 0;
}
