#include "api/exchange/log_event.h"

void put_log_line(struct json *j, const struct log_line_view *line)
{
    json_add_int(j, "seq", line->seq);
    if (line->at != 0)
        json_add_instant(j, "at", line->at);
    json_add_instant(j, "received_at", line->received_at);
    json_add_text(j, "level", enum_name(&log_level_enum, (int)log_level_of(line->level[0])));
    json_add_text(j, "stream", log_stream_name(line->stream[0]));
    json_add_text(j, "message", line->message);
    if (line->escaped)
        json_add_bool(j, "escaped", true);
    if (line->unfinished)
        json_add_bool(j, "unfinished", true);
}

/* What does not fit any more is taken back. */
static bool put_line(struct json *j, const struct log_line_view *line, size_t began, bool is_first)
{
    struct json before = *j;
    size_t len = j->out->len;

    json_open_object(j);
    put_log_line(j, line);
    json_close_object(j);
    if (is_first || j->out->len - began <= LOG_EVENT_MAX)
        return true;
    j->out->len = len;
    j->out->data[len] = '\0';
    *j = before;
    return false;
}

size_t log_event(const char *topic, const struct log_line_view *lines, size_t count, bool more,
                 struct buf *out)
{
    struct json j = json_into(out);
    size_t taken = 0, began = out->len;

    json_open_object(&j);
    json_add_text(&j, "topic", topic);
    json_add_int(&j, "from", lines[0].seq);
    json_key(&j, "lines");
    json_open_array(&j);
    while (taken < count && lines[taken].seq == lines[0].seq + (int64_t)taken &&
           put_line(&j, &lines[taken], began, taken == 0))
        taken++;
    json_close_array(&j);
    json_add_bool(&j, "more", more || taken < count);
    json_close_object(&j);
    return taken;
}
