#include "crontab/import.h"

static void line_to_json(struct json *j, const struct import_line *line)
{
    const struct crontab_entry *e = line->entry;

    json_open_object(j);
    json_add_int(j, "line", e->line);
    json_add_text(j, "key", e->key);
    json_add_uuid(j, "task_id", line->task_id);
    json_add_text(j, "schedule", e->schedule);
    json_add_text(j, "zone", e->zone);
    if (e->user != NULL)
        json_add_text(j, "user", e->user);
    if (line->next_at != 0)
        json_add_instant(j, "next_at", line->next_at);
    json_add_text(j, "command", e->command);
    json_add_text(j, "result", import_ignores(line) ? "ignored" : import_state_name(line->state));
    if (line->state == IMPORT_REFUSED)
        json_add_text(j, "why", line->err.text);
    if (line->state == IMPORT_REFUSED && *line->err.hint != '\0')
        json_add_text(j, "hint", line->err.hint);
    json_close_object(j);
}

static void note_to_json(struct json *j, const struct crontab_note *note)
{
    json_open_object(j);
    if (note->line > 0)
        json_add_int(j, "line", note->line);
    if (note->column > 0)
        json_add_int(j, "column", note->column);
    if (note->key != NULL)
        json_add_text(j, "key", note->key);
    json_add_text(j, "text", note->text);
    json_add_text(j, "why", note->why);
    if (*note->hint != '\0')
        json_add_text(j, "hint", note->hint);
    json_close_object(j);
}

static void notes_to_json(struct json *j, const char *name, const struct crontab_notes *notes)
{
    json_key(j, name);
    json_open_array(j);
    for (size_t n = 0; n < notes->count; n++)
        note_to_json(j, &notes->items[n]);
    json_close_array(j);
}

static void settings_to_json(struct json *j, const struct import *i)
{
    json_key(j, "settings");
    json_open_array(j);
    for (size_t n = 0; n < i->crontab.setting_count; n++) {
        json_open_object(j);
        json_add_int(j, "line", i->crontab.settings[n].line);
        json_add_text(j, "name", i->crontab.settings[n].name);
        json_add_int(j, "entries", (int64_t)i->crontab.settings[n].entries);
        json_close_object(j);
    }
    json_close_array(j);
}

static void vanished_to_json(struct json *j, const struct import *i)
{
    json_key(j, "vanished");
    json_open_array(j);
    for (size_t n = 0; n < i->vanished_count; n++) {
        json_open_object(j);
        json_add_text(j, "key", i->vanished[n].key);
        json_add_bool(j, "deleted", i->vanished[n].is_deleted);
        if (i->vanished[n].err.rc != RC_OK)
            json_add_text(j, "why", i->vanished[n].err.text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void counts_to_json(struct json *j, const struct import *i)
{
    json_key(j, "counts");
    json_open_object(j);
    for (int s = 0; s < IMPORT_STATE_COUNT; s++)
        json_add_int(j, import_state_name((enum import_state)s),
                     (int64_t)(s == IMPORT_REFUSED ? import_refused(i)
                                                   : import_count(i, (enum import_state)s)));
    json_add_int(j, "ignored", (int64_t)import_ignored(i));
    json_close_object(j);
}

void import_report_json(const struct import *i, struct buf *out)
{
    struct json j = json_into(out);

    json_open_object(&j);
    json_add_text(&j, "source", i->request.source);
    json_add_text(&j, "project", i->request.project);
    json_add_text(&j, "queue", i->request.queue);
    json_add_text(&j, "zone", i->request.zone);
    json_add_bool(&j, "dry_run", i->request.is_dry);
    json_add_bool(&j, "asked", i->has_asked);
    json_key(&j, "entries");
    json_open_array(&j);
    for (size_t n = 0; n < i->line_count; n++)
        line_to_json(&j, &i->lines[n]);
    json_close_array(&j);
    notes_to_json(&j, "refused", &i->crontab.refused);
    notes_to_json(&j, "ignored", &i->crontab.ignored);
    settings_to_json(&j, i);
    notes_to_json(&j, "notes", &i->crontab.notes);
    vanished_to_json(&j, i);
    counts_to_json(&j, i);
    json_close_object(&j);
    buf_add_char(out, '\n');
}
