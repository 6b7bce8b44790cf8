/*
 * codec.c - frames, the list of schemas, and the memory of one message.
 *
 * avro-c has one allocator for the whole process. Ours looks at the thread's scratch: while a message is
 * decoded it takes from the message's arena, within the message's budget, and frees nothing; else it is
 * malloc. Schemas are parsed once and never freed. Messages are walked twice: avro_skip_data refuses
 * whatever is cut off or too long before a single byte is allocated; then the record is filled.
 */
#include "codec/codec.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "codec/node.h"
#include "codec/schema_texts.h"

enum {
    HEADER = 5,            /* 0x00, schema id in four bytes, the largest first */
    FREE_BYTES = 64 << 10, /* a message may ask for so much, */
    BYTES_PER_BYTE = 32,   /* and for so much more for each of its bytes */
    ARENA_UNIT = 16,       /* what the arena may add to an allocation */
    FIRST_ROOM = 512,      /* for a frame; doubled until it fits */
    SCHEMAS_MAX = 256,
};

_Thread_local struct scratch scratch;

static struct {
    pthread_once_t once;
    struct node *nodes[SCHEMAS_MAX];     /* by id - 1 */
    enum record_kind kinds[SCHEMAS_MAX]; /* by id - 1 */
    int versions[SCHEMAS_MAX];           /* by id - 1 */
    int newest[RECORD_KIND_END];         /* id of the schema that a kind is written with */
} schemas = {.once = PTHREAD_ONCE_INIT};

/* --- memory --- */

void *scratch_alloc(size_t size)
{
    size_t cost = size + ARENA_UNIT;
    void *p = NULL;

    if (cost > size && cost <= scratch.left)
        p = arena_alloc(scratch.memory, size);
    if (p == NULL)
        scratch.is_spent = true;
    else
        scratch.left -= cost;
    return p;
}

static void *allocate(void *ctx UNUSED, void *old, size_t old_size, size_t size)
{
    void *p;

    if (scratch.memory == NULL && size > 0)
        return realloc(old, size);
    if (scratch.memory == NULL)
        free(old);
    if (size == 0)
        return NULL;
    p = scratch_alloc(size);
    if (p != NULL && old != NULL)
        memcpy(p, old, MIN(old_size, size));
    return p;
}

/* --- schemas --- */

static enum record_kind kind_named(const char *name)
{
    for (enum record_kind k = RECORD_COMMAND; k < RECORD_KIND_END; k++)
        if (text_equal(record_type_of(k)->name, name))
            return k;
    abort(); /* not covered: a schema without a table is a bug, found by the first test */
}

/* Ids ascend, so versions do. */
static void add_schema(int id, enum record_kind kind, avro_schema_t schema)
{
    int before = schemas.newest[kind];

    schemas.nodes[id - 1] = node_new(schema, record_type_of(kind));
    schemas.kinds[id - 1] = kind;
    schemas.versions[id - 1] = before == 0 ? 1 : schemas.versions[before - 1] + 1;
    schemas.newest[kind] = id;
}

static void load_schemas(void)
{
    avro_set_allocator(allocate, NULL);
    for (int i = 0; i < schema_text_count; i++) {
        const char *text = schema_texts[i].text;
        avro_schema_t schema;

        if (i >= SCHEMAS_MAX || avro_schema_from_json_length(text, strlen(text), &schema) != 0)
            abort(); /* not covered: the schemas are our own */
        add_schema(schema_texts[i].id, kind_named(schema_texts[i].name), schema);
    }
}

static void need_schemas(void)
{
    (void)pthread_once(&schemas.once, load_schemas);
}

static bool is_known(uint32_t id)
{
    return id >= 1 && id <= (uint32_t)schema_text_count;
}

const char *codec_schema_text(int id)
{
    return is_known((uint32_t)id) ? schema_texts[id - 1].text : NULL;
}

int codec_schema_count(void)
{
    return schema_text_count;
}

enum record_kind codec_schema_kind(int id)
{
    need_schemas();
    return is_known((uint32_t)id) ? schemas.kinds[id - 1] : 0;
}

int codec_schema_version(int id)
{
    need_schemas();
    return is_known((uint32_t)id) ? schemas.versions[id - 1] : 0;
}

int codec_schema_id(enum record_kind kind, int version)
{
    for (int id = 1; id <= schema_text_count; id++)
        if (codec_schema_kind(id) == kind && codec_schema_version(id) == version)
            return id;
    return 0;
}

int codec_version_count(enum record_kind kind)
{
    need_schemas();
    return codec_schema_version(schemas.newest[kind]);
}

/* --- encoding --- */

static void put_header(char *at, int id)
{
    at[0] = 0;
    for (int i = 0; i < 4; i++)
        at[1 + i] = (char)(((uint32_t)id >> (24 - 8 * i)) & 0xff);
}

/* Writes the record into the room that out has; answers its errno, ENOSPC when there is too little. */
static int write_record(struct node *node, const void *record, struct buf *out, size_t room)
{
    char *at = buf_reserve(out, room);
    avro_writer_t writer = avro_writer_memory(at + HEADER, (int64_t)(room - HEADER));
    avro_value_t value = {.iface = &node->iface};
    int rc;

    if (writer == NULL)
        abort(); /* not covered: out of memory */
    /* it is only read, but the interface has no const */
    memcpy(&value.self, &record, sizeof record);
    rc = avro_value_write(writer, &value);
    if (rc == 0)
        out->len += HEADER + (size_t)avro_writer_tell(writer);
    avro_writer_free(writer);
    return rc;
}

