#include "consumer/log_rows.h"

#include "base/utf8.h"

static size_t count_dirty(const struct log_line *lines, size_t count)
{
    size_t dirty = 0;

    for (size_t i = 0; i < count; i++)
        dirty += !utf8_is_clean(lines[i].message, lines[i].message_len);
    return dirty;
}

static void escape_line(struct log_line *line, struct arena *memory)
{
    SCOPED_BUF text = {0};

    utf8_escape(&text, line->message, line->message_len);
    line->message = arena_strndup(memory, buf_text(&text), text.len);
    line->message_len = text.len;
}

/* Copies the lines, since only a copy may be changed. */
static void escape_dirty(struct log_batch_row *row, size_t dirty, struct arena *memory)
{
    struct log_line *lines =
        arena_memdup(memory, row->lines.items, row->lines.count * sizeof *lines);

    row->escaped.items = arena_alloc(memory, dirty * sizeof *row->escaped.items);
    for (size_t i = 0; i < row->lines.count; i++) {
        if (utf8_is_clean(lines[i].message, lines[i].message_len))
            continue;
        escape_line(&lines[i], memory);
        row->escaped.items[row->escaped.count++] = (int32_t)i + 1;
    }
    row->lines.items = lines;
}

struct log_batch_row log_row_of(const struct intake *in, struct seq_range range,
                                struct arena *memory)
{
    const struct log_batch *batch = in->record;
    struct log_batch_row row = {
        .execution_id = batch->execution_id,
        .task_id = batch->task_id,
        .writer = batch->writer,
        .received_at = in->message.timestamp,
        .first_seq = range.from,
        .attempt = batch->attempt,
        .lines = {batch->lines + (range.from - batch->first_seq), (size_t)(range.to - range.from)},
    };
    size_t dirty = count_dirty(row.lines.items, row.lines.count);

    for (size_t i = 0; i < row.lines.count; i++)
        row.levels |= 1 << row.lines.items[i].level;
    if (dirty > 0)
        escape_dirty(&row, dirty, memory);
    return row;
}
