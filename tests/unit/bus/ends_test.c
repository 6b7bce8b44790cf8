/* What answers a question after an end; the reader is played by this file. */
#include "bus/ends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bus/driver.h"

enum { HIGH = 20 };

static const char topic[] = "t";
static struct bus_event coming; /* once */
static int removed = -1;        /* the partition that is read no more */

static enum rc new_reader(struct bus *bus, const struct bus_consumer_config *config UNUSED,
                          struct bus_consumer **ret, struct error *err UNUSED)
{
    static struct bus_consumer reader;

    reader.driver = bus->driver;
    *ret = &reader;
    return RC_OK;
}

static void free_reader(struct bus_consumer *c UNUSED)
{
}

static enum rc assign(struct bus_consumer *c UNUSED, const struct bus_position *positions UNUSED,
                      size_t count UNUSED, struct error *err UNUSED)
{
    removed = -1;
    return RC_OK;
}

static void assign_remove(struct bus_consumer *c UNUSED, const char *of, int partition)
{
    assert_string_equal(of, topic);
    removed = partition;
}

static void poll_once(struct bus_consumer *c UNUSED, int timeout_ms UNUSED, struct bus_event *ret)
{
    *ret = coming;
    coming = (struct bus_event){.kind = BUS_NOTHING};
}

static int64_t high_watermark(struct bus_consumer *c UNUSED, const char *of UNUSED, int partition)
{
    return removed == partition ? -1 : HIGH;
}

static const struct bus_driver driver = {.consumer_new = new_reader,
                                         .consumer_free = free_reader,
                                         .assign = assign,
                                         .assign_remove = assign_remove,
                                         .poll = poll_once,
                                         .high_watermark = high_watermark};
static struct bus bus = {.driver = &driver};

/* What is found is where the end is, and nothing more is fetched of what nobody takes. */
static void what_has_answered_is_read_no_more(void **state UNUSED)
{
    static const struct {
        struct bus_event event;
        int64_t stable, high;
    } cases[] = {
        {{.kind = BUS_EOF, .offset = 17}, 17, HIGH},
        {{.kind = BUS_MESSAGE, .offset = 17}, 18, HIGH},
        {{.kind = BUS_UNREADABLE, .offset = 15, .next = 20}, 20, HIGH},
        {{.kind = BUS_UNREADABLE, .offset = 15, .next = 25}, 25, 25},
        {{.kind = BUS_FAILED, .err = {.rc = RC_NOT_FOUND}}, 0, 0},
    };
    const struct bus_position place = {.topic = topic, .partition = 3};
    SCOPED(ends) struct ends *e = NULL;

    assert_int_equal(ends_new(&bus, &e, NULL), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct ends_answer answer;

        assert_int_equal(ends_ask(e, &place, 1, NULL), RC_OK);
        coming = cases[i].event;
        coming.topic = topic;
        coming.partition = 3;
        assert_true(ends_take(e, 0, &answer));
        assert_int_equal(answer.rc, cases[i].event.err.rc);
        assert_int_equal(answer.stable, cases[i].stable);
        assert_int_equal(answer.high, cases[i].high);
        assert_int_equal(removed, 3);
        assert_int_equal(ends_open(e), 0);
    }
}

static void a_failure_that_passes_is_no_answer(void **state UNUSED)
{
    const struct bus_position place = {.topic = topic, .partition = 3};
    SCOPED(ends) struct ends *e = NULL;
    struct ends_answer answer;

    assert_int_equal(ends_new(&bus, &e, NULL), RC_OK);
    assert_int_equal(ends_ask(e, &place, 1, NULL), RC_OK);
    coming = (struct bus_event){
        .kind = BUS_FAILED, .topic = topic, .partition = 3, .err = {.rc = RC_RETRY}};
    assert_false(ends_take(e, 0, &answer));
    assert_int_equal(removed, -1);
    assert_int_equal(ends_open(e), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_answered_is_read_no_more),
        cmocka_unit_test(a_failure_that_passes_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
