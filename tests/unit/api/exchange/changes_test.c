#include "api/exchange/changes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

enum { PARTITIONS = 3 };

struct fixture {
    struct change_set set;
    bool tasks_placed[PARTITIONS], tasks_read[PARTITIONS], logs_placed[PARTITIONS];
    struct place_span spans[8];
    size_t span_count;
};

static void begin(struct fixture *f)
{
    map_clear(&f->set.ids);
    *f = (struct fixture){0};
    f->set = (struct change_set){.tasks_placed = f->tasks_placed,
                                 .tasks_read = f->tasks_read,
                                 .logs_placed = f->logs_placed,
                                 .partitions = PARTITIONS};
}

static bool take(struct fixture *f, struct places *p, const struct place_row *rows, size_t count)
{
    begin(f);
    return places_take(p, rows, count, &f->set, f->spans, &f->span_count);
}

static void what_was_read_on_is_known_by_topic(void **state UNUSED)
{
    struct place_row rows[] = {{"executions.q", 1, 5},
                               {"logs", 2, 7},
                               {"status", 0, 3},
                               {"status", 1, 9},
                               {"tasks", 0, 4}};
    struct places places = {0};
    struct fixture f = {0};

    assert_false(take(&f, &places, rows, ARRAY_LEN(rows))); /* nothing is known before */
    assert_true(take(&f, &places, rows, ARRAY_LEN(rows)));
    assert_false(f.set.executions || f.set.tasks || f.span_count > 0);

    rows[3].next_offset = 12;
    assert_true(take(&f, &places, rows, ARRAY_LEN(rows)));
    assert_true(f.set.executions && !f.set.tasks);
    assert_int_equal(f.span_count, 1);
    assert_int_equal(f.spans[0].part, 1);
    assert_int_equal(f.spans[0].from, 9);
    assert_int_equal(f.spans[0].to, 12);

    rows[0].next_offset++;
    assert_true(take(&f, &places, rows, ARRAY_LEN(rows)));
    assert_true(f.set.executions && f.tasks_placed[1] && !f.tasks_placed[0]);
    assert_int_equal(f.span_count, 0);

    rows[1].next_offset++;
    rows[4].next_offset++;
    assert_true(take(&f, &places, rows, ARRAY_LEN(rows)));
    assert_true(f.logs_placed[2] && f.set.tasks && f.tasks_read[0] && !f.set.executions);
    places_clear(&places);
}

static void what_cannot_be_compared_is_not_known(void **state UNUSED)
{
    struct place_row rows[] = {{"status", 0, 3}, {"status", 1, 9}, {"status", 2, 1}};
    struct places places = {0};
    struct fixture f = {0};

    assert_false(take(&f, &places, rows, 2));
    assert_false(take(&f, &places, rows, 3)); /* one more */
    assert_true(take(&f, &places, rows, 3));
    rows[1].next_offset = 4; /* made anew */
    assert_false(take(&f, &places, rows, 3));
    assert_true(take(&f, &places, rows, 3));
    rows[2].part = 77; /* of another size */
    assert_false(take(&f, &places, rows, 3));
    rows[2].next_offset++;
    assert_true(take(&f, &places, rows, 3));
    places_clear(&places);
}

static struct told_row told(const char *key, usec_t at, int32_t revision)
{
    return (struct told_row){
        .kind = TOLD_REVISION, .task_id = task_id_of("p", key), .at = at, .revision = revision};
}

static void each_thing_is_told_once(void **state UNUSED)
{
    struct told_row rows[] = {told("a", 10, 1), told("b", 11, 1), told("a", 12, 2)};
    struct told_list known = {0};
    struct fixture f = {0};

    begin(&f);
    told_take(&known, rows, 1, true, &f.set); /* how things stood */
    assert_int_equal(f.set.ids.count, 0);
    begin(&f);
    told_take(&known, rows, 2, false, &f.set);
    assert_int_equal(f.set.ids.count, 1);
    assert_non_null(map_find(&f.set.ids, task_id_of("p", "b")));
    begin(&f);
    told_take(&known, rows, 2, false, &f.set);
    assert_int_equal(f.set.ids.count, 0);
    begin(&f);
    told_take(&known, rows, 3, false, &f.set);
    assert_int_equal(f.set.ids.count, 1);
    assert_non_null(map_find(&f.set.ids, task_id_of("p", "a")));
    map_clear(&f.set.ids);
    free(known.items);
}

static void an_outcome_names_its_execution(void **state UNUSED)
{
    struct told_row row = told("a", 10, 1);
    struct told_list known = {0};
    struct fixture f = {0};

    row.kind = TOLD_OUTCOME;
    row.execution_id = task_id_of("p", "anything");
    begin(&f);
    told_take(&known, &row, 1, false, &f.set);
    assert_non_null(map_find(&f.set.ids, row.execution_id));
    map_clear(&f.set.ids);
    free(known.items);
}

static void a_partition_of_which_nothing_is_found_has_changed(void **state UNUSED)
{
    struct told_row row = told("a", 10, 1);
    int part = partition_of(row.task_id, PARTITIONS), other = (part + 1) % PARTITIONS;
    struct told_list known = {0};
    struct fixture f = {0};

    begin(&f);
    f.tasks_read[part] = f.tasks_read[other] = true;
    told_take(&known, &row, 1, false, &f.set);
    assert_true(!f.tasks_placed[part] && f.tasks_placed[other]);
    begin(&f);
    f.tasks_read[part] = true; /* and it is old by the clock of the newest */
    told_take(&known, &row, 1, false, &f.set);
    assert_true(f.tasks_placed[part]);
    map_clear(&f.set.ids);
    free(known.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_on_is_known_by_topic),
        cmocka_unit_test(what_cannot_be_compared_is_not_known),
        cmocka_unit_test(each_thing_is_told_once),
        cmocka_unit_test(an_outcome_names_its_execution),
        cmocka_unit_test(a_partition_of_which_nothing_is_found_has_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
