#include "codec/codec.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "support/sample.h"
#include "unit/codec/framed.h"

enum {
    SAMPLES = 24, /* enough for each body of a command */
    HEADER_SIZE = 5,
};

static enum rc decode_any(struct bytes frame, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    enum record_kind kind;
    const void *record;

    return codec_decode(frame, memory, &kind, &record, err);
}

static void keeps_every_field_of_every_record(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        for (int n = 0; n < SAMPLES; n++) {
            SCOPED(arena) struct arena *memory = arena_new(0);
            struct sample sample = {memory, n};
            const void *record = sample_of(&sample, record_type_of(kind));
            SCOPED_BUF frame = {0};

            encode(kind, record, &frame);
            assert_int_equal(frame.data[4], newest_id(kind));
            assert_true(record_equal(record_type_of(kind), record,
                                     decode(buf_bytes(&frame), memory, kind)));
        }
    }
}

static void keeps_absent_fields_absent(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        const struct record_type *type = record_type_of(kind);
        SCOPED(arena) struct arena *memory = arena_new(0);
        const void *record = arena_alloc(memory, type->size), *again;
        SCOPED_BUF first = {0};
        SCOPED_BUF second = {0};

        encode(kind, record, &first);
        again = decode(buf_bytes(&first), memory, kind);
        for (const struct field *f = type->fields; f->name != NULL; f++)
            if (f->optional)
                assert_false(field_is_set(f, again));
        encode(kind, again, &second);
        assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    }
}

static void tells_an_empty_payload_from_an_absent_one(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct command command = {.kind = COMMAND_TRIGGER_TASK, .actor = "me"};
    const struct command *read;
    SCOPED_BUF frame = {0};

    encode(RECORD_COMMAND, &command, &frame);
    read = decode(buf_bytes(&frame), memory, RECORD_COMMAND);
    assert_null(read->body.trigger_task.payload.data);
    assert_false(read->body.trigger_task.ignore_overlap);

    buf_reset(&frame);
    command.body.trigger_task.payload.data = "";
    encode(RECORD_COMMAND, &command, &frame);
    read = decode(buf_bytes(&frame), memory, RECORD_COMMAND);
    assert_non_null(read->body.trigger_task.payload.data);
    assert_int_equal(read->body.trigger_task.payload.len, 0);
}

static void appends_frames_one_after_the_other(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct run_state run = {.consecutive_failures = 7};
    SCOPED_BUF frames = {0};
    size_t first;
    struct bytes second;
    const struct run_state *read;

    encode(RECORD_RUN_STATE, &run, &frames);
    first = frames.len;
    run.consecutive_failures = 8;
    encode(RECORD_RUN_STATE, &run, &frames);
    second = (struct bytes){frames.data + first, frames.len - first};
    assert_int_equal(((const uint8_t *)second.data)[4], newest_id(RECORD_RUN_STATE));
    read = decode(second, memory, RECORD_RUN_STATE);
    assert_int_equal(read->consecutive_failures, 8);
}

static void grows_for_a_large_batch_of_lines(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct log_batch batch = {.line_count = 1000};
    const struct log_batch *read;
    SCOPED_BUF frame = {0};

    batch.lines = arena_alloc(memory, batch.line_count * sizeof *batch.lines);
    for (size_t i = 0; i < batch.line_count; i++) {
        batch.lines[i].message = arena_printf(memory, "%0250zu", i);
        batch.lines[i].message_len = 250;
    }
    encode(RECORD_LOG_BATCH, &batch, &frame);
    read = decode(buf_bytes(&frame), memory, RECORD_LOG_BATCH);
    assert_int_equal(read->line_count, 1000);
    assert_string_equal(read->lines[999].message, batch.lines[999].message);
}

/* --- what breaks its type is not written --- */

