/*
 * journal.h - what handlers did, a JSON object a line, for the driver (../README.md). Any thread.
 */
#ifndef CONFORMANCE_JOURNAL_H
#define CONFORMANCE_JOURNAL_H

#include "c/cronobs.h"

/* "" where nobody wants one. False: it cannot be opened. */
bool journal_open(const char *path);
void journal_start(void);
void journal_begin(const struct cronobs_execution *e);
/* what: "cause", "end", "contact", ...; member, value: one more, the value as JSON; NULL: none. */
void journal_note(const struct cronobs_execution *e, const char *what, const char *member,
                  const char *value);

#endif
