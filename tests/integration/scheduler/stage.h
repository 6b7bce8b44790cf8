/*
 * stage.h - one installation that a program's tests share: a scheduler on the real broker, and all that the log says. The test gives
 * the orders and is the worker; it ends the scheduler and starts it again.
 *
 * Every look reads on in the log first, so WAIT_FOR may hold one. What it answers lives until stage_end.
 */
#ifndef STAGE_H
#define STAGE_H

#include "fleet.h"
#include "model/lifecycle.h"

enum { STAGE_PARTITIONS = 4 };

extern struct fleet stage;

int stage_begin(void **state); /* of all tests of a program: a scheduler runs */
int stage_end(void **state);

void stage_kill(void);
void stage_start(void); /* the one that was killed, again */
struct child stage_start_another(const char *suffix);

/* --- orders --- */

/* A task of queue "default" without schedules, one attempt, one at a time. */
struct task_spec stage_spec(const char *key);
/* A queue, read from its beginning. */
void stage_add_queue(const char *name);
void stage_put(struct task_spec spec); /* waits until it is accepted */
struct uuid stage_order(const char *key, enum command_kind kind);
struct uuid stage_cancel(const struct execution_created *x);
/* Triggers it and waits for what is sent. */
const struct execution_created *stage_run(const char *key);

/* --- reports --- */

/* What worker number n says; n 0 is the one that most tests have. */
void stage_report(const struct execution_created *x, enum status status, int n);
void stage_sign(const struct execution_created *x, int n);

/* --- what the log says --- */

/* The n-th that was sent for that task, in the order in which it was read; NULL: not yet. */
const struct execution_created *stage_sent(const char *key, size_t n);
size_t stage_sent_count(const char *key);
usec_t stage_sent_at(const struct execution_created *x); /* the broker's time */
/* The scheduler's n-th report of that status on an execution of that task. */
const struct execution_status *stage_said(const char *key, enum status status, size_t n);
const struct command_outcome *stage_outcome(struct uuid command);
const struct task_revision *stage_revision(const char *key); /* the newest */
/* What all reports come to. `x` NULL: of one that was never sent. */
struct life stage_life(struct uuid execution, const struct execution_created *x);
bool stage_is(const struct execution_created *x, enum status status);

/* Reads on meanwhile. */
void stage_pass_until(usec_t instant);

/* --- others --- */

/* Somebody's transaction that stays open in the task's partition of that topic; ended by an abort. */
struct hung {
    struct bus *bus;
    struct bus_txn *txn;
};
struct hung stage_hang(const char *topic, const char *key);
void stage_unhang(const struct hung *h);

#endif
