/*
 * A crontab. Input: one character, by which it is a system crontab or not, then its bytes.
 *
 * No line goes unheard: it is blank or a comment, or becomes one task, one setting or one refusal. Places lie within their lines,
 * keys are given once, tasks are such as the model takes. Whoever knows of all refusals is left with none, and with the same tasks.
 */
#include <string.h>

#include "base/map.h"
#include "base/utf8.h"
#include "crontab/crontab.h"
#include "fuzz/harness.h"
#include "model/spec.h"

enum { LINES_MAX = 1024 };

static struct zoneset *zones;

static const char *const accounts[] = {"deploy", "mail", NULL};

void fuzz_start(void)
{
    zones = fuzz_zones();
}

static struct crontab read_text(struct bytes text, bool has_users, const char *const *known,
                                struct arena *memory)
{
    const struct crontab_options options = {.words = {"--system", "--user", "--ignore"},
                                            .zone = "UTC",
                                            .has_users = has_users,
                                            .accounts = accounts,
                                            .known = known,
                                            .zones = zones};
    struct crontab made;
    struct error err = {0};

    CLAIM(crontab_parse(text, &options, memory, &made, &err) == RC_OK, "%s", err.text);
    return made;
}

/* --- lines --- */

struct sheet { /* what is said of each line; the first is 1 */
    struct bytes lines[LINES_MAX];
    int count;
    int said[LINES_MAX + 1]; /* tasks, settings, refusals */
    bool is_noted[LINES_MAX + 1];
};

static void take_line(struct sheet *s, const char *from, const char *to)
{
    while (to > from && to[-1] == '\r')
        to--;
    s->lines[s->count++] = (struct bytes){.data = from, .len = (size_t)(to - from)};
}

static void take_lines(struct sheet *s, struct bytes text)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char *at = text.data, *end = at + text.len;

    if (text.len >= strlen(mark) && memcmp(at, mark, strlen(mark)) == 0)
        at += strlen(mark);
    while (at < end && s->count < LINES_MAX) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *to = newline == NULL ? end : newline;

        take_line(s, at, to);
        at = newline == NULL ? end : newline + 1;
    }
}

static void say(struct sheet *s, int line)
{
    CLAIM(line >= 1 && line <= s->count, "line %d of %d", line, s->count);
    s->said[line]++;
}

static void check_notes(struct sheet *s, const struct crontab_notes *notes, bool are_refusals)
{
    int last = 0;

    for (size_t i = 0; i < notes->count; i++) {
        const struct crontab_note *n = &notes->items[i];

        CLAIM(n->line >= last && n->line <= s->count, "line %d after %d", n->line, last);
        CLAIM(n->column >= 0 &&
                  n->column <= (n->line == 0 ? 0 : (int)s->lines[n->line - 1].len + 1),
              "line %d, column %d: %s", n->line, n->column, n->why);
        CLAIM(*n->why != '\0' && utf8_is_clean(n->why, strlen(n->why)), "'%s'", n->why);
        CLAIM(utf8_is_clean(n->hint, strlen(n->hint)), "'%s'", n->hint);
        CLAIM(utf8_is_clean(n->text, strlen(n->text)), "'%s'", n->text);
        last = n->line;
        s->is_noted[n->line] = true;
        if (are_refusals)
            say(s, n->line);
    }
}

static bool is_heard_in_silence(struct bytes line)
{
    const char *at = line.data, *end = at + line.len;

    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at == end || *at == '#';
}

static void check_lines(const struct sheet *s)
{
    for (int n = 1; n <= s->count; n++) {
        struct bytes line = s->lines[n - 1];

        CLAIM(s->said[n] <= 1, "line %d: %d outcomes", n, s->said[n]);
        /* LOGNAME is a setting that is noted, and that nothing has */
        CLAIM(s->said[n] == 1 || s->is_noted[n] || is_heard_in_silence(line),
              "line %d: nothing is said of '%.*s'", n, (int)line.len, (const char *)line.data);
    }
}

/* --- tasks --- */

