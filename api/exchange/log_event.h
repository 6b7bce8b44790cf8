/*
 * log_event.h - lines of a log as the event "log" of a stream. Pure.
 */
#ifndef API_EXCHANGE_LOG_EVENT_H
#define API_EXCHANGE_LOG_EVENT_H

#include "base/json.h"
#include "store/read_logs.h"

enum { LOG_EVENT_MAX = 64 << 10 }; /* bytes; one line alone may be longer */

/* The members of a line, into an object that is open. */
void put_log_line(struct json *j, const struct log_line_view *line);

/*
 * {"topic", "from", "lines": [...], "more"}: the first lines of a page, as many as there is room for, and none behind a number that is
 * left out: they are from, from + 1, ... Answers how many; more: others are there already. count > 0.
 */
size_t log_event(const char *topic, const struct log_line_view *lines, size_t count, bool more,
                 struct buf *out);

#endif
