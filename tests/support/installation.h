/*
 * installation.h - the topics of an installation of its own, executions put into a queue by hand, and what
 * workers said about them: for tests of workers, with neither scheduler nor consumer.
 */
#ifndef SUPPORT_INSTALLATION_H
#define SUPPORT_INSTALLATION_H

#include "model/records.h"
#include "support/broker.h"

enum { INSTALLATION_PARTITIONS = 3, INSTALLATION_RECORDS = 4096 };

void installation_create(void); /* the topics; prefix: broker_prefix() */
void installation_add_queue(const char *queue);

/* Publishes an execution; fills what is nil or 0: ids, attempt, status partition, times, key. Returns its id. */
struct uuid installation_publish(const char *queue, struct execution_created e);
/* As the scheduler would, in `control`: what was published last under that id, its attempt 1. */
void installation_cancel(struct uuid execution_id);
void installation_signal(const struct execution_signal *signal); /* any other */
/* The task under whose id it was published. */
struct uuid installation_task_of(struct uuid execution_id);

struct history { /* all that workers have said about one execution, in the log's order */
    const struct execution_status *statuses[INSTALLATION_RECORDS];
    size_t status_count;
    const struct log_batch *batches[INSTALLATION_RECORDS];
    size_t batch_count;
    size_t line_count, heartbeat_count;
    const struct heartbeat *heartbeat; /* the last; NULL: none */
};

/* Reads on in the topics, forgetting nothing, and shows one execution. Borrowed until the next call. */
const struct history *installation_history(struct uuid execution_id);

/* Reads on, once for all of them: of how many there are `least` statuses. */
size_t installation_told(const struct uuid *ids, size_t count, size_t least);

/* Waits until the execution has a final status; that is returned. */
const struct execution_status *installation_final(struct uuid execution_id);

/* The lines of one stream (STREAM_COUNT: all) joined by '\n', or without where they are pieces of one; checked to be numbered
   without a gap, and marked in order. */
const char *installation_lines(struct uuid execution_id, enum log_stream stream);

void installation_end(void);

#endif
