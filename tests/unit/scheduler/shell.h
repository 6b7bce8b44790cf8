/*
 * shell.h - the whole scheduler, but for the broker: on the log in memory, with a clock that the test turns.
 *
 * Two processes of it may run. A reader keeps what they have fired, as a worker would see it.
 */
#ifndef TESTS_SCHEDULER_SHELL_H
#define TESTS_SCHEDULER_SHELL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/tables.h"
#include "scheduler/scheduler.h"
#include "support/memlog.h"

enum { PARTITIONS = 5, TASKS = 5, FIRED_MAX = 4096, SESSION_MS = 6000, TRANSACTION_MS = 60000 };

struct process { /* one scheduler */
    const char *name;
    struct bus *bus;
    struct scheduler *scheduler;
    bool is_frozen;
};

struct fired {
    struct uuid task_id;
    usec_t scheduled_at, at;
    struct uuid execution_id, parent_execution_id;
    int attempt;
};

extern struct shell {
    struct memlog *memory;
    usec_t real, mono, broker_ahead;
    int jump_in; /* so many readings later this machine's clock jumps; 0: never */
    usec_t jump_by;
    usec_t reading_takes; /* of the clock: so long does everything between two of them */
    struct process processes[2];
    struct fired fired[FIRED_MAX];
    size_t fired_count;
    struct bus *reader_bus;
    struct bus_consumer *reader;
} shell;

/* Set-up and tear-down of a test. */
int shell_begin(void **state);
int shell_end(void **state);

void shell_start(struct process *p);
void shell_crash(struct process *p);

/* Lets time pass in steps of 10 ms. A process that cannot go on is started again at once. */
void shell_pass(double seconds);

/* Every task has fired every second from its first to at least `until`, once. Answers how many in all. */
size_t shell_judge(usec_t until);

/* Sends a record as any other program may. */
void shell_send(const char *topic, int partition, struct uuid key, enum record_kind kind,
                const void *what);

struct uuid shell_task(int n);
void shell_order(int n, struct command command);
void shell_put(const char *queue, int n, const char *expression, struct bytes payload);
/* Due every second. */
void shell_put_task(const char *queue, int n);
/* TASKS of them, in the queue "q". */
void shell_put_tasks(void);

#endif
