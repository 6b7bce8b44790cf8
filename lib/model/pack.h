/*
 * pack.h - records kept in as few bytes as they need, in memory: a million specs stand beside each other.
 *
 * No format of the wire (codec.h): what is packed is unpacked by the same process. The fields in the order of the record's
 * table; numbers of as many bytes as they have; texts with their NUL, so that unpacking borrows them where they lie.
 * For what a TaskSpec may be made of: neither unions nor counted texts.
 */
#ifndef MODEL_PACK_H
#define MODEL_PACK_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/tables.h"

/* Appends the fields that the type names. */
void record_pack(const struct record_type *type, const void *record, struct buf *out);

/* Fills these fields. Texts and bytes are borrowed from what was packed; what else they point to is in `memory`. */
void record_unpack(const struct record_type *type, const void *packed, struct arena *memory,
                   void *record);

#endif
