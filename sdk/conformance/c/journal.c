#include "journal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"

static int journal = -1;

bool journal_open(const char *path)
{
    journal = *path == '\0' ? -1 : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    return journal >= 0 || *path == '\0';
}

static struct json begin_line(struct buf *line, const char *what, const struct cronobs_execution *e)
{
    struct json j = json_into(line);

    json_open_object(&j);
    json_add_text(&j, "what", what);
    json_add_int(&j, "at", clock_realtime());
    json_add_int(&j, "pid", getpid());
    if (e != NULL) {
        json_add_text(&j, "execution_id", e->execution_id);
        json_add_int(&j, "attempt", e->attempt);
    }
    return j;
}

/* In one write, for other processes have the file as well. */
static void end_line(struct buf *line, struct json *j)
{
    json_close_object(j);
    buf_add_char(line, '\n');
    if (journal >= 0 && write(journal, line->data, line->len) != (ssize_t)line->len)
        abort();
}

void journal_start(void)
{
    SCOPED_BUF line = {0};
    struct json j = begin_line(&line, "start", NULL);

    end_line(&line, &j);
}

static const char *or_null(const char *text)
{
    return *text == '\0' ? NULL : text;
}

void journal_begin(const struct cronobs_execution *e)
{
    SCOPED_BUF line = {0};
    struct json j = begin_line(&line, "begin", e);

    json_add_text(&j, "task", e->task_key);
    json_add_int(&j, "bytes", (int64_t)e->payload_len);
    json_add_text(&j, "traceparent", or_null(e->traceparent));
    json_add_text(&j, "content_type", or_null(e->content_type));
    json_key(&j, "labels");
    json_open_object(&j);
    for (size_t i = 0; i < e->label_count; i++)
        json_add_text(&j, e->labels[i].name, e->labels[i].value);
    json_close_object(&j);
    end_line(&line, &j);
}

void journal_note(const struct cronobs_execution *e, const char *what, const char *member,
                  const char *value)
{
    SCOPED_BUF line = {0};
    struct json j = begin_line(&line, what, e);

    if (member != NULL) {
        json_key(&j, member);
        json_raw(&j, value);
    }
    end_line(&line, &j);
}
