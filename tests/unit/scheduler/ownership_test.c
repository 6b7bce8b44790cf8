#include "scheduler/ownership.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* How often the log says it. */
static int count_lines(FILE *log, const char *phrase)
{
    char line[2048];
    int count = 0;

    rewind(log);
    while (fgets(line, sizeof line, log) != NULL)
        count += strstr(line, phrase) != NULL;
    return count;
}

/* A person who has decided about one record must hear of the next one. */
static void each_place_where_it_stands_is_told_once(void **state UNUSED)
{
    static const int64_t places[] = {7, 7, 8, 8};
    const struct core_env env = {.prefix = "", .partitions = 1};
    const struct names names = {.commands = NULL};
    int standard_error = dup(STDERR_FILENO);
    struct ownership o;
    FILE *log = tmpfile();

    assert_non_null(log);
    assert_true(dup2(fileno(log), STDERR_FILENO) >= 0);
    ownership_init(&o, &env, &names);
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        ownership_stand(&o, 0, &(struct bus_position){"commands", 0, places[i]}, "why", 1);
    assert_true(dup2(standard_error, STDERR_FILENO) >= 0);
    assert_int_equal(count_lines(log, "a partition stands"), 2);
    ownership_clear(&o);
    (void)fclose(log);
    (void)close(standard_error);
}

/* Whoever may write could fill the log. */
static void of_many_batches_that_cannot_be_unpacked_one_a_minute_is_told(void **state UNUSED)
{
    const struct core_env env = {.prefix = "", .partitions = 2};
    char commands[] = "commands", status[] = "status";
    const struct names names = {.commands = commands, .status = status};
    struct bus_event e = {.kind = BUS_UNREADABLE, .topic = "status", .code = "_BAD_COMPRESSION"};
    int standard_error = dup(STDERR_FILENO);
    struct ownership o;
    FILE *log = tmpfile();

    assert_non_null(log);
    assert_true(dup2(fileno(log), STDERR_FILENO) >= 0);
    ownership_init(&o, &env, &names);
    for (int p = 0; p < env.partitions; p++) {
        o.of[p].core = core_new(&env, p);
        ownership_enter(&o.of[p], PHASE_READY, 1);
    }
    for (int64_t i = 0; i < 1000; i++) {
        e.partition = (int)(i % 2);
        e.offset = i / 2;
        e.next = e.offset + 1;
        assert_int_equal(ownership_take(&o, &e, 1 + i, NULL), RC_OK);
    }
    e.offset = e.next++;
    assert_int_equal(ownership_take(&o, &e, 2 * USEC_PER_MIN, NULL), RC_OK);
    assert_true(dup2(standard_error, STDERR_FILENO) >= 0);
    assert_int_equal(o.of[0].next[INPUT_STATUS], 500);
    assert_int_equal(o.of[1].next[INPUT_STATUS], 501);
    assert_int_equal(count_lines(log, "a batch that cannot be unpacked is passed over"), 3);
    assert_int_equal(count_lines(log, " left_out=499"), 1);
    ownership_clear(&o);
    (void)fclose(log);
    (void)close(standard_error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_where_it_stands_is_told_once),
        cmocka_unit_test(of_many_batches_that_cannot_be_unpacked_one_a_minute_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
