/*
 * blame.h - what the API finds wrong, said of the options that it came from.
 *
 * The API names a member of the JSON that it was sent ("/schedules/0/expression"), or a parameter of the query ("tz"); who
 * typed options has seen neither. A task that came from a FILE keeps the JSON's names, behind the FILE's. Pure.
 */
#ifndef CLI_CLIENT_BLAME_H
#define CLI_CLIENT_BLAME_H

#include "cli/shared/subcommand.h"

/* Rewrites text and hint of an error that the API answered to a request of this call; one of no member is left as it is. */
void blame(const struct call *call, struct error *err);

/* The option that stands for a member ("labels", "schedules/0/zone") in requests of this command; NULL: none does. */
const char *blame_option(const char *command, const char *member);

#endif
