/*
 * task_rows.h - records about tasks and commands as rows. Pure.
 */
#ifndef CONSUMER_TASK_ROWS_H
#define CONSUMER_TASK_ROWS_H

#include "consumer/intake.h"
#include "store/rows.h"

struct task_row task_row_of(const struct intake *in, struct arena *memory);       /* TaskRevision */
struct command_row command_row_of(const struct intake *in, struct arena *memory); /* Command */
struct command_row outcome_row_of(const struct intake *in);                /* CommandOutcome */
struct skip_row skip_row_of(const struct intake *in);                      /* CommandOutcome */
struct gap_row gap_row_of(const struct intake *in);                        /* ScheduleGap */
const char *labels_json(const struct pairs *labels, struct arena *memory); /* NULL: none */

#endif
