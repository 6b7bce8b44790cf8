/*
 * broker_scan.h - on the broker's thread: one look at queues and partitions, and what stood still
 * since the last one.
 */
#ifndef API_BROKER_SCAN_H
#define API_BROKER_SCAN_H

#include "api/broker.h"
#include "bus/topics.h"

struct scan_place {
    char *topic;
    int partition;
    int64_t end;
    usec_t since; /* monotonic: the end has been there since */
};

struct scan {
    const struct broker_config *config;
    struct bus *bus;
    struct bus_admin *admin;
    struct bus_consumer *committed, *uncommitted;
    struct scan_place *places;
    size_t count, capacity;
    bool is_checked, is_wrong;
};

MUST_CHECK enum rc scan_open(struct scan *s, struct error *err);
void scan_clear(struct scan *s);

/* Everything anew; the view is the caller's (broker_view_free). */
struct broker_view *scan_look(struct scan *s, usec_t now);
void broker_view_free(struct broker_view *view); /* NULL is fine */

/* Pure: an observation of one partition. Answers since when its end has not moved. */
usec_t scan_note(struct scan *s, const char *topic, int partition, int64_t end, usec_t now);

#endif
