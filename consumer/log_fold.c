#include "consumer/log_fold.h"

static void add_range(struct seq_ranges *ranges, int64_t from, int64_t to)
{
    if (from < to)
        ranges->items[ranges->count++] = (struct seq_range){from, to};
}

enum rc log_fold_take(struct log_writer_row *writer, struct seq_range lines, struct arena *memory,
                      struct seq_ranges *ret, struct error *err)
{
    size_t most = writer->gaps.count + 2;
    struct seq_ranges fresh = {arena_alloc(memory, most * sizeof *fresh.items), 0};
    struct seq_ranges gaps = {arena_alloc(memory, most * sizeof *gaps.items), 0};

    for (size_t i = 0; i < writer->gaps.count; i++) {
        struct seq_range gap = writer->gaps.items[i];

        add_range(&gaps, gap.from, MIN(gap.to, MAX(gap.from, lines.from)));
        add_range(&fresh, MAX(gap.from, lines.from), MIN(gap.to, lines.to));
        add_range(&gaps, MAX(gap.from, MIN(gap.to, lines.to)), gap.to);
    }
    add_range(&gaps, writer->next_seq, lines.from);
    add_range(&fresh, MAX(writer->next_seq, lines.from), lines.to);
    if (gaps.count > WRITER_GAPS_MAX)
        return error_set(err, RC_INVALID, "its writer has more than %d gaps", WRITER_GAPS_MAX);
    writer->gaps = gaps;
    writer->next_seq = MAX(writer->next_seq, lines.to);
    *ret = fresh;
    return RC_OK;
}

void log_fold_count(struct log_writer_row *writer, const struct line_list *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        writer->levels[lines->items[i].level]++;
}
