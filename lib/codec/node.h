/*
 * node.h - how a schema meets a table: one node for each place of a schema, made once.
 *
 * avro-c reads and writes anything that offers its value interface. Ours are the structs of model/records.h
 * themselves: a node knows the writer's type and the table's field, an avro_value_t is (node, address of
 * the member). So nothing is copied through avro-c's generic values, nothing is resolved, and what the writer
 * has but we do not is skipped by the library (a child without a node). Internal to lib/codec.
 */
#ifndef CODEC_NODE_H
#define CODEC_NODE_H

#include <avro.h>

#include "base/arena.h"
#include "model/tables.h"

struct node {
    avro_value_iface_t iface;         /* first: the library hands it back to us */
    avro_schema_t schema;             /* of the writer; never a link */
    const struct field *field;        /* what it fills; NULL: the record itself */
    const struct record_type *record; /* records only */
    struct node **children; /* record: its fields in the writer's order, NULL = not ours; union:
                                  its branches; array, map: what they hold */
    size_t child_count;
    const int
        *codes; /* enumeration: the writer's symbol -> ours; union: branch -> kind, -1 = null */
};

/* Aborts when the schema contradicts the table: both are ours, a test holds them together. */
struct node *node_new(avro_schema_t schema, const struct record_type *record);

/* The value interface, the same for all nodes (value.c). */
extern const avro_value_iface_t node_interface;

/* What one call of the codec carries with it, each thread its own. */
struct scratch {
    struct arena *memory; /* decoding: where avro-c and we allocate; else NULL: malloc */
    size_t left;          /* bytes that this message may still ask for */
    bool is_spent;        /* it asked for more */
    bool is_newer;        /* the writer's schema is newer than ours: see codec_decode_as */
    const char *culprit;  /* name of the field that was refused; NULL: the bytes themselves */
    char id[UUID_TEXT];   /* text of an id, until the library has written it */
};

extern _Thread_local struct scratch scratch;

/* Zeroed memory of the message; NULL when it asks for too much. */
void *scratch_alloc(size_t size);

#endif
