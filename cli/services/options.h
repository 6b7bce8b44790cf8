/*
 * options.h - the options that are the commands' own: tables and the structs that they fill.
 */
#ifndef CLI_SERVICES_OPTIONS_H
#define CLI_SERVICES_OPTIONS_H

#include "base/settings.h"

struct consumer_options { /* services.c */
    bool has_api;
};
extern const struct setting consumer_options[];

struct topics_options { /* admin.c */
    struct texts queues;
    int64_t state_segment_ms;
};
extern const struct setting topics_options[];

struct skip_options {
    const char *reason, *by;
};
extern const struct setting skip_options[];

struct db_options {
    const char *expect;
    int batch_records;
    bool accept_loss;
    const char *until, *schema;
};
extern const struct setting verify_options[], rebuild_options[];

#endif
