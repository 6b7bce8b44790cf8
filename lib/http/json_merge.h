/*
 * json_merge.h - a JSON document changed by another one, as RFC 7396 (merge patch) has it: members of objects are replaced one by
 * one, null takes one away, everything else is replaced as a whole.
 */
#ifndef HTTP_JSON_MERGE_H
#define HTTP_JSON_MERGE_H

#include "http/json_read.h"

/*
 * Appends what comes of `target`. With a suffix, NAME and NAME<suffix> are two spellings of one member of the whole: whichever
 * the patch has takes the place of both. RC_INVALID: one of them is no JSON, or the patch is no object.
 */
MUST_CHECK enum rc json_merge(struct bytes target, struct bytes patch, const char *suffix,
                              struct buf *ret, struct error *err);

/* Appends the document with its members in one order and without blanks: equal ones are equal texts. */
MUST_CHECK enum rc json_canonical(struct bytes text, struct buf *ret, struct error *err);

#endif
