#include "support/memory_tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"
#include "store/values.h"
#include "support/broker.h"

enum { CELLS = 48 };

struct cell {
    const char *column;
    struct bytes value; /* length and binary value, as value_put writes them */
};

struct row {
    const char *table;
    struct cell cells[CELLS];
    size_t count;
    bool removed;
    struct row *next; /* with the same execution id */
};

struct memory_tables {
    struct arena *memory;
    struct row **rows;
    size_t count, capacity;
    struct map by_key;       /* table and key -> row */
    struct map by_execution; /* table and execution id -> rows */
};

struct memory_tables *memory_tables_new(void)
{
    struct memory_tables *t = xcalloc(1, sizeof *t);

    t->memory = arena_new(0);
    return t;
}

void memory_tables_free(struct memory_tables *t)
{
    map_clear(&t->by_key);
    map_clear(&t->by_execution);
    arena_free(t->memory);
    free(t->rows);
    free(t);
}

/* --- cells --- */

static struct cell *cell_of(struct row *row, const char *column)
{
    for (size_t i = 0; i < row->count; i++)
        if (strcmp(row->cells[i].column, column) == 0)
            return &row->cells[i];
    return NULL;
}

static void set(struct memory_tables *t, struct row *row, const struct column *c, const void *data)
{
    SCOPED_BUF value = {0};
    struct cell *cell = cell_of(row, c->name);

    value_put(&value, c, data);
    if (cell == NULL) {
        cell = &row->cells[row->count++];
        cell->column = c->name;
    }
    cell->value = (struct bytes){arena_memdup(t->memory, value.data, value.len), value.len};
}

static void set_all(struct memory_tables *t, struct row *row, const struct row_type *type,
                    int groups, const void *data)
{
    for (const struct column *c = type->columns; c->name != NULL; c++)
        if (((int)c->group & groups) != 0)
            set(t, row, c, data);
}

static int64_t number_of(struct row *row, const char *column)
{
    const struct cell *cell = cell_of(row, column);
    const unsigned char *p = cell != NULL ? cell->value.data : NULL;
    int64_t n = 0;

    for (size_t i = 4; p != NULL && i < cell->value.len; i++)
        n = (int64_t)((uint64_t)n << 8 | p[i]);
    return n;
}

/* --- rows --- */

static struct uuid key_of(const struct row_type *type, const void *data)
{
    SCOPED_BUF key = {0};
    SCOPED_BUF text = {0};

    for (const struct column *c = type->columns; c->name != NULL; c++)
        if (c->group == GROUP_KEY)
            value_put(&key, c, data);
    buf_add_text(&text, type->table);
    for (size_t i = 0; i < key.len; i++)
        buf_printf(&text, "%02x", (unsigned char)key.data[i]);
    return uuid_named(UUID_NIL, buf_text(&text));
}

static struct uuid execution_key(const char *table, struct uuid execution)
{
    return uuid_named(execution, table);
}

static struct row *find(const struct memory_tables *t, const struct row_type *type,
                        const void *data)
{
    struct row *row = map_find(&t->by_key, key_of(type, data));

    return row != NULL && !row->removed ? row : NULL;
}

static void insert(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = arena_alloc(t->memory, sizeof *row);
    struct uuid execution;

    row->table = type->table;
    set_all(t, row, type, ~0, data);
    t->rows = array_grow(t->rows, t->count, &t->capacity, sizeof(struct row *));
    t->rows[t->count++] = row;
    map_put(&t->by_key, key_of(type, data), row);
    if (strcmp(type->columns[0].name, "execution_id") != 0)
        return;
    execution = execution_key(type->table, *(const struct uuid *)data);
    row->next = map_find(&t->by_execution, execution);
    map_put(&t->by_execution, execution, row);
}

static void insert_new(struct memory_tables *t, const struct row_type *type, const void *data)
{
    assert_null(find(t, type, data));
    insert(t, type, data);
}

static void insert_or_keep(struct memory_tables *t, const struct row_type *type, const void *data)
{
    if (find(t, type, data) == NULL)
        insert(t, type, data);
}

static void update(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    assert_non_null(row);
    set_all(t, row, type, ~GROUP_KEY, data);
}

static void update_life(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    assert_non_null(row);
    set_all(t, row, type, GROUP_LIFE, data);
}

static void remove_row(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    if (row == NULL)
        fail_msg("a row to be removed is not there");
    else
        row->removed = true;
}

static void replace(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    if (row == NULL)
        insert(t, type, data);
    else
        set_all(t, row, type, GROUP_REST, data);
}

