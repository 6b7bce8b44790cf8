#include "scheduler/ownership.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* How often the log says that a partition stands. */
static int count_lines(FILE *log)
{
    char line[2048];
    int count = 0;

    rewind(log);
    while (fgets(line, sizeof line, log) != NULL)
        count += strstr(line, "a partition stands") != NULL;
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
    assert_int_equal(count_lines(log), 2);
    ownership_clear(&o);
    (void)fclose(log);
    (void)close(standard_error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_where_it_stands_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
