#include "codec/codec.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "codec/node.h"
#include "support/sample.h"

enum {
    SAMPLES = 24, /* enough for each body of a command */
    HEADER_SIZE = 5,
};

static void encode(enum record_kind kind, const void *record, struct buf *out)
{
    struct error err = {0};

    if (codec_encode(kind, record, out, &err) != RC_OK)
        fail_msg("%s", err.text);
}

static const void *decode(struct bytes frame, struct arena *memory, enum record_kind kind)
{
    struct error err = {0};
    enum record_kind found;
    const void *record;

    if (codec_decode(frame, memory, &found, &record, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_int_equal(found, kind);
    return record;
}

static enum rc decode_any(struct bytes frame, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    enum record_kind kind;
    const void *record;

    return codec_decode(frame, memory, &kind, &record, err);
}

static int newest_id(enum record_kind kind)
{
    return codec_schema_id(kind, codec_version_count(kind));
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
        {"\0\0\0\0\0", 5, "unknown schema id 0 (1 to 15 are known)"},
        {"\0\0\0\0\20", 5, "unknown schema id 16 (1 to 15 are known)"},
        {"\0\xff\xff\xff\xff", 5, "unknown schema id 4294967295 (1 to 15 are known)"},
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

/* One more symbol and one more field, as a newer release might write them. */
static void a_newer_record_is_read_where_only_one_kind_can_be(void **state UNUSED)
{
    const struct execution_created written = {.task_key = "k",
                                              .project = "p",
                                              .attempt = 1,
                                              .max_attempts = 1,
                                              .trigger = TRIGGER_MANUAL};
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_created *read;
    enum record_kind kind;
    const void *record;
    SCOPED_BUF frame = {0};
    struct error err = {0};
    char *trigger;

    encode(RECORD_EXECUTION_CREATED, &written, &frame);
    trigger = memmem(frame.data, frame.len, "\2k\2p", 4); /* then revision, attempt, max_attempts */
    assert_non_null(trigger);
    assert_int_equal(trigger[7], 2 * TRIGGER_MANUAL);
    trigger[7] = 2 * 60;
    frame.data[4] = 99;
    buf_add(&frame, "\6new", 4);
    assert_int_equal(codec_decode(buf_bytes(&frame), memory, &kind, &record, &err), RC_INVALID);
    assert_int_equal(
        codec_decode_as(RECORD_EXECUTION_CREATED, buf_bytes(&frame), memory, &record, &err), RC_OK);
    read = record;
    assert_string_equal(read->task_key, "k");
    assert_int_equal(read->trigger, trigger_enum.fallback);

    for (int version = 1; version <= 2; version++) { /* our own schemas are read as they are, */
        frame.data[4] = (char)codec_schema_id(RECORD_EXECUTION_CREATED, version);
        assert_int_equal(
            codec_decode_as(RECORD_EXECUTION_CREATED, buf_bytes(&frame), memory, &record, &err),
            RC_INVALID);
        assert_string_equal(err.text, "malformed ExecutionCreated: bytes behind its end");
    }
    frame.data[4] = (char)newest_id(RECORD_HEARTBEAT); /* another kind is none of these, */
    assert_int_equal(
        codec_decode_as(RECORD_EXECUTION_CREATED, buf_bytes(&frame), memory, &record, &err),
        RC_INVALID);
    assert_string_equal(err.text, "a Heartbeat where only ExecutionCreated may be");
    frame.data[4] = 0; /* no release has an id of 0, */
    assert_int_equal(
        codec_decode_as(RECORD_EXECUTION_CREATED, buf_bytes(&frame), memory, &record, &err),
        RC_INVALID);
    frame.data[4] = 99; /* and what is cut off is malformed, whatever its id */
    assert_int_equal(codec_decode_as(RECORD_EXECUTION_CREATED,
                                     (struct bytes){frame.data, frame.len / 2}, memory, &record,
                                     &err),
                     RC_INVALID);
}

/* Makes a frame of version 2 one of version 1, which ends before status_from: 0, one byte. */
static void make_older(struct buf *frame, enum record_kind kind)
{
    assert_int_equal(frame->data[4], codec_schema_id(kind, 2));
    assert_int_equal(frame->data[frame->len - 1], 0);
    frame->data[4] = (char)codec_schema_id(kind, 1);
    frame->len--;
}

static void an_older_record_has_zero_where_a_field_was_added(void **state UNUSED)
{
    static const struct {
        enum record_kind kind;
        size_t added;
    } cases[] = {
        {RECORD_EXECUTION_CREATED, offsetof(struct execution_created, status_from)},
        {RECORD_OPEN_EXECUTION, offsetof(struct open_execution, status_from)},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct record_type *type = record_type_of(cases[i].kind);
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, (int)i};
        char *record = sample_of(&sample, type);
        const void *read;
        SCOPED_BUF frame = {0};

        memset(record + cases[i].added, 0, sizeof(int64_t));
        encode(cases[i].kind, record, &frame);
        make_older(&frame, cases[i].kind);
        assert_true(record_equal(type, record, decode(buf_bytes(&frame), memory, cases[i].kind)));
        assert_int_equal(codec_decode_as(cases[i].kind, buf_bytes(&frame), memory, &read, NULL),
                         RC_OK);
        assert_true(record_equal(type, record, read));
    }
}

static void newer_is_only_what_is_above_all_known_ids(void **state UNUSED)
{
    static const enum record_kind kinds[] = {RECORD_HEARTBEAT, RECORD_EXECUTION_CREATED};
    struct execution_created created = {.status_from = 7};
    SCOPED_BUF frame = {0};

    encode(RECORD_EXECUTION_CREATED, &created, &frame);
    for (int id = 0; id <= codec_schema_count(); id++) {
        frame.data[4] = (char)id;
        assert_false(codec_is_newer(buf_bytes(&frame), kinds, ARRAY_LEN(kinds)));
    }
    frame.data[4] = (char)(codec_schema_count() + 1);
    assert_true(codec_is_newer(buf_bytes(&frame), kinds, ARRAY_LEN(kinds)));
    frame.len--; /* the newest that we know ends behind that */
    assert_false(codec_is_newer(buf_bytes(&frame), kinds, ARRAY_LEN(kinds)));
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
    frame->len--; /* the end of the array */
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

/* --- schemas --- */

static const char newer_schema[] =
    "{\"type\": \"record\", \"name\": \"ExecutionSignal\", \"namespace\": \"io.cronobs\", \"fields\": ["
    "  {\"name\": \"new\", \"type\": {\"type\": \"array\", \"items\": \"string\"}},"
    "  {\"name\": \"signal\", \"type\": {\"type\": \"enum\", \"name\": \"Signal\","
    "                                    \"symbols\": [\"DRAIN\", \"UNKNOWN\", \"CANCEL\"]}},"
    "  {\"name\": \"actor\", \"type\": [\"string\", \"null\"]},"
    "  {\"name\": \"attempt\", \"type\": \"int\"}]}";

/* Schemas live as long as the program, like the codec's own. */
static struct node *newer_node(void)
{
    static struct node *node;
    avro_schema_t schema;

    if (node == NULL) {
        assert_int_equal(avro_schema_from_json_length(newer_schema, strlen(newer_schema), &schema),
                         0);
        node = node_new(schema, record_type_of(RECORD_EXECUTION_SIGNAL));
    }
    return node;
}

static void read_newer(struct bytes body, struct arena *memory, struct execution_signal *ret)
{
    avro_value_t value = {.iface = &newer_node()->iface, .self = ret};
    avro_reader_t reader;

    scratch.memory = memory;
    scratch.left = 65536;
    reader = avro_reader_memory(body.data, (int64_t)body.len);
    assert_int_equal(avro_value_read(reader, &value), 0);
    scratch.memory = NULL;
}

static void reads_another_version_by_the_names_of_its_fields(void **state UNUSED)
{
    /* new, signal, actor, attempt: ["x"], CANCEL, "me", 3 and [], DRAIN, null, 1 */
    static const char known[] = {2, 2, 'x', 0, 4, 0, 4, 'm', 'e', 6, 0};
    static const char unknown[] = {0, 0, 2, 2, 0};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct execution_signal read = {0};

    assert_int_equal(codec_version_count(RECORD_EXECUTION_SIGNAL), 1);
    read_newer((struct bytes){known, sizeof known - 1}, memory, &read);
    assert_int_equal(read.signal, SIGNAL_CANCEL);
    assert_string_equal(read.actor, "me");
    assert_int_equal(read.attempt, 3);
    assert_null(read.reason);
    assert_true(uuid_is_nil(read.execution_id));

    read = (struct execution_signal){0};
    read_newer((struct bytes){unknown, sizeof unknown - 1}, memory, &read);
    assert_int_equal(read.signal, SIGNAL_UNKNOWN); /* DRAIN is not known here */
    assert_null(read.actor);
}

/* What is on the wire for ever: a new line for a new schema, never another change. */
static const struct {
    enum record_kind kind;
    int version;
} known_schemas[] = {
    {RECORD_COMMAND, 1},      {RECORD_TASK_REVISION, 1},     {RECORD_COMMAND_OUTCOME, 1},
    {RECORD_SCHEDULE_GAP, 1}, {RECORD_EXECUTION_CREATED, 1}, {RECORD_EXECUTION_STATUS, 1},
    {RECORD_HEARTBEAT, 1},    {RECORD_LOG_BATCH, 1},         {RECORD_EXECUTION_SIGNAL, 1},
    {RECORD_TASK_STATE, 1},   {RECORD_RUN_STATE, 1},         {RECORD_OPEN_EXECUTION, 1},
    {RECORD_WATERMARK, 1},    {RECORD_EXECUTION_CREATED, 2}, {RECORD_OPEN_EXECUTION, 2},
};

static void knows_its_schemas_by_their_ids(void **state UNUSED)
{
    assert_int_equal(codec_schema_count(), ARRAY_LEN(known_schemas));
    for (int id = 1; id <= codec_schema_count(); id++) {
        enum record_kind kind = known_schemas[id - 1].kind;
        SCOPED(text) char *name = xasprintf("\"name\":\"%s\"", record_type_of(kind)->name);

        assert_non_null(strstr(codec_schema_text(id), name));
        assert_int_equal(codec_schema_kind(id), kind);
        assert_int_equal(codec_schema_version(id), known_schemas[id - 1].version);
        assert_int_equal(codec_schema_id(kind, known_schemas[id - 1].version), id);
    }
}

static void every_record_has_versions_from_1(void **state UNUSED)
{
    int count = 0;

    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        assert_true(codec_version_count(kind) >= 1);
        assert_int_equal(codec_schema_id(kind, 0), 0);
        assert_int_equal(codec_schema_id(kind, codec_version_count(kind) + 1), 0);
        count += codec_version_count(kind);
    }
    assert_int_equal(count, codec_schema_count());
}

static void knows_no_other_ids(void **state UNUSED)
{
    const int others[] = {INT32_MIN, -1, 0, codec_schema_count() + 1, INT32_MAX};

    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        assert_null(codec_schema_text(others[i]));
        assert_int_equal(codec_schema_kind(others[i]), 0);
        assert_int_equal(codec_schema_version(others[i]), 0);
    }
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
        cmocka_unit_test(a_newer_record_is_read_where_only_one_kind_can_be),
        cmocka_unit_test(an_older_record_has_zero_where_a_field_was_added),
        cmocka_unit_test(newer_is_only_what_is_above_all_known_ids),
        cmocka_unit_test(refuses_each_valid_frame_cut_off_anywhere),
        cmocka_unit_test(survives_any_change_of_a_valid_frame),
        cmocka_unit_test(refuses_lengths_that_cannot_be),
        cmocka_unit_test(refuses_more_lines_than_there_are_bytes),
        cmocka_unit_test(refuses_a_message_that_asks_for_far_more_memory_than_it_has_bytes),
        cmocka_unit_test(obeys_the_budget_of_the_arena),
        cmocka_unit_test(refuses_what_is_no_bool_and_no_symbol),
        cmocka_unit_test(escapes_texts_that_are_no_utf8),
        cmocka_unit_test(leaves_log_lines_as_they_are),
        cmocka_unit_test(reads_another_version_by_the_names_of_its_fields),
        cmocka_unit_test(knows_its_schemas_by_their_ids),
        cmocka_unit_test(every_record_has_versions_from_1),
        cmocka_unit_test(knows_no_other_ids),
        cmocka_unit_test(serves_threads_side_by_side),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
