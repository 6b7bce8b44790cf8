#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "c/worker.h"

/* Else its thread would never wait again: jobs may run for hours after that. */
static void who_has_stopped_reading_has_nothing_more_to_read(void **state UNUSED)
{
    struct cronobs_worker w = {.has_more = true};

    pthread_mutex_init(&w.lock, NULL);
    read_stop(&w);
    assert_false(w.has_more);
    pthread_mutex_destroy(&w.lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_stopped_reading_has_nothing_more_to_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
