/*
 * duration.h - spans of time as people write them: "90s", "1h30m", "250ms", "2w".
 *
 * Units: ms s m h d w, largest first or not, each a whole number; "0" needs no unit. Pure.
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include "base/error.h"

enum { DURATION_TEXT_MAX = 48 };

/* Milliseconds; RC_INVALID for anything else, signs, blanks and overflow included. */
MUST_CHECK enum rc duration_parse(const char *text, int64_t *ret_ms, struct error *err);

/* The shortest such text, up to days ("1d2h", "1m500ms", "0s"); parses back to the same. Returns text. */
const char *duration_text(int64_t ms, char text[DURATION_TEXT_MAX]);

#endif
