/*
 * digest_text.h - digests of the tables as the db commands print and compare them. Pure but for the printing.
 */
#ifndef CONSUMER_DIGEST_TEXT_H
#define CONSUMER_DIGEST_TEXT_H

#include <stdio.h>

#include "store/digest.h"

void digest_print(const struct store_digest *d, FILE *out);

/* RC_CONFLICT when the total is not the expected one; NULL expects nothing. */
MUST_CHECK enum rc digest_expect(const struct store_digest *d, const char *expected,
                                 struct error *err);

/* Prints a "differs: ..." line for each table but the `except` ones (NULL: none); how many there are. */
size_t digest_differences(const struct store_digest *was, const struct store_digest *is,
                          bool (*except)(const char *table), FILE *out);

#endif