static void put_task(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    if (row == NULL ||
        ((const struct task_row *)data)->kafka_offset > number_of(row, "kafka_offset"))
        replace(t, type, data);
}

/* In place before misplaced, then by partition and offset. */
static bool is_lower(const struct command_row *c, struct row *row, const char *const names[3])
{
    const int64_t mine[] = {c->misplaced, c->kafka_partition, c->kafka_offset};

    if (cell_of(row, names[0]) == NULL)
        return true; /* only the other half is there */
    for (int i = 0; i < 3; i++)
        if (mine[i] != number_of(row, names[i]))
            return mine[i] < number_of(row, names[i]);
    return false;
}

static void put_command(struct memory_tables *t, const struct row_type *type, const void *data)
{
    static const char *const names[] = {"misplaced", "kafka_partition", "kafka_offset"};
    struct row *row = find(t, type, data);

    if (row == NULL || is_lower(data, row, names))
        replace(t, type, data);
}

static void put_outcome(struct memory_tables *t, const struct row_type *type, const void *data)
{
    static const char *const names[] = {"outcome_misplaced", "outcome_partition", "outcome_offset"};
    struct row *row = find(t, type, data);

    if (row == NULL || is_lower(data, row, names))
        replace(t, type, data);
}

static void put_skip(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    if (row == NULL ||
        ((const struct skip_row *)data)->kafka_offset > number_of(row, "outcome_offset"))
        replace(t, type, data);
}

static void remove_if_there(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);

    if (row != NULL)
        row->removed = true;
}

static void add_up(struct memory_tables *t, const struct row_type *type, const void *data)
{
    struct row *row = find(t, type, data);
    struct rollup_row sum = *(const struct rollup_row *)data;

    if (row == NULL) {
        insert(t, type, data);
        return;
    }
    sum.count += number_of(row, "count");
    sum.run_ms += number_of(row, "run_ms");
    assert_true(sum.count >= 0);
    set_all(t, row, type, GROUP_REST, &sum);
    row->removed = sum.count == 0 && sum.run_ms == 0;
}

static bool collides(const struct memory_tables *t, enum store_op op, struct row_list list)
{
    const struct row_type *type = store_op_type(op);

    for (size_t i = 0; i < list.count; i++)
        if (find(t, type, (const char *)list.items + i * type->size) != NULL)
            return true;
    return false;
}

static bool write_rows(struct memory_tables *t, const struct store_rows *rows)
{
    static void (*const writers[STORE_OP_COUNT])(struct memory_tables *, const struct row_type *,
                                                 const void *) = {
        [STORE_NEW_EXECUTIONS] = insert_new,
        [STORE_EXECUTION_LIVES] = update_life,
        [STORE_EXECUTIONS] = update,
        [STORE_NEW_STRAYS] = insert_new,
        [STORE_STRAYS] = update,
        [STORE_STRAYS_MADE] = remove_row,
        [STORE_EVENTS] = insert_new,
        [STORE_EVENTS_JUDGED] = update_life,
        [STORE_REPEATS] = insert_new,
        [STORE_REPEATS_JUDGED] = update_life,
        [STORE_LOG_BATCHES] = insert_new,
        [STORE_NEW_WRITERS] = insert_new,
        [STORE_WRITERS] = update,
        [STORE_ROLLUPS] = add_up,
        [STORE_ROLLUPS_ALL] = add_up,
        [STORE_TASKS] = put_task,
        [STORE_TASK_REVISIONS] = insert_or_keep,
        [STORE_COMMANDS] = put_command,
        [STORE_OUTCOMES] = put_outcome,
        [STORE_SKIPS] = put_skip,
        [STORE_SKIPS_OVER] = remove_if_there,
        [STORE_GAPS] = insert_or_keep,
        [STORE_HEARTBEATS] = replace,
        [STORE_DEAD_LETTERS] = insert_or_keep,
    };

    if (collides(t, STORE_EVENTS, rows->of[STORE_EVENTS]))
        return false;
    for (size_t op = 0; op < STORE_OP_COUNT; op++) {
        const struct row_type *type = store_op_type((enum store_op)op);

        for (size_t i = 0; i < rows->of[op].count; i++)
            writers[op](t, type, (const char *)rows->of[op].items + i * type->size);
    }
    return true;
}

/* --- reading --- */