static void refuses_to_write_a_text_that_is_no_utf8(void **state UNUSED)
{
    struct log_line line = {.message = "caf\xe9", .message_len = 4};
    struct log_batch batch = {.lines = &line, .line_count = 1};
    struct pair label = {"caf\xe9", ""};
    struct execution_created created = {.labels = {&label, 1}};
    struct error err = {0};
    SCOPED_BUF frame = {0};

    assert_int_equal(codec_encode(RECORD_LOG_BATCH, &batch, &frame, &err), RC_INVALID);
    assert_string_equal(err.text, "could not encode LogBatch: message is no valid value");
    assert_int_equal(codec_encode(RECORD_EXECUTION_CREATED, &created, &frame, &err), RC_INVALID);
    assert_string_equal(err.text, "could not encode ExecutionCreated: labels is no valid value");
    assert_int_equal(frame.len, 0);
    assert_string_equal(buf_text(&frame), "");
}

static void refuses_to_write_a_number_that_is_no_symbol(void **state UNUSED)
{
    struct execution_status status = {.status = STATUS_COUNT};
    struct command command = {.kind = COMMAND_KIND_COUNT};
    struct error err = {0};
    SCOPED_BUF frame = {0};

    assert_int_equal(codec_encode(RECORD_EXECUTION_STATUS, &status, &frame, &err), RC_INVALID);
    assert_string_equal(err.text, "could not encode ExecutionStatus: status is no valid value");
    assert_int_equal(codec_encode(RECORD_COMMAND, &command, &frame, &err), RC_INVALID);
    assert_string_equal(err.text, "could not encode Command: body is no valid value");
}

/* --- bytes from outside --- */

static void refuses_what_is_no_frame(void **state UNUSED)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } cases[] = {
        {NULL, 0, "not a frame: no magic byte 0 and schema id"},
        {"\0\0\0\0", 4, "not a frame: no magic byte 0 and schema id"},
        {"\1\0\0\0\1", 5, "not a frame: no magic byte 0 and schema id"},
        {"{\"status\":\"RUNNING\"}", 20, "not a frame: no magic byte 0 and schema id"},
        {"\0\0\0\0\0", 5, "unknown schema id 0 (1 to 26 are known)"},
        {"\0\0\0\0\33", 5, "unknown schema id 27 (1 to 26 are known)"},
        {"\0\xff\xff\xff\xff", 5, "unknown schema id 4294967295 (1 to 26 are known)"},
        {"\0\0\0\0\15", 5, "malformed Watermark: cut off, or no Avro at all"},
        {"\0\0\0\0\17", 5, "malformed OpenExecution: cut off, or no Avro at all"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};

        assert_int_equal(decode_any((struct bytes){cases[i].bytes, cases[i].len}, &err),
                         RC_INVALID);
        assert_string_equal(err.text, cases[i].text);
    }
}

/* A copy in memory of its own, so that reading past its end is noticed. */
static enum rc decode_exact(const char *data, size_t len)
{
    SCOPED(text) char *copy = xmemdup(data, len);

    return decode_any((struct bytes){copy, len}, NULL);
}

static void refuses_each_valid_frame_cut_off_anywhere(void **state UNUSED)
{
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, (int)kind};
        SCOPED_BUF frame = {0};

        encode(kind, sample_of(&sample, record_type_of(kind)), &frame);
        for (size_t len = 0; len < frame.len; len++)
            assert_int_equal(decode_exact(frame.data, len), RC_INVALID);
        assert_int_equal(decode_exact(frame.data, frame.len), RC_OK);
        buf_add_char(&frame, '\0');
        assert_int_equal(decode_exact(frame.data, frame.len), RC_INVALID);
    }
}

static void survives_any_change_of_a_valid_frame(void **state UNUSED)
{
    uint64_t random = 88172645463325252;

    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, (int)kind};
        SCOPED_BUF frame = {0};

        encode(kind, sample_of(&sample, record_type_of(kind)), &frame);
        for (int i = 0; i < 3000; i++) {
            SCOPED(text) char *copy = xmemdup(frame.data, frame.len);

            for (int change = 0; change <= i % 3; change++) {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                copy[HEADER_SIZE + random % (frame.len - HEADER_SIZE)] = (char)(random >> 32);
            }
            (void)decode_any((struct bytes){copy, frame.len}, NULL);
        }
    }
}

