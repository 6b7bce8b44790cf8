/*
 * read_summary.h - counts of the moment and of the last hours, from the counts that the projection keeps.
 */
#ifndef STORE_READ_SUMMARY_H
#define STORE_READ_SUMMARY_H

#include "store/read.h"

enum { READ_PROJECT_TASKS_MAX = 20000 }; /* of a project: those of which counts are summed up */

struct count_row {
    usec_t bucket; /* 0 where it is not asked for */
    int32_t code;  /* of a status, or of a task's state */
    int64_t count;
};

/* Executions that are open, by status: struct count_row. */
void read_open_counts(struct read_pool *p, struct read_reply reply);

/* Executions by 15 minutes and status from `from` on (a multiple of 15 minutes). project: NULL: of all tasks; else of
   READ_PROJECT_TASKS_MAX of it. */
void read_steps(struct read_pool *p, usec_t from, const char *project, struct read_reply reply);

/* Tasks by state. project: NULL: all. */
void read_task_counts(struct read_pool *p, const char *project, struct read_reply reply);

#endif
