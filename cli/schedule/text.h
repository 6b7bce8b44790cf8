/*
 * text.h - one schedule in words, for a terminal. Pure.
 */
#ifndef CLI_SCHEDULE_TEXT_H
#define CLI_SCHEDULE_TEXT_H

#include "model/schedule_json.h"

/*
 * The next `count` instants strictly later than `from`, one a line, on the schedule's own clock:
 * "2027-03-28T03:00:00+02:00  Sun  MOVED: 02:30 does not exist, runs at 03:00". Fewer when it ends, "none" when there are
 * none. Answers how many.
 */
size_t next_text(const struct schedule *s, usec_t from, int count, struct buf *out);

/* All that schedule_json() tells, laid out for people; the next instants as next_text() has them. */
void explain_text(const struct schedule_view *v, struct buf *out);

#endif
