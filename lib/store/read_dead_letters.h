/*
 * read_dead_letters.h - what could not be used and was put aside.
 */
#ifndef STORE_READ_DEAD_LETTERS_H
#define STORE_READ_DEAD_LETTERS_H

#include "store/read.h"

struct dead_letter_filter {
    const char *topic;    /* without the prefix; NULL: all */
    struct opt_int part;  /* not set: all */
    const char *reason;   /* NULL: any */
    usec_t from;          /* received then or later; 0: whenever, or nobody knows when */
    usec_t to;            /* received before; USEC_MAX: whenever */
    const char *at_topic; /* the cursor, with to: below this one; "": below all */
    int32_t at_part;
    int64_t at_offset;
};

/* Newest first; of one instant by topic, partition and offset, the highest first; those of which nobody knows when, at the end:
   struct dead_letter_row without value. */
void read_dead_letters(struct read_pool *p, const struct dead_letter_filter *filter, size_t limit,
                       struct read_reply reply);

/* 0 or 1 struct dead_letter_row. */
void read_dead_letter(struct read_pool *p, const char *topic, int32_t part, int64_t offset,
                      struct read_reply reply);

#endif
