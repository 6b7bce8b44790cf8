/*
 * consumer.h - the projection: reads the log, keeps PostgreSQL's tables in step with it, exactly once.
 *
 * A static member of a consumer group takes partitions over by epoch + 1 and starts where the database says; a batch of rows
 * and its positions are one transaction. PostgreSQL away: the member stays in the group, reads nothing, tries again with
 * back-off, and starts from the database's positions when it is back. One thread; logs what an operator wants to know.
 */
#ifndef CONSUMER_CONSUMER_H
#define CONSUMER_CONSUMER_H

#include <signal.h>

#include "base/settings.h"

struct consumer_config {
    /* from common_settings */
    const char *brokers, *database, *topic_prefix;
    int partitions;
    int64_t session_timeout_ms;
    /* consumer_settings */
    const char
        *instance; /* client id, group.instance.id, kafka_offset.owner; NULL: host name + "-1" */
    int batch_records; /* at most in one transaction */
};

extern const struct setting consumer_settings[]; /* over struct consumer_config */

/* Until *stop is not 0 (RC_OK), or until it has to be restarted: RC_FENCED (another process has the instance's name), RC_FATAL;
   RC_INVALID: topics or tables are not as they have to be, the text and hint say how to mend it. */
MUST_CHECK enum rc consumer_run(const struct consumer_config *config,
                                const volatile sig_atomic_t *stop, struct error *err);

#endif
