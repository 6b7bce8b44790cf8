/*
 * options.h - the options that are the commands' own: tables and the structs that they fill.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/settings.h"

struct consumer_options { /* services.c */
    bool has_api;
};
extern const struct setting consumer_options[];

struct topics_options { /* admin.c */
    struct texts queues;
    int replication;
    int64_t state_segment_ms;
};
extern const struct setting topics_options[];

struct db_options {
    const char *expect;
    int batch_records;
};
extern const struct setting db_options[];

struct import_options { /* import.c */
    const char *zone, *queue, *project, *source;
    bool is_dry, prunes, is_json;
};
extern const struct setting import_options[];

/* --- commands over HTTP --- */

struct list_options { /* rest.c: of every list */
    int limit;
    bool is_json;
};
extern const struct setting list_options[];

struct write_options { /* of every write */
    const char *project, *reason;
    int64_t wait_ms; /* 0: do not wait */
    bool is_json;
};
extern const struct setting write_options[];

#endif
