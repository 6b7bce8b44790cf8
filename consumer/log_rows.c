#include "consumer/log_rows.h"

#include "base/utf8.h"

enum { ESCAPED = 1, UNFINISHED = 2 };

/* What the writer says of each line; marks of lines that are not there mean nothing. */
static uint8_t *read_marks(const struct log_batch *batch, struct arena *memory)
{
    uint8_t *marks = arena_alloc(memory, batch->line_count + 1);

    for (size_t i = 0; i < batch->mark_count; i++) {
        const struct log_mark *m = &batch->marks[i];

        if (m->line >= 1 && (size_t)m->line <= batch->line_count)
            marks[m->line - 1] |=
                (uint8_t)((m->escaped ? ESCAPED : 0) | (m->unfinished ? UNFINISHED : 0));
    }
    return marks;
}

/* What its writer escaped is not escaped a second time. */
static void escape_line(struct log_line *line, bool is_escaped, struct arena *memory)
{
    SCOPED_BUF text = {0};

    if (is_escaped)
        utf8_escape(&text, line->message, line->message_len);
    else
        utf8_escape_exactly(&text, line->message, line->message_len);
    line->message = arena_strndup(memory, buf_text(&text), text.len);
    line->message_len = text.len;
}

/* Copies the lines once there is one to be changed. */
static void escape_dirty(struct line_list *lines, uint8_t *marks, struct arena *memory)
{
    struct log_line *copy = NULL;

    for (size_t i = 0; i < lines->count; i++) {
        if (utf8_is_clean(lines->items[i].message, lines->items[i].message_len))
            continue;
        if (copy == NULL)
            lines->items = copy = arena_memdup(memory, lines->items, lines->count * sizeof *copy);
        escape_line(&copy[i], (marks[i] & ESCAPED) != 0, memory);
        marks[i] |= ESCAPED;
    }
}

/* The lines that bear a mark; the first is 1. */
static struct numbers lines_with(const uint8_t *marks, size_t count, uint8_t mark,
                                 struct arena *memory)
{
    struct numbers found = {0};
    size_t wanted = 0;

    for (size_t i = 0; i < count; i++)
        wanted += (marks[i] & mark) != 0;
    if (wanted == 0)
        return found;
    found.items = arena_alloc(memory, wanted * sizeof *found.items);
    for (size_t i = 0; i < count; i++)
        if ((marks[i] & mark) != 0)
            found.items[found.count++] = (int32_t)i + 1;
    return found;
}

struct log_batch_row log_row_of(const struct intake *in, struct seq_range range,
                                struct arena *memory)
{
    const struct log_batch *batch = in->record;
    size_t first = (size_t)(range.from - batch->first_seq);
    uint8_t *marks = read_marks(batch, memory) + first;
    struct log_batch_row row = {
        .execution_id = batch->execution_id,
        .task_id = batch->task_id,
        .writer = batch->writer,
        .received_at = in->message.timestamp,
        .first_seq = range.from,
        .attempt = batch->attempt,
        .lines = {batch->lines + first, (size_t)(range.to - range.from)},
    };

    for (size_t i = 0; i < row.lines.count; i++)
        row.levels |= 1 << row.lines.items[i].level;
    escape_dirty(&row.lines, marks, memory);
    row.escaped = lines_with(marks, row.lines.count, ESCAPED, memory);
    row.unfinished = lines_with(marks, row.lines.count, UNFINISHED, memory);
    return row;
}
