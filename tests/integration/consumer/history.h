/*
 * history.h - the topics of an installation of the test's own with a random history in them, and what is done with it:
 * consumers in threads, db commands, records deleted as retention would.
 */
#ifndef CONSUMER_HISTORY_H
#define CONSUMER_HISTORY_H

#include <pthread.h>
#include <signal.h>
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

struct history_consumer { /* in a thread */
    pthread_t thread;
    struct consumer_config config;
    volatile sig_atomic_t stop;
    enum rc rc;
    struct error err;
};

void history_start(struct history_consumer *r, const char *instance, const char *database,
                   int batch);
enum rc history_stop(struct history_consumer *r);

int64_t history_position_sum(void); /* of the live tables, heartbeats left out */

/* Of a db command; batches of 20,000. */
struct db_config history_db_config(const char *database);
/* Runs a db command; what it printed, owned. The error is in test_error. */
char *history_run(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                  const struct db_config *config, enum rc expected);
/* The same as most commands are run. */
char *history_db(enum rc (*command)(const struct db_config *, FILE *, struct error *),
                 const char *database, enum rc expected);

/* Deletes the first records of a topic partition, as retention would. */
void history_delete_before(const char *topic, int partition, int64_t offset);
void history_delete_topic(const char *topic);

#endif
