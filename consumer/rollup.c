#include "consumer/rollup.h"

#include <stdlib.h>

typedef int (*order_fn)(const void *a, const void *b);

static int64_t run_ms(const struct execution_row *row)
{
    if (row->status < STATUS_SUCCEEDED || row->started_at == 0 ||
        row->finished_at <= row->started_at)
        return 0;
    return (row->finished_at - row->started_at) / USEC_PER_MS;
}

struct rollup_row rollup_of(const struct execution_row *row, int kafka_partition)
{
    usec_t at = execution_id_ms(row->execution_id) * USEC_PER_MS;

    return (struct rollup_row){
        .task_id = row->task_id,
        .bucket = at - at % ROLLUP_BUCKET, /* ids begin in 2000 */
        .count = 1,
        .run_ms = run_ms(row),
        .kafka_partition = kafka_partition,
        .status = row->status,
    };
}

void rollup_clear(struct rollup *r)
{
    free(r->items);
    *r = (struct rollup){0};
}

static void add(struct rollup *r, struct rollup_row row, int sign)
{
    r->items = array_grow(r->items, r->count, &r->capacity, sizeof *r->items);
    row.count *= sign;
    row.run_ms *= sign;
    r->items[r->count++] = row;
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int task_order(const void *a, const void *b)
{
    const struct rollup_row *x = a, *y = b;
    int order = uuid_order(x->task_id, y->task_id);

    if (order == 0)
        order = compare(x->bucket, y->bucket);
    return order != 0 ? order : compare(x->status, y->status);
}

static int partition_order(const void *a, const void *b)
{
    const struct rollup_row *x = a, *y = b;
    int order = compare(x->bucket, y->bucket);

    if (order == 0)
        order = compare(x->kafka_partition, y->kafka_partition);
    return order != 0 ? order : compare(x->status, y->status);
}

void rollup_move(struct rollup *r, const struct rollup_row *before, const struct rollup_row *after)
{
    if (before != NULL && task_order(before, after) == 0 && before->run_ms == after->run_ms)
        return;
    if (before != NULL)
        add(r, *before, -1);
    add(r, *after, 1);
}

static struct rollup_row *add_up(struct rollup *r, order_fn order, struct arena *memory,
                                 size_t *ret_count)
{
    struct rollup_row *sums = arena_alloc(memory, r->count * sizeof *sums);
    size_t count = 0;

    if (r->count > 0)
        qsort(r->items, r->count, sizeof *r->items, order);
    for (size_t i = 0; i < r->count; i++) {
        if (count > 0 && order(&sums[count - 1], &r->items[i]) == 0) {
            sums[count - 1].count += r->items[i].count;
            sums[count - 1].run_ms += r->items[i].run_ms;
            continue;
        }
        if (count > 0 && sums[count - 1].count == 0 && sums[count - 1].run_ms == 0)
            count--;
        sums[count++] = r->items[i];
    }
    if (count > 0 && sums[count - 1].count == 0 && sums[count - 1].run_ms == 0)
        count--;
    *ret_count = count;
    return sums;
}

struct rollup_row *rollup_by_task(struct rollup *r, struct arena *memory, size_t *ret_count)
{
    return add_up(r, task_order, memory, ret_count);
}

struct rollup_row *rollup_by_partition(struct rollup *r, struct arena *memory, size_t *ret_count)
{
    return add_up(r, partition_order, memory, ret_count);
}