static const struct {
    const char *what;
    const char *body;
    size_t len;
} hostile_watermarks[] = {
    {"a text of 2 GiB", "\0\xfe\xff\xff\xff\x0f", 6},
    {"a text of -1 bytes", "\0\1", 2},
    {"a text of INT64_MIN bytes", "\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", 11},
    {"a number without an end", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12},
    {"a text that is no UUID", "\0\2x\0\0\0\0", 7},
};

static void refuses_lengths_that_cannot_be(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(hostile_watermarks); i++) {
        SCOPED_BUF frame = {0};

        buf_add(&frame, "\0\0\0\0\15", 5);
        buf_add(&frame, hostile_watermarks[i].body, hostile_watermarks[i].len);
        if (decode_any(buf_bytes(&frame), NULL) != RC_INVALID)
            fail_msg("accepts %s", hostile_watermarks[i].what);
    }
}

static void add_block_count(struct buf *frame, const char *count)
{
    struct log_batch batch = {0};

    encode(RECORD_LOG_BATCH, &batch, frame);
    frame->data[4] = (char)codec_schema_id(RECORD_LOG_BATCH, 1);
    frame->len -= 2; /* the ends of two arrays, the second of which version 1 has not */
    buf_add_text(frame, count);
}

static void refuses_more_lines_than_there_are_bytes(void **state UNUSED)
{
    static const char *const counts[] = {
        "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1", /* INT64_MAX lines */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1", /* INT64_MIN: a negative count comes with a size */
        "\1\2",                                   /* one line, of one byte, which is not there */
    };

    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        SCOPED_BUF frame = {0};

        add_block_count(&frame, counts[i]);
        assert_int_equal(decode_any(buf_bytes(&frame), NULL), RC_INVALID);
    }
}

static void refuses_a_message_that_asks_for_far_more_memory_than_it_has_bytes(void **state UNUSED)
{
    enum { LINES = 100000 };
    SCOPED_BUF frame = {0};
    struct error err = {0};

    add_block_count(&frame, "\xc0\x9a\x0c"); /* 100,000 as a varint */
    memset(buf_reserve(&frame, 4 * LINES + 1), 0, 4 * LINES + 1);
    frame.len += 4 * LINES + 1;
    assert_int_equal(decode_any(buf_bytes(&frame), &err), RC_INVALID);
    assert_string_equal(err.text, "malformed LogBatch: asks for too much memory");
}

static void obeys_the_budget_of_the_arena(void **state UNUSED)
{
    SCOPED(arena) struct arena *large = arena_new(0);
    SCOPED(arena) struct arena *small = arena_new(100);
    struct sample sample = {large, 0};
    SCOPED_BUF frame = {0};
    enum record_kind kind;
    const void *record;

    encode(RECORD_TASK_STATE, sample_of(&sample, record_type_of(RECORD_TASK_STATE)), &frame);
    assert_int_equal(codec_decode(buf_bytes(&frame), small, &kind, &record, NULL), RC_INVALID);
}

static void refuses_what_is_no_bool_and_no_symbol(void **state UNUSED)
{
    static const struct {
        const char *find, *replace;
        enum rc rc;
    } cases[] = {{"\x2a\x01", "\x2a\x02", RC_INVALID}, {"\x2a\x01", "\x2a\x00", RC_OK}};
    struct schedule_gap gap = {.count = 21, .more = true}; /* 21 is written as 0x2a */
    SCOPED_BUF frame = {0};

    encode(RECORD_SCHEDULE_GAP, &gap, &frame);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(text) char *copy = xmemdup(frame.data, frame.len);
        char *at = memmem(copy, frame.len, cases[i].find, 2);

        assert_non_null(at);
        memcpy(at, cases[i].replace, 2);
        assert_int_equal(decode_any((struct bytes){copy, frame.len}, NULL), cases[i].rc);
    }
    frame.data[frame.len - 1] = 2 * REASON_COUNT;
    assert_int_equal(decode_any(buf_bytes(&frame), NULL), RC_INVALID);
}

static void replace(struct buf *frame, const char *find, const char *with)
{
    char *at = memmem(frame->data, frame->len, find, strlen(find));

    assert_non_null(at);
    memcpy(at, with, strlen(find)); /* `with` may hold a NUL */
}

