/*
 * known.h - names that somebody gave, held against those that there are.
 *
 * A name that nothing has is an error with the nearest one that something has. Asked only when an answer was empty or
 * "not found": who names what is there waits for nothing more.
 */
#ifndef CLI_CLIENT_KNOWN_H
#define CLI_CLIENT_KNOWN_H

#include "cli/client/rest.h"

/* Adds the nearest task to an error RC_NOT_FOUND about this one. Answers err's own rc; other errors stay as they are. */
enum rc known_task_hint(struct rest *r, const struct rest_task *task, struct error *err);

/* The same of a queue. */
enum rc known_queue_hint(struct rest *r, const char *queue, struct error *err);

/* Of a list that came out empty: RC_NOT_FOUND when what it was narrowed by is unknown. NULL: it was not narrowed by it. */
MUST_CHECK enum rc known_task(struct rest *r, const struct rest_task *task, struct error *err);
MUST_CHECK enum rc known_project(struct rest *r, const char *project, struct error *err);
MUST_CHECK enum rc known_queue(struct rest *r, const char *queue, struct error *err);

/* Does the last answer hold a list without items? */
bool known_is_empty(const struct rest *r);

#endif
