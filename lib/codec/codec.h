/*
 * codec.h - records to bytes and back: Confluent framing (0x00, 4-byte schema id, Avro), schemas/avro.
 *
 * Schema ids are fixed for ever and equal enum record_kind. Decoding goes by the writer's schema (the id
 * in the frame, one of ours), picks fields by name and fills our own defaults. Foreign bytes are checked
 * before they are read, and may not ask for more memory than the arena's budget. Thread safe (thread-local scratch).
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/tables.h"

/* Appends the frame of `record` (a struct of model/records.h of that kind) to out. Fails only on a record that breaks its own type. */
MUST_CHECK enum rc codec_encode(enum record_kind kind, const void *record, struct buf *out,
                                struct error *err);

/* RC_INVALID: not a frame, unknown schema id, malformed, over the arena's budget, trailing bytes. The record lives in `memory`. */
MUST_CHECK enum rc codec_decode(struct bytes frame, struct arena *memory,
                                enum record_kind *ret_kind, const void **ret, struct error *err);

/* Self-contained text of a schema (shared types inlined); NULL when there is no such id. Ids are 1..codec_schema_count(). */
const char *codec_schema_text(int id);
int codec_schema_count(void);

#endif