static void read_row(struct row *row, const struct row_type *type, int groups, struct arena *memory,
                     void *ret)
{
    for (const struct column *c = type->columns; c->name != NULL; c++) {
        struct cell *cell = cell_of(row, c->name);
        const char *p = cell != NULL ? cell->value.data : NULL;
        struct bytes value = {p + 4, cell != NULL ? cell->value.len - 4 : 0};

        if (((int)c->group & groups) == 0 || p == NULL || memcmp(p, "\xff\xff\xff\xff", 4) == 0)
            continue;
        MUST(value_get(c, value, memory, ret, &test_error));
    }
}

static struct row *rows_of(struct memory_tables *t, const char *table, struct uuid execution)
{
    struct row *row = map_find(&t->by_execution, execution_key(table, execution));

    while (row != NULL && row->removed)
        row = row->next;
    return row;
}

static struct row *next_of(struct row *row)
{
    do
        row = row->next;
    while (row != NULL && row->removed);
    return row;
}

static void tell_executions(struct memory_tables *t, struct projector *p, struct row_list keys)
{
    const struct execution_key *key = keys.items;

    for (size_t i = 0; i < keys.count; i++) {
        struct execution_row made = {.execution_id = key[i].execution_id,
                                     .task_id = key[i].task_id};
        struct execution_row stray = made;
        struct row *made_row = find(t, &execution_type, &made),
                   *stray_row = find(t, &stray_type, &stray);

        if (made_row != NULL) {
            read_row(made_row, &execution_type, GROUP_KEY | GROUP_LIFE | GROUP_ORIGIN, t->memory,
                     &made);
            projector_know_execution(p, &made);
        }
        if (stray_row != NULL) {
            read_row(stray_row, &stray_type, GROUP_KEY | GROUP_LIFE, t->memory, &stray);
            projector_know_stray(p, &stray);
        }
    }
}

static void tell_writers(struct memory_tables *t, struct projector *p, struct row_list keys)
{
    for (size_t i = 0; i < keys.count; i++) {
        struct log_writer_row writer = ((const struct log_writer_row *)keys.items)[i];
        struct row *row = find(t, &log_writer_type, &writer);

        if (row == NULL)
            continue;
        read_row(row, &log_writer_type, ~0, t->memory, &writer);
        projector_know_writer(p, &writer);
    }
}

static void tell_events(struct memory_tables *t, struct projector *p, struct row_list keys)
{
    for (size_t i = 0; i < keys.count; i++)
        if (find(t, &event_type, (const struct event_row *)keys.items + i) != NULL)
            projector_know_event(p, (const struct event_row *)keys.items + i);
}

/* --- folding again --- */

enum { PIECE = 3 };

struct reports {
    struct event_row *items;
    size_t count, capacity;
};

static int order_offsets(const void *a, const void *b)
{
    const struct event_row *x = a, *y = b;

    return x->kafka_offset < y->kafka_offset ? -1 : x->kafka_offset > y->kafka_offset;
}

static void add_reports(struct memory_tables *t, const struct row_type *type,
                        struct execution_key key, struct reports *ret)
{
    for (struct row *row = rows_of(t, type->table, key.execution_id); row != NULL;
         row = next_of(row)) {
        struct event_row event = {.is_repeat = type == &repeat_type};

        read_row(row, type, GROUP_KEY | GROUP_LIFE | GROUP_ORIGIN, t->memory, &event);
        if (!uuid_equal(event.task_id, key.task_id))
            continue;
        ret->items = array_grow(ret->items, ret->count, &ret->capacity, sizeof *ret->items);
        ret->items[ret->count++] = event;
    }
}

static struct reports reports_of(struct memory_tables *t, struct row_list keys)
{
    struct reports all = {NULL, 0, 0};

    for (size_t i = 0; i < keys.count; i++) {
        size_t from = all.count;

        add_reports(t, &event_type, ((const struct execution_key *)keys.items)[i], &all);
        add_reports(t, &repeat_type, ((const struct execution_key *)keys.items)[i], &all);
        if (all.count > from)
            qsort(all.items + from, all.count - from, sizeof *all.items, order_offsets);
    }
    return all;
}

static void move_texts(struct event_row *rows, size_t count, struct arena *memory)
{
    for (size_t i = 0; i < count; i++) {
        rows[i].worker = rows[i].worker == NULL ? NULL : arena_strdup(memory, rows[i].worker);
        rows[i].message = rows[i].message == NULL ? NULL : arena_strdup(memory, rows[i].message);
    }
}

