/*
 * environment.h - variables that look like ours and that nothing reads: a slip in a name would be silence. Pure.
 *
 * Whose they may be else: what a run is told about itself, if we are started by one; what Kubernetes puts beside a service that
 * is called cronobs; what the project's own tests are told (CRONOBS_TEST_*).
 */
#ifndef CLI_PROGRAM_ENVIRONMENT_H
#define CLI_PROGRAM_ENVIRONMENT_H

#include "base/arena.h"
#include "base/error.h"

/* The first one from *at on, and *at behind it. False: there is no other. `ret` says which, and the way out. */
bool environment_stranger(const char *const *environment, const char *const **at,
                          struct arena *memory, struct error *ret);

#endif
