/*
 * Versions of records: what a newer or older release writes, and which schemas there are.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/node.h"
#include "support/sample.h"
#include "unit/codec/framed.h"

/* --- frames of other releases --- */

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
        codec_decode_one(RECORD_EXECUTION_CREATED, buf_bytes(&frame), memory, &record, &err),
        RC_INVALID);
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
    assert_int_equal(
        codec_decode_one(RECORD_EXECUTION_CREATED, buf_bytes(&frame), memory, &record, &err),
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

/* Makes a frame of a version one of that before it, which ends before the fields that it has not: each of them 0 or empty, one byte. */
static void make_older(struct buf *frame, enum record_kind kind, int version, size_t fields)
{
    assert_int_equal(frame->data[4], codec_schema_id(kind, version + 1));
    for (size_t i = 0; i < fields; i++)
        assert_int_equal(frame->data[frame->len - 1 - i], 0);
    frame->data[4] = (char)codec_schema_id(kind, version);
    frame->len -= fields;
}

static void an_older_record_has_zero_where_a_field_was_added(void **state UNUSED)
{
    static const struct {
        enum record_kind kind;
        size_t from, to;  /* what the versions behind the first have added */
        size_t fields[4]; /* how many, from the newest version down */
    } cases[] = {
        {RECORD_EXECUTION_CREATED,
         offsetof(struct execution_created, status_from),
         sizeof(struct execution_created),
         {2, 1}},
        {RECORD_OPEN_EXECUTION,
         offsetof(struct open_execution, status_from),
         sizeof(struct open_execution),
         {1, 1, 10, 1}},
        {RECORD_COMMAND_OUTCOME,
         offsetof(struct command_outcome, skip_until),
         sizeof(struct command_outcome),
         {1}},
        {RECORD_TASK_STATE,
         offsetof(struct task_state_record, spec_since),
         sizeof(struct task_state_record),
         {1, 2}}, /* the first in its spec, whose end is as good as any while all are 0 */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct record_type *type = record_type_of(cases[i].kind);
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, (int)i};
        char *record = sample_of(&sample, type);
        const void *read;
        SCOPED_BUF frame = {0};

        memset(record + cases[i].from, 0, cases[i].to - cases[i].from);
        if (cases[i].kind == RECORD_TASK_STATE)
            ((struct task_state_record *)(void *)record)->spec.then_count = 0;
        encode(cases[i].kind, record, &frame);
        for (int version = codec_version_count(cases[i].kind) - 1, n = 0; version > 0;
             version--, n++) {
            make_older(&frame, cases[i].kind, version, cases[i].fields[n]);
            assert_true(
                record_equal(type, record, decode(buf_bytes(&frame), memory, cases[i].kind)));
            assert_int_equal(codec_decode_as(cases[i].kind, buf_bytes(&frame), memory, &read, NULL),
                             RC_OK);
            assert_true(record_equal(type, record, read));
        }
    }
}

/* Nor were there marks before a batch had them. */
static void an_older_batch_has_no_marks(void **state UNUSED)
{
    struct log_line line = {.message = "a", .message_len = 1};
    const struct log_batch written = {.first_seq = 3, .lines = &line, .line_count = 1};
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct log_batch *read;
    SCOPED_BUF frame = {0};

    encode(RECORD_LOG_BATCH, &written, &frame);
    make_older(&frame, RECORD_LOG_BATCH, 1, 1);
    read = decode(buf_bytes(&frame), memory, RECORD_LOG_BATCH);
    assert_int_equal(read->first_seq, 3);
    assert_int_equal(read->line_count, 1);
    assert_int_equal(read->mark_count, 0);
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
    {RECORD_COMMAND, 1},        {RECORD_TASK_REVISION, 1},     {RECORD_COMMAND_OUTCOME, 1},
    {RECORD_SCHEDULE_GAP, 1},   {RECORD_EXECUTION_CREATED, 1}, {RECORD_EXECUTION_STATUS, 1},
    {RECORD_HEARTBEAT, 1},      {RECORD_LOG_BATCH, 1},         {RECORD_EXECUTION_SIGNAL, 1},
    {RECORD_TASK_STATE, 1},     {RECORD_RUN_STATE, 1},         {RECORD_OPEN_EXECUTION, 1},
    {RECORD_WATERMARK, 1},      {RECORD_EXECUTION_CREATED, 2}, {RECORD_OPEN_EXECUTION, 2},
    {RECORD_LOG_BATCH, 2},      {RECORD_EXECUTION_CREATED, 3}, {RECORD_OPEN_EXECUTION, 3},
    {RECORD_TASK_STATE, 2},     {RECORD_COMMAND, 2},           {RECORD_TASK_REVISION, 2},
    {RECORD_TASK_STATE, 3},     {RECORD_OPEN_EXECUTION, 4},    {RECORD_COMMAND, 3},
    {RECORD_OPEN_EXECUTION, 5}, {RECORD_COMMAND_OUTCOME, 2},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_record_is_read_where_only_one_kind_can_be),
        cmocka_unit_test(an_older_record_has_zero_where_a_field_was_added),
        cmocka_unit_test(an_older_batch_has_no_marks),
        cmocka_unit_test(newer_is_only_what_is_above_all_known_ids),
        cmocka_unit_test(reads_another_version_by_the_names_of_its_fields),
        cmocka_unit_test(knows_its_schemas_by_their_ids),
        cmocka_unit_test(every_record_has_versions_from_1),
        cmocka_unit_test(knows_no_other_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
