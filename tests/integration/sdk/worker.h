/*
 * worker.h - a worker of the SDK on a queue of a real Kafka; what fails ends the test.
 */
#ifndef TESTS_SDK_WORKER_H
#define TESTS_SDK_WORKER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "c/cronobs.h"
#include "support/installation.h"

extern struct cronobs_error worker_why;
extern int worker_passed_over; /* notices that say so */
extern char worker_queue[16];  /* see worker_add_queue */

/* Of all tests of a program. */
int worker_begin(void **state);
int worker_end(void **state);

/* Set-up of a test: a fresh queue. */
int worker_add_queue(void **state);

struct cronobs_config worker_config(int concurrency);
struct cronobs_worker *worker_open(const struct cronobs_config *config);
void worker_close(struct cronobs_worker *w);

struct cronobs_job *worker_next(struct cronobs_worker *w);
void worker_finish(struct cronobs_job *job);
void worker_log(struct cronobs_job *job, enum cronobs_stream stream, const char *text);

/* Finishes what the worker has; how many of the executions are reported to the end? */
size_t worker_work_off(struct cronobs_worker *w, const struct uuid *ids, size_t count);

#endif
