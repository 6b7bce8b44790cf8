/*
 * history.h - the topics of an installation of the test's own with a random history in them, and what is done with it:
 * consumers in threads, db commands, records deleted as retention would.
 */
#ifndef CONSUMER_HISTORY_H
#define CONSUMER_HISTORY_H

#include <stdio.h>

#include "consumer/consumer.h"
#include "consumer/db.h"
#include "support/broker.h"
#include "support/database.h"
#include "support/random_log.h"

extern int64_t history_records; /* that the tables must have read: all but heartbeats */

void history_make(int executions); /* topics and records; once a program */
void history_end(void);
void history_publish(const struct random_log *log);

/* In a thread, which may outlive a test that fails: it stands in no frame of a test. Two at a time at most. */
struct history_consumer;

struct history_consumer *history_start(const char *instance, const char *database, int batch);
enum rc history_stop(struct history_consumer *r); /* r is gone then */
/* The teardown of every test: stops what a failed one left running. */
int history_settle(void **state);

int64_t history_position_sum(void); /* of the live tables, heartbeats left out */

/* Of a db command; batches of 20,000. */
struct db_config history_db_config(const char *database);
/* Runs a db command; what it printed, owned. The error is in test_error. */
char *history_run(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                  const struct db_config *config, enum rc expected);
/* The same as most commands are run. */
char *history_db(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                 const char *database, enum rc expected);

#endif
