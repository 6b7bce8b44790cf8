#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "crontab/crontab.h"

#define RUN_TIMEOUT_MS (INT64_C(24) * 3600 * 1000)

enum { TITLE_MAX = 200, TITLE_GIVEN_MAX = 500 };

static struct bytes payload_of(const struct crontab_entry *e, struct arena *memory)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_object(&j);
    json_add_text(&j, "command", e->command);
    if (e->input != NULL)
        json_add_text(&j, "stdin", e->input);
    if (e->environment.count > 0) {
        json_key(&j, "env");
        json_open_object(&j);
        for (size_t i = 0; i < e->environment.count; i++)
            json_add_text(&j, e->environment.items[i].name, e->environment.items[i].value);
        json_close_object(&j);
    }
    if (e->shell != NULL)
        json_add_text(&j, "shell", e->shell);
    json_close_object(&j);
    return (struct bytes){.data = arena_memdup(memory, out.data, out.len), .len = out.len};
}

/* At most `max` bytes, cut between characters. */
static const char *cut(const char *text, size_t max, struct arena *memory)
{
    static const char ellipsis[] = "…";
    size_t len = max - strlen(ellipsis);

    if (strlen(text) <= max)
        return text;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    return arena_printf(memory, "%.*s%s", (int)len, text, ellipsis);
}

static const char *title_of(const struct crontab_entry *e, struct arena *memory)
{
    return e->title != NULL ? cut(e->title, TITLE_GIVEN_MAX, memory)
                            : cut(e->command, TITLE_MAX, memory);
}

static struct pairs labels_of(const struct crontab_entry *e, const char *source,
                              struct arena *memory)
{
    struct pairs labels = {.items = arena_alloc(memory, 2 * sizeof *labels.items)};

    labels.items[labels.count++] = (struct pair){.name = "source", .value = source};
    if (e->user != NULL)
        labels.items[labels.count++] = (struct pair){.name = "user", .value = e->user};
    return labels;
}

struct task_spec crontab_task(const struct crontab_entry *entry,
                              const struct crontab_target *target, struct arena *memory)
{
    struct schedule_spec *schedule = arena_alloc(memory, sizeof *schedule);

    *schedule = (struct schedule_spec){
        .expression = entry->schedule, .zone = entry->zone, .dialect = DIALECT_VIXIE};
    return (struct task_spec){.key = entry->key,
                              .project = target->project,
                              .title = title_of(entry, memory),
                              .labels = labels_of(entry, target->source, memory),
                              .queue = target->queue,
                              .payload = payload_of(entry, memory),
                              .content_type = "application/vnd.cronobs.command+json",
                              .schedules = schedule,
                              .schedule_count = 1,
                              .run_timeout_ms = RUN_TIMEOUT_MS};
}
