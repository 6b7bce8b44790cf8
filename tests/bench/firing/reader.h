/*
 * reader.h - sees records of a queue as a worker sees them: committed, in a thread of its own, which does nothing but note when.
 */
#ifndef BENCH_FIRING_READER_H
#define BENCH_FIRING_READER_H

#include "place.h"

struct reader;

/* From the end of a topic (without the prefix) on. Keeps what it sees, or else counts. */
struct reader *reader_new(const struct place *p, const char *topic, bool keeps);
void reader_free(struct reader *r);

size_t reader_count(const struct reader *r);
/* Waits until it has so many; seconds since 1970 of the last one. */
double reader_wait(const struct reader *r, size_t count, double limit);
double reader_cpu(const struct reader *r); /* seconds of its thread */

/* Of those due (their own word) within [from, to): milliseconds from due to seen, sorted; into out, which has room for all. */
size_t reader_lateness(const struct reader *r, usec_t from, usec_t to, double *out);

#endif
