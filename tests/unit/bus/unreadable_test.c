/* Searching for the end of a batch that cannot be unpacked: librdkafka's part in it is played by this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus/kafka.h"

enum { FIRST = 10, NEXT = 15, END = 100 }; /* the batch holds 10 to 14 */

static int64_t position; /* where the partition is read next */

rd_kafka_resp_err_t rd_kafka_get_watermark_offsets(rd_kafka_t *rk UNUSED, const char *topic UNUSED,
                                                   int32_t partition UNUSED, int64_t *low,
                                                   int64_t *high)
{
    *low = 0;
    *high = END;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_error_t *rd_kafka_seek_partitions(rd_kafka_t *rk UNUSED,
                                           rd_kafka_topic_partition_list_t *list,
                                           int timeout_ms UNUSED)
{
    position = list->elems[0].offset;
    return NULL;
}

static rd_kafka_t *rk;
static rd_kafka_topic_t *topic;

static int begin(void **state UNUSED)
{
    char why[256];

    rk = rd_kafka_new(RD_KAFKA_CONSUMER, NULL, why, sizeof why);
    topic = rd_kafka_topic_new(rk, "t", NULL);
    return rk == NULL || topic == NULL;
}

static int end(void **state UNUSED)
{
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return 0;
}

/* What a read from `position` brings. */
static bool read_once(struct kafka_searches *s, rd_kafka_resp_err_t trouble, struct bus_event *ret)
{
    bool is_inside = position >= FIRST && position < NEXT;
    rd_kafka_message_t m = {.rkt = topic, .offset = is_inside ? FIRST : position, .err = trouble};

    if (m.err == RD_KAFKA_RESP_ERR_NO_ERROR && is_inside)
        m.err = RD_KAFKA_RESP_ERR__BAD_COMPRESSION;
    *ret = (struct bus_event){.kind = BUS_NOTHING};
    return kafka_search_take(s, rk, &m, ret);
}

static void what_is_passed_is_the_batch_and_nothing_else(void **state UNUSED)
{
    struct kafka_searches s = {0};
    struct bus_event e = {.kind = BUS_NOTHING};

    position = FIRST;
    while (e.kind == BUS_NOTHING)
        assert_true(read_once(&s, RD_KAFKA_RESP_ERR_NO_ERROR, &e));
    assert_int_equal(e.kind, BUS_UNREADABLE);
    assert_int_equal(e.offset, FIRST);
    assert_int_equal(e.next, NEXT);
    assert_int_equal(position, NEXT);
    kafka_search_clear(&s);
}

/* A broker that fails for a moment: the program goes on, and must not go on behind what was never read. */
static void a_search_that_is_given_up_begins_anew(void **state UNUSED)
{
    for (int tries = 1; tries < 8; tries++) {
        struct kafka_searches s = {0};
        struct bus_event e = {.kind = BUS_NOTHING};

        position = FIRST;
        for (int i = 0; i < tries && e.kind == BUS_NOTHING; i++)
            assert_true(read_once(&s, RD_KAFKA_RESP_ERR_NO_ERROR, &e));
        if (e.kind == BUS_NOTHING) {
            assert_false(read_once(&s, RD_KAFKA_RESP_ERR_UNKNOWN, &e));
            assert_int_equal(position, FIRST);
            assert_int_equal(s.count, 0);
        }
        kafka_search_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_passed_is_the_batch_and_nothing_else),
        cmocka_unit_test(a_search_that_is_given_up_begins_anew),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
