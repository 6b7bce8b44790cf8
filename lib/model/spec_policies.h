/*
 * spec_policies.h - what a task may say about attempts and deadlines: defaults, limits, and what cannot go together.
 *
 * A part of spec.h, which calls it. What would never come to anything is an error that says why: an outcome that no
 * attempt can have, a second attempt that could not begin before the execution must be over.
 */
#ifndef MODEL_SPEC_POLICIES_H
#define MODEL_SPEC_POLICIES_H

#include "model/records.h"

/* In place. The texts that it puts in are constants. */
void spec_normalise_policies(struct task_spec *spec);

/* Of a normalised spec whose durations are within their limits. */
MUST_CHECK enum rc spec_check_policies(const struct task_spec *spec, struct error *err);

#endif
