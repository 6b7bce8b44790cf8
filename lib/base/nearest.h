/*
 * nearest.h - which known name somebody most likely meant who wrote one that is not known.
 *
 * Near is what a slip of the hand makes: letters that are wrong, missing, too many or swapped, one for every three of
 * the word; and a beginning of three letters or more. Upper and lower case, `-`, `_`, `.` and blanks are the same. Pure.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/util.h"

struct nearest {
    const char *word; /* what was written; borrowed */
    const char *name; /* the nearest so far; NULL: nothing is near; borrowed */
    size_t distance;
};

struct nearest nearest_to(const char *word);
void nearest_try(struct nearest *n, const char *name); /* of equally near ones the first stays */

/* The same over a list that ends with NULL. */
const char *nearest_of(const char *word, const char *const *names);

#endif
