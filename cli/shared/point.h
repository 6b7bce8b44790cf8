/*
 * point.h - an error in a text that somebody typed, shown with the text and a mark under the place. Pure.
 */
#ifndef CLI_SHARED_POINT_H
#define CLI_SHARED_POINT_H

#include "base/error.h"

/* Control characters in err's text, which may quote what was typed, become `\xHH`. */
void point_clean(struct error *err);

/* The same; then adds the expression, and under it a `^` at err's column, to err's text; of a long one the part around it. */
void point_at(struct error *err, const char *expression);

#endif