static void escapes_texts_that_are_no_utf8(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct pair label = {"LABEL", "VALUE"};
    struct execution_created created = {.task_key = "KEY", .zone = "ZONE", .labels = {&label, 1}};
    const struct execution_created *read;
    SCOPED_BUF frame = {0};

    encode(RECORD_EXECUTION_CREATED, &created, &frame);
    replace(&frame, "KEY", "k\xff\0");
    replace(&frame, "ZONE", "\xed\xa0\x80z");
    replace(&frame, "LABEL", "l\xfelab");
    replace(&frame, "VALUE", "\xfdvalu");
    read = decode(buf_bytes(&frame), memory, RECORD_EXECUTION_CREATED);
    assert_string_equal(read->task_key, "k\\xff\\x00");
    assert_string_equal(read->zone, "\\xed\\xa0\\x80z");
    assert_string_equal(read->labels.items[0].name, "l\\xfelab");
    assert_string_equal(read->labels.items[0].value, "\\xfdvalu");
}

static void leaves_log_lines_as_they_are(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct log_line line = {.message = "LINE", .message_len = 4};
    struct log_batch batch = {.lines = &line, .line_count = 1};
    const struct log_batch *read;
    SCOPED_BUF frame = {0};

    encode(RECORD_LOG_BATCH, &batch, &frame);
    replace(&frame, "LINE", "\xff\0NE");
    read = decode(buf_bytes(&frame), memory, RECORD_LOG_BATCH);
    assert_int_equal(read->lines[0].message_len, 4);
    assert_memory_equal(read->lines[0].message, "\xff\0NE", 5);
}

/* --- threads --- */

static void *encode_and_decode(void *ctx)
{
    int first = *(int *)ctx;

    for (int n = first; n < first + 200; n++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, n};
        enum record_kind kind = RECORD_COMMAND + n % (RECORD_KIND_END - 1), found;
        const void *record = sample_of(&sample, record_type_of(kind)), *read;
        SCOPED_BUF frame = {0};

        if (codec_encode(kind, record, &frame, NULL) != RC_OK ||
            codec_decode((struct bytes){frame.data, frame.len / 2}, memory, &found, &read, NULL) !=
                RC_INVALID ||
            codec_decode(buf_bytes(&frame), memory, &found, &read, NULL) != RC_OK ||
            !record_equal(record_type_of(kind), record, read))
            return ctx;
    }
    return NULL;
}

static void serves_threads_side_by_side(void **state UNUSED)
{
    pthread_t threads[4];
    int firsts[ARRAY_LEN(threads)];
    void *failed;

    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        firsts[i] = (int)(1000 * i);
        assert_int_equal(pthread_create(&threads[i], NULL, encode_and_decode, &firsts[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_field_of_every_record),
        cmocka_unit_test(keeps_absent_fields_absent),
        cmocka_unit_test(tells_an_empty_payload_from_an_absent_one),
        cmocka_unit_test(appends_frames_one_after_the_other),
        cmocka_unit_test(grows_for_a_large_batch_of_lines),
        cmocka_unit_test(refuses_to_write_a_text_that_is_no_utf8),
        cmocka_unit_test(refuses_to_write_a_number_that_is_no_symbol),
        cmocka_unit_test(refuses_what_is_no_frame),
        cmocka_unit_test(refuses_each_valid_frame_cut_off_anywhere),
        cmocka_unit_test(survives_any_change_of_a_valid_frame),
        cmocka_unit_test(refuses_lengths_that_cannot_be),
        cmocka_unit_test(refuses_more_lines_than_there_are_bytes),
        cmocka_unit_test(refuses_a_message_that_asks_for_far_more_memory_than_it_has_bytes),
        cmocka_unit_test(obeys_the_budget_of_the_arena),
        cmocka_unit_test(refuses_what_is_no_bool_and_no_symbol),
        cmocka_unit_test(escapes_texts_that_are_no_utf8),
        cmocka_unit_test(leaves_log_lines_as_they_are),
        cmocka_unit_test(serves_threads_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
