/*
 * tasks.h - random tasks: some schedules with calendars, a window and jitter, for both sides.
 */
#ifndef DIFFERENTIAL_TASKS_H
#define DIFFERENTIAL_TASKS_H

#include "base/buf.h"
#include "cron/timeline.h"
#include "differential/course.h"
#include "differential/expressions.h"

struct task {
    struct course course;
    struct timeline *timeline; /* NULL: the engine refused a part; `why` says which */
    struct error why;
    usec_t around; /* an instant where something may happen */
};

/* Throws a task, as text into `what` too. The caller frees its timeline. */
void random_task(const struct expressions *e, struct zoneset *zones, struct dice *d,
                 struct task *ret, struct buf *what);

#endif
