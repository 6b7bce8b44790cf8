/*
 * subjects.h - which schemas are where: the subjects of the schema registry, from topics and
 * embedded schemas. Pure.
 *
 * A topic with one kind of record has the subject "<topic>-value", one with several
 * "<topic>-<record>" for each of them. The versions of a subject are those of its record, as codec.h numbers them.
 */
#ifndef API_RESOURCES_SUBJECTS_H
#define API_RESOURCES_SUBJECTS_H

#include "base/arena.h"
#include "http/json_read.h"
#include "model/tables.h"

struct subject {
    const char *name;
    enum record_kind kind; /* of its record */
};

struct subjects {
    struct subject *items; /* sorted by name */
    size_t count;
};

/* queues: names, without prefix. All in memory. */
void subjects_list(const char *prefix, const char *const *queues, size_t queue_count,
                   struct arena *memory, struct subjects *ret);

/* NULL when there is none. A record may also be given with its namespace, as some clients do. */
const struct subject *subjects_find(const struct subjects *s, const char *name);

/* The id of the schema that is this value, in whatever order of members; 0 when it is none of
   ours. */
int schema_find(const struct json_node *schema);

#endif
