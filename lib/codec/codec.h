/*
 * codec.h - records to bytes and back: Confluent framing (0x00, 4-byte schema id, Avro), schemas/avro.
 *
 * Schema ids are fixed for ever. The schemas of a record are its versions 1, 2, ... in the order of their ids;
 * what is written is the newest. Decoding goes by the writer's schema (the id in the frame, one of ours), picks
 * fields by name, and leaves what the writer has not at zero, our default. Foreign bytes are checked before they
 * are read, and may not ask for more than 64 KiB and 32 bytes for each of their own, nor for more than the arena's
 * budget. Thread safe.
 *
 * Texts. What is encoded must be UTF-8 (utf8.h), since stock readers refuse a record that is not; only
 * log_line.message may hold NULs. What was decoded is UTF-8 without NUL, offending bytes escaped as
 * utf8_escape() does it; only log_line.message is left as it came.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/tables.h"

enum { CODEC_FRAME_MAX = 1 << 20 }; /* no record is longer: the log's own limit for a batch */

/* Appends the frame of `record` (a struct of model/records.h of that kind) to out. Fails only on a record that
   breaks its own type: a text that is no UTF-8, a number that is no symbol. */
MUST_CHECK enum rc codec_encode(enum record_kind kind, const void *record, struct buf *out,
                                struct error *err);

/* RC_INVALID: too long, not a frame, unknown schema id, malformed, asks for too much, bytes behind its end. The record
   lives in `memory` (with what was read of a refused one, until the arena is reset). */
MUST_CHECK enum rc codec_decode(struct bytes frame, struct arena *memory,
                                enum record_kind *ret_kind, const void **ret, struct error *err);

/* The same of one kind: any other is RC_INVALID. */
MUST_CHECK enum rc codec_decode_one(enum record_kind kind, struct bytes frame, struct arena *memory,
                                    const void **ret, struct error *err);

/* The same where only records of one kind can be: a schema id that is newer than this program is read as the newest
   that it knows. What the writer has put behind its fields is ignored, an unknown symbol is the enumeration's default. */
MUST_CHECK enum rc codec_decode_as(enum record_kind kind, struct bytes frame, struct arena *memory,
                                   const void **ret, struct error *err);

/* Has a newer release written it? Its schema id is above those we know, and its body begins as the newest record that we know of
   one of `kinds` does: later versions only add fields at the end (schemas/README.md). */
bool codec_is_newer(struct bytes frame, const enum record_kind *kinds, size_t count);

/* Self-contained text of a schema (shared types inlined); NULL when there is no such id. Ids are 1..codec_schema_count(). */
const char *codec_schema_text(int id);
int codec_schema_count(void);

/* Whose schema it is, and which version of that record; 0 when there is no such id. */
enum record_kind codec_schema_kind(int id);
int codec_schema_version(int id);

/* The id of a version of the record, 1..codec_version_count(kind); 0 when there is no such version. */
int codec_schema_id(enum record_kind kind, int version);
int codec_version_count(enum record_kind kind);

#endif