static void check_task(const struct crontab_entry *e, struct arena *memory)
{
    const struct crontab_target target = {"default", "nightly", "www"};
    const struct schedule_options options = {.zone = e->zone, .dialect = DIALECT_VIXIE};
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct task_spec spec = crontab_task(e, &target, memory);
    struct error err = {0};

    spec_normalise(&spec);
    CLAIM(spec_check_limits(&spec, &err) == RC_OK, "line %d: %s", e->line, err.text);
    CLAIM(spec_name_is_valid(e->key, SPEC_KEY_MAX), "line %d: key '%s'", e->line, e->key);
    CLAIM(*e->command != '\0', "line %d: no command", e->line);
    CLAIM(schedule_parse(e->schedule, &options, zones, NULL, &schedule, &err) == RC_OK,
          "line %d: '%s': %s", e->line, e->schedule, err.text);
}

static void check_keys(const struct crontab *c)
{
    struct map keys = {0};

    for (size_t i = 0; i < c->count; i++) {
        struct uuid id = uuid_named(UUID_NIL, c->entries[i].key);

        CLAIM(map_find(&keys, id) == NULL, "key '%s' twice", c->entries[i].key);
        map_put(&keys, id, &c->entries[i]);
    }
    map_clear(&keys);
}

/* --- read again --- */

static void check_same(const struct crontab *a, const struct crontab *b)
{
    CLAIM(a->count == b->count, "%zu tasks, %zu", a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const struct crontab_entry *x = &a->entries[i], *y = &b->entries[i];

        CLAIM(x->line == y->line && text_equal(x->key, y->key) && text_equal(x->zone, y->zone) &&
                  text_equal(x->schedule, y->schedule) && text_equal(x->command, y->command) &&
                  text_equal(x->input, y->input) && text_equal(x->user, y->user),
              "lines %d, %d: '%s', '%s'", x->line, y->line, x->key, y->key);
    }
}

static void check_known(const struct crontab *c, struct bytes text, bool has_users,
                        struct arena *memory)
{
    const char **known = arena_alloc(memory, (c->refused.count + 1) * sizeof *known);
    size_t count = 0, unknown = 0;
    struct crontab again;

    for (size_t i = 0; i < c->refused.count; i++)
        if (c->refused.items[i].content == NULL)
            unknown++;
        else
            known[count++] = c->refused.items[i].content;
    known[count] = NULL;
    again = read_text(text, has_users, known, memory);
    CLAIM(again.refused.count == unknown, "%zu refused, %zu cannot be known", again.refused.count,
          unknown);
    check_same(c, &again);
}

/* With the line ends of DOS, and one at the end. */
static void check_line_ends(const struct crontab *c, const struct sheet *s, bool has_users,
                            struct arena *memory)
{
    SCOPED_BUF text = {0};
    struct crontab again;

    for (int n = 0; n < s->count; n++) {
        buf_add(&text, s->lines[n].data, s->lines[n].len);
        buf_add_text(&text, "\r\n");
    }
    again = read_text(buf_bytes(&text), has_users, NULL, memory);
    check_same(c, &again);
}

void fuzz_input(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    bool has_users = input_byte(&in) & 1;
    const struct bytes text = {.data = (const char *)in.at, .len = (size_t)(in.end - in.at)};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct sheet *s = arena_alloc(memory, sizeof *s);
    struct crontab c = read_text(text, has_users, NULL, memory);

    memset(s, 0, sizeof *s);
    take_lines(s, text);
    check_notes(s, &c.refused, true);
    check_notes(s, &c.ignored, true);
    check_notes(s, &c.notes, false);
    for (size_t i = 0; i < c.setting_count; i++)
        say(s, c.settings[i].line);
    for (size_t i = 0; i < c.count; i++) {
        say(s, c.entries[i].line);
        check_task(&c.entries[i], memory);
    }
    check_lines(s);
    check_keys(&c);
    check_known(&c, text, has_users, memory);
    check_line_ends(&c, s, has_users, memory);
}
