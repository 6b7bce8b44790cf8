#include "scheduler/skip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "codec/codec.h"
#include "scheduler/state.h"
#include "support/memlog.h"

enum { SESSION_MS = 6000, TRANSACTION_MS = 60000 };

static struct memlog *memory;
static struct bus *bus;
static FILE *out;

static int begin(void **state UNUSED)
{
    memory = memlog_new();
    memlog_set_time(memory, USEC_PER_DAY);
    memlog_add_topic(memory, "state", 1);
    bus = memlog_bus(memory, "a", SESSION_MS, TRANSACTION_MS);
    out = tmpfile();
    return out == NULL;
}

static int end(void **state UNUSED)
{
    (void)fclose(out);
    bus_free(bus);
    memlog_free(memory);
    return 0;
}

static void send(const char *key, struct bytes value)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    const struct bus_record record = {.topic = "state", .key = bytes_of(key), .value = value};

    assert_int_equal(bus_producer_new(bus, &p, NULL), RC_OK);
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
}

static void encode_watermark(int64_t commands_next, struct buf *ret)
{
    const struct watermark w = {
        .due = 1, .commands_next = commands_next, .tzdata = "x", .writer = "y"};

    assert_int_equal(codec_encode(RECORD_WATERMARK, &w, ret, NULL), RC_OK);
}

static void send_watermark(int64_t commands_next)
{
    SCOPED_BUF frame = {0};

    encode_watermark(commands_next, &frame);
    send("watermark", buf_bytes(&frame));
}

static enum rc skip_as(const char *topic, int64_t offset, bool is_repeated)
{
    const struct bus_position to = {topic, 0, offset};
    struct error err = {0};

    return skip_in_state(bus, "", &to, is_repeated, out, &err);
}

static enum rc skip_to(const char *topic, int64_t offset)
{
    return skip_as(topic, offset, false);
}

/* Reads the last record of the state. */
static void last(struct arena *memory_of_it, struct bus_event *ret, struct bus_consumer **ret_c)
{
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    const struct bus_position start = {"state", 0, BUS_BEGINNING};
    struct bus_event e;

    *ret = (struct bus_event){.offset = -1};
    assert_int_equal(bus_consumer_new(bus, &config, ret_c, NULL), RC_OK);
    assert_int_equal(bus_assign(*ret_c, &start, 1, NULL), RC_OK);
    for (bus_poll(*ret_c, 0, &e); e.kind != BUS_NOTHING; bus_poll(*ret_c, 0, &e)) {
        if (e.kind != BUS_MESSAGE)
            continue;
        *ret = e;
        ret->key.data = arena_memdup(memory_of_it, e.key.data, e.key.len);
        ret->value.data =
            e.value.data == NULL ? NULL : arena_memdup(memory_of_it, e.value.data, e.value.len);
    }
}

static int64_t last_offset(void)
{
    SCOPED(arena) struct arena *scratch = arena_new(0);
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct bus_event e;

    last(scratch, &e, &c);
    return e.offset;
}

static int64_t commands_next(void)
{
    SCOPED(arena) struct arena *scratch = arena_new(0);
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    const void *record;
    struct bus_event e;

    last(scratch, &e, &c);
    assert_int_equal(codec_decode_as(RECORD_WATERMARK, e.value, scratch, &record, NULL), RC_OK);
    return ((const struct watermark *)record)->commands_next;
}

static void a_position_is_moved_in_the_newest_watermark(void **state UNUSED)
{
    send_watermark(3);
    send_watermark(5);
    assert_int_equal(skip_to("commands", 7), RC_OK);
    assert_int_equal(commands_next(), 7);
}

/* The command may be given again after the program has died between tables and state, and after it has not. */
static void a_repetition_moves_forwards_only(void **state UNUSED)
{
    send_watermark(5);
    assert_int_equal(skip_as("commands", 7, true), RC_OK);
    assert_int_equal(commands_next(), 7);
    send_watermark(57);
    assert_int_equal(skip_as("commands", 7, true), RC_OK);
    assert_int_equal(commands_next(), 57);
    assert_int_equal(skip_to("commands", 7), RC_OK); /* of a topic that was made anew */
    assert_int_equal(commands_next(), 7);
}

static void nothing_is_written_over_what_cannot_be_seen_yet(void **state UNUSED)
{
    SCOPED(bus_txn) struct bus_txn *txn = NULL;
    SCOPED_BUF frame = {0};
    struct bus_record record = {.topic = "state", .key = bytes_of("watermark")};

    send_watermark(3);
    encode_watermark(5, &frame);
    record.value = buf_bytes(&frame);
    assert_int_equal(bus_txn_new(bus, NULL, 0, 1000, &txn, NULL), RC_OK);
    assert_int_equal(bus_txn_begin(txn, NULL), RC_OK);
    assert_int_equal(bus_txn_produce(txn, &record, NULL), RC_OK);
    assert_int_equal(bus_txn_flush(txn, 1000, NULL), RC_OK);
    assert_int_equal(skip_to("commands", 7), RC_RETRY);
    assert_int_equal(bus_txn_commit(txn, NULL), RC_OK);
    assert_int_equal(skip_to("commands", 7), RC_OK);
}

static void only_the_newest_record_of_a_key_is_taken_back(void **state UNUSED)
{
    SCOPED(arena) struct arena *scratch = arena_new(0);
    SCOPED(bus_consumer) struct bus_consumer *c = NULL;
    struct bus_event e;
    char key[STATE_KEY_TEXT];

    (void)state_key_format(STATE_TASK, task_id_of("default", "a"), key);
    send_watermark(3);
    send(key, bytes_of("x")); /* 1 */
    send(key, bytes_of("y")); /* 2 */
    assert_int_equal(skip_to("state", 1), RC_CONFLICT);
    assert_int_equal(last_offset(), 2);
    assert_int_equal(skip_to("state", 2), RC_OK);
    last(scratch, &e, &c);
    assert_memory_equal(e.key.data, key, e.key.len);
    assert_null(e.value.data);
    assert_int_equal(skip_to("state", 9), RC_NOT_FOUND);
}

static void what_is_yet_to_come_cannot_be_left_out(void **state UNUSED)
{
    struct bus_position to = {"state", 0, 3};
    struct error err = {0};

    for (int i = 0; i < 3; i++)
        send("key", bytes_of("x"));
    assert_int_equal(skip_check_end(bus, "", &to, &err), RC_OK); /* all of it */
    to.offset = 4;
    assert_int_equal(skip_check_end(bus, "", &to, &err), RC_INVALID);
    assert_string_equal(err.text, "OFFSET: 4 lies behind the end of state[0], which is 3");
    assert_string_equal(err.hint, "3 leaves out all that is there; what is yet to come stays");
    to.offset = INT64_MAX - 1;
    assert_int_equal(skip_check_end(bus, "", &to, &err), RC_INVALID);
    to = (struct bus_position){"state", 9, 0};
    assert_int_equal(skip_check_end(bus, "", &to, &err), RC_NOT_FOUND);
    to = (struct bus_position){"nowhere", 0, 0};
    assert_int_equal(skip_check_end(bus, "", &to, &err), RC_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_position_is_moved_in_the_newest_watermark, begin, end),
        cmocka_unit_test_setup_teardown(a_repetition_moves_forwards_only, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_written_over_what_cannot_be_seen_yet, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_is_yet_to_come_cannot_be_left_out, begin, end),
        cmocka_unit_test_setup_teardown(only_the_newest_record_of_a_key_is_taken_back, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