enum rc codec_encode(enum record_kind kind, const void *record, struct buf *out, struct error *err)
{
    size_t start = out->len, room = out->capacity - out->len;
    int rc, id;

    room = room > FIRST_ROOM ? room - 1 : FIRST_ROOM; /* buf.h keeps a byte for a NUL */

    need_schemas();
    id = schemas.newest[kind];
    scratch.culprit = NULL;
    while ((rc = write_record(schemas.nodes[id - 1], record, out, room)) == ENOSPC)
        room *= 2;
    out->data[out->len] = '\0';
    if (rc != 0)
        return error_set(err, RC_INVALID, "could not encode %s: %s is no valid value",
                         record_type_of(kind)->name,
                         scratch.culprit == NULL ? "something" : scratch.culprit);
    put_header(out->data + start, id);
    return RC_OK;
}

/* --- decoding --- */

static enum rc get_id(struct bytes frame, uint32_t *ret, struct error *err)
{
    const uint8_t *at = frame.data;

    if (frame.len > CODEC_FRAME_MAX)
        return error_set(err, RC_INVALID, "the record has %zu bytes, the limit is %d", frame.len,
                         CODEC_FRAME_MAX);
    if (frame.len < HEADER || at[0] != 0)
        return error_set(err, RC_INVALID, "not a frame: no magic byte 0 and schema id");
    *ret = (uint32_t)at[1] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 8 | at[4];
    if (*ret == 0)
        return error_set(err, RC_INVALID, "unknown schema id 0 (1 to %d are known)",
                         schema_text_count);
    return RC_OK;
}

/* Walks over the whole body without allocating. */
static enum rc check_body(avro_reader_t reader, struct node *node, struct error *err)
{
    if (avro_skip_data(reader, node->schema) != 0)
        return error_set(err, RC_INVALID, "malformed %s: cut off, or no Avro at all",
                         node->record->name);
    if (!scratch.is_newer && avro_skip(reader, 1) == 0)
        return error_set(err, RC_INVALID, "malformed %s: bytes behind its end", node->record->name);
    return RC_OK;
}

static enum rc fill_record(avro_reader_t reader, struct node *node, const void **ret,
                           struct error *err)
{
    avro_value_t value = {.iface = &node->iface, .self = scratch_alloc(node->record->size)};

    if (value.self != NULL && avro_value_read(reader, &value) == 0) {
        *ret = value.self;
        return RC_OK;
    }
    if (scratch.is_spent || scratch.culprit == NULL)
        return error_set(err, RC_INVALID, "malformed %s: asks for too much memory",
                         node->record->name);
    return error_set(err, RC_INVALID, "malformed %s: %s holds no valid value", node->record->name,
                     scratch.culprit);
}

static enum rc decode_body(struct bytes body, struct node *node, const void **ret,
                           struct error *err)
{
    avro_reader_t reader = avro_reader_memory(body.data, (int64_t)body.len);

    if (reader == NULL)
        return error_set(err, RC_INVALID, "no memory left for another %s", node->record->name);
    TRY(check_body(reader, node, err));
    avro_reader_reset(reader);
    return fill_record(reader, node, ret, err);
}

/* By the schema with that id; what is `newer` only has to begin as it says. */
static enum rc decode(struct bytes frame, int id, bool is_newer, struct arena *memory,
                      const void **ret, struct error *err)
{
    const struct bytes body = {(const char *)frame.data + HEADER, frame.len - HEADER};
    enum rc rc;

    scratch = (struct scratch){
        .memory = memory, .left = FREE_BYTES + BYTES_PER_BYTE * frame.len, .is_newer = is_newer};
    rc = decode_body(body, schemas.nodes[id - 1], ret, err);
    scratch.memory = NULL;
    return rc;
}

enum rc codec_decode(struct bytes frame, struct arena *memory, enum record_kind *ret_kind,
                     const void **ret, struct error *err)
{
    uint32_t id;

    need_schemas();
    TRY(get_id(frame, &id, err));
    if (!is_known(id))
        return error_set(err, RC_INVALID, "unknown schema id %u (1 to %d are known)", id,
                         schema_text_count);
    TRY(decode(frame, (int)id, false, memory, ret, err));
    *ret_kind = schemas.kinds[id - 1];
    return RC_OK;
}

enum rc codec_decode_one(enum record_kind kind, struct bytes frame, struct arena *memory,
                         const void **ret, struct error *err)
{
    enum record_kind found;
    uint32_t id;

    need_schemas();
    TRY(get_id(frame, &id, err));
    if (is_known(id) && schemas.kinds[id - 1] != kind)
        return error_set(err, RC_INVALID, "a %s where only %s may be",
                         record_type_of(schemas.kinds[id - 1])->name, record_type_of(kind)->name);
    return codec_decode(frame, memory, &found, ret, err);
}

enum rc codec_decode_as(enum record_kind kind, struct bytes frame, struct arena *memory,
                        const void **ret, struct error *err)
{
    uint32_t id;

    need_schemas();
    TRY(get_id(frame, &id, err));
    return is_known(id) ? codec_decode_one(kind, frame, memory, ret, err)
                        : decode(frame, schemas.newest[kind], true, memory, ret, err);
}

bool codec_is_newer(struct bytes frame, const enum record_kind *kinds, size_t count)
{
    SCOPED(arena) struct arena *memory = NULL;
    const void *record;
    uint32_t id;

    need_schemas();
    if (get_id(frame, &id, NULL) != RC_OK || id <= (uint32_t)schema_text_count)
        return false;
    memory = arena_new(0);
    for (size_t i = 0; i < count; i++)
        if (codec_decode_as(kinds[i], frame, memory, &record, NULL) == RC_OK)
            return true;
    return false;
}
