/*
 * tables.h - what the records are, as data: the one table that Avro, JSON and documents read.
 */
#ifndef MODEL_TABLES_H
#define MODEL_TABLES_H

#include "model/records.h"

/* clang-format off */

enum record_kind { /* our own numbers; the ids of their schemas: codec.h */
    RECORD_COMMAND = 1, RECORD_TASK_REVISION, RECORD_COMMAND_OUTCOME, RECORD_SCHEDULE_GAP, RECORD_EXECUTION_CREATED,
    RECORD_EXECUTION_STATUS, RECORD_HEARTBEAT, RECORD_LOG_BATCH, RECORD_EXECUTION_SIGNAL, RECORD_TASK_STATE, RECORD_RUN_STATE,
    RECORD_OPEN_EXECUTION, RECORD_WATERMARK,
    RECORD_KIND_END
};

enum field_type {
    FIELD_BOOL, FIELD_INT, FIELD_LONG, FIELD_DURATION, /* bool, int32_t, int64_t, int64_t ms */
    FIELD_DOUBLE, FIELD_INSTANT, FIELD_LOCAL,          /* double, usec_t UTC, usec_t of a wall clock */
    FIELD_TEXT, FIELD_BYTES, FIELD_ID,                 /* const char *, struct bytes, struct uuid */
    FIELD_ENUM,                                        /* enum (int), of = struct enum_type */
    FIELD_OPT_INT,                                     /* struct opt_int */
    FIELD_PAIRS,                                       /* struct pairs: an Avro map of strings */
    FIELD_RECORD,                                      /* nested struct in place, of = struct record_type */
    FIELD_RECORD_PTR,                                  /* pointer to one, NULL = absent */
    FIELD_ARRAY,                                       /* pointer to items; size_t count at count_offset */
    FIELD_UNION,                                       /* union of records; the int at count_offset says which; of = struct union_type */
    FIELD_TEXT_COUNTED,                                /* const char *, size_t length at count_offset */
};

/* clang-format on */

struct field {
    const char *name; /* on the wire and in JSON */
    enum field_type type;
    size_t offset, count_offset;
    bool optional; /* Avro ["null", T]; the zero value is absent */
    const void *of;
    const char *doc; /* one line, shown in the schema's and API's documentation */
};

struct record_type {
    const char *name;      /* Avro record name, "ExecutionCreated" */
    enum record_kind kind; /* 0 for types that only occur inside others */
    size_t size;
    const struct field *fields; /* name == NULL ends */
    const char *doc;            /* one line */
};

struct union_type {
    const struct record_type *const *branches; /* index = the enum's value */
    int count;
    const struct enum_type *kinds; /* the names of the branches in JSON */
};

const struct record_type *record_type_of(enum record_kind kind); /* NULL when there is none */
extern const struct record_type task_spec_type;           /* the API reads and writes it as JSON */
extern const struct record_type trigger_task_type;        /* the body of :trigger */
extern const struct record_type calendar_type, then_type; /* parts of the first */

/* Is the field of this record there? Optional ones: not zero. All others: always. */
bool field_is_set(const struct field *field, const void *record);

/* Copies a record and all that it points to into `memory`. */
struct arena;
void *record_copy(const struct record_type *type, const void *record, struct arena *memory);
bool record_equal(const struct record_type *type, const void *a, const void *b);
size_t record_weight(const struct record_type *type, const void *record); /* bytes of its texts */

#endif
