/*
 * work.h - `cronobs work`, the program itself, on queues of a real Kafka.
 *
 * All tests share one worker with shell payloads, on a queue of its own; a test that needs its own worker has its own queue.
 */
#ifndef TESTS_CLI_WORK_H
#define TESTS_CLI_WORK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#include <cmocka.h>

#include "payload/shell_command.h"
#include "support/installation.h"

extern char work_shared[];  /* the queue of the worker that most tests share */
extern char work_queue[16]; /* see work_add_queue */
extern char work_folder[];  /* for what tests leave lying about; they clear it up */

/* Of all tests of a program. */
int work_begin(void **state);
int work_end(void **state);

/* Set-up of a test that needs a queue of its own. */
int work_add_queue(void **state);

/* --- workers --- */

/* argv of the program; NULL ends. */
pid_t work_start(const char *const *arguments);
/* On work_queue, one at a time: sh -c script. */
pid_t work_start_command(const char *script);
/* Waits for its end; its exit code, or minus the signal. */
int work_end_of(pid_t pid);
void work_stop(pid_t pid);

/* --- executions --- */

struct execution_created work_shell_execution(const struct shell_command *c);
/* On the shared queue. */
struct uuid work_run(const char *command);
struct uuid work_run_for(const char *command, int64_t run_timeout_ms);

/* Waits for its end. exit_code -1: none; message NULL: none. */
void work_assert_ended(struct uuid id, enum status status, int exit_code, const char *message);
void work_assert_prints(struct uuid id, enum log_stream stream, const char *lines);
bool work_has_printed(struct uuid id, const char *text);
int work_status_count(struct uuid id);

/* What a command printed, as the number that it is. */
int work_number(const char *text);

#endif
