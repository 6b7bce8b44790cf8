/*
 * skip.h - what a person has decided about a partition that stands, put into the scheduler's state: `cronobs topics skip`.
 *
 * commands, status: the Watermark of the partition is written again, with another position. state: the record at that offset is
 * taken back: a task that nobody can read is forgotten, an unreadable Watermark gives way to the last one that can be read. A
 * scheduler that stands takes it up within 10 s. One that reads the partition on would write its own Watermark over this one.
 */
#ifndef SCHEDULER_SKIP_H
#define SCHEDULER_SKIP_H

#include <stdio.h>

#include "bus/bus.h"

/* For every topic, before anything is written. RC_INVALID: the partition ends before `to`; a range over what is yet to come would
   leave out what nobody has seen. RC_NOT_FOUND: there is no such partition. Blocks up to 10 s. */
MUST_CHECK enum rc skip_check_end(struct bus *bus, const char *prefix,
                                  const struct bus_position *to, struct error *err);

/* Does the scheduler keep something about this topic (its name without the prefix)? */
bool skip_concerns_scheduler(const char *topic);

/* is_repeated: the same was decided before (consumer/skip.h): a position that is behind it by now stays.
   Says on `out` what it has done. RC_NOT_FOUND: the state holds no Watermark, or no such record. RC_CONFLICT: a newer record of
   that key follows, so there is nothing to take back. RC_RETRY: a transaction is open there. */
MUST_CHECK enum rc skip_in_state(struct bus *bus, const char *prefix, const struct bus_position *to,
                                 bool is_repeated, FILE *out, struct error *err);

#endif
