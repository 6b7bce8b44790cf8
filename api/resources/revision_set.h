/*
 * revision_set.h - revisions of one task, each with the timeline that it had. Pure but for the zones it reads.
 */
#ifndef API_RESOURCES_REVISION_SET_H
#define API_RESOURCES_REVISION_SET_H

#include "api/resources/verdict.h"
#include "cron/zoneset.h"

struct revision_set { /* holds its zones, however long somebody waits with it */
    struct arena *memory;
    struct verdict_revision *items; /* rows are borrowed */
    size_t count;
};

/* `rows` in order: struct task_row of task_revision. */
struct revision_set *revision_set_new(const struct task_row *rows, size_t count,
                                      struct zoneset *zones);
void revision_set_free(struct revision_set *s); /* NULL is fine */

DEFINE_SCOPED(revision_set, struct revision_set, revision_set_free)

#endif
