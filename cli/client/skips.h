/*
 * skips.h - that an instant to come is to be skipped, as lists and tasks say it.
 */
#ifndef CLI_CLIENT_SKIPS_H
#define CLI_CLIENT_SKIPS_H

#include "cli/client/rest.h"

/* "yes, by api: moving house", where the object has a member "skip"; else "". `said` stands for "yes". */
const char *skip_text(struct rest *r, const struct json_node *object, const char *said);

#endif