/* The texts of a piece are gone when the next but one comes. */
static void fold_again(struct memory_tables *t, struct projector *p, struct row_list keys,
                       struct arena *memory)
{
    struct reports all = reports_of(t, keys);
    struct arena *texts[2] = {NULL, NULL};
    size_t count = PIECE;

    for (size_t from = 0; count == PIECE; from += count) {
        struct arena **mine = &texts[from / PIECE % 2];
        struct store_rows judged;

        count = MIN(all.count - from, (size_t)PIECE);
        arena_free(*mine);
        *mine = arena_new(0);
        move_texts(all.items + from, count, *mine);
        judged = projector_fold_again(p, all.items + from, count, count == PIECE ? *mine : memory);
        assert_true(write_rows(t, &judged));
    }
    arena_free(texts[0]);
    arena_free(texts[1]);
    free(all.items);
}

/* --- a batch --- */

/* One try at a batch; false: some new row is there already, so it must be run again, carefully. */
static bool store_batch(struct memory_tables *tables, const struct message *messages, size_t count,
                        int partitions, bool careful)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(projector) struct projector *p = projector_new(memory);
    struct intake *items = arena_alloc(memory, count * sizeof *items);
    struct store_rows rows;

    for (size_t i = 0; i < count; i++)
        items[i] = intake_take(&messages[i], partitions, memory);
    tell_executions(tables, p, projector_executions(items, count, memory));
    tell_writers(tables, p, projector_writers(items, count, memory));
    if (careful)
        tell_events(tables, p, projector_events(items, count, memory));
    fold_again(tables, p, projector_begin(p, items, count), memory);
    for (size_t i = 0; i < count; i++)
        projector_take(p, &items[i]);
    rows = projector_rows(p);
    return write_rows(tables, &rows);
}

void memory_tables_store(struct memory_tables *t, const struct message *messages, size_t count,
                         int partitions)
{
    if (!store_batch(t, messages, count, partitions, false))
        assert_true(store_batch(t, messages, count, partitions, true));
}

/* --- showing --- */

static const char *line_of(struct memory_tables *t, const struct row *row)
{
    SCOPED_BUF line = {0};

    buf_printf(&line, "%s", row->table);
    for (size_t i = 0; i < CELLS; i++) {
        const unsigned char *p = row->cells[i].value.data;

        if (i >= row->count || memcmp(p, "\xff\xff\xff\xff", 4) == 0)
            continue; /* NULL, set or not */
        buf_printf(&line, " %s=", row->cells[i].column);
        for (size_t n = 4; n < row->cells[i].value.len; n++)
            buf_printf(&line, p[n] >= ' ' && p[n] < 127 ? "%c" : "\\%02x", p[n]);
    }
    return arena_strdup(t->memory, buf_text(&line));
}

static int order_cells(const void *a, const void *b)
{
    return strcmp(((const struct cell *)a)->column, ((const struct cell *)b)->column);
}

static int order_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void memory_tables_dump(struct memory_tables *t, struct buf *out)
{
    const char **lines = xcalloc(t->count + 1, sizeof *lines);
    size_t count = 0;

    for (size_t i = 0; i < t->count; i++) {
        if (t->rows[i]->removed || strcmp(t->rows[i]->table, "execution_heartbeat") == 0)
            continue;
        qsort(t->rows[i]->cells, t->rows[i]->count, sizeof(struct cell), order_cells);
        lines[count++] = line_of(t, t->rows[i]);
    }
    qsort(lines, count, sizeof *lines, order_lines);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "%s\n", lines[i]);
    free(lines);
}

size_t memory_tables_count(const struct memory_tables *t, const char *table)
{
    size_t count = 0;

    for (size_t i = 0; i < t->count; i++)
        count += !t->rows[i]->removed && strcmp(t->rows[i]->table, table) == 0;
    return count;
}

bool memory_tables_execution(const struct memory_tables *t, struct uuid execution, struct uuid task,
                             struct execution_row *ret)
{
    const struct execution_row key = {.execution_id = execution, .task_id = task};
    struct row *row = find(t, &execution_type, &key);

    if (row != NULL)
        read_row(row, &execution_type, GROUP_KEY | GROUP_LIFE | GROUP_ORIGIN, t->memory, ret);
    return row != NULL;
}

usec_t memory_tables_skip(const struct memory_tables *t, struct uuid task)
{
    struct skip_row skip = {.task_id = task};
    struct row *row = find(t, &task_skip_type, &skip);

    if (row != NULL)
        read_row(row, &task_skip_type, ~0, t->memory, &skip);
    return skip.skip_until;
}
