/*
 * telling.h - inside verdict_words: a verdict on its way into words.
 */
#ifndef API_RESOURCES_TELLING_H
#define API_RESOURCES_TELLING_H

#include "api/resources/verdict_words.h"

struct telling {
    const struct verdict *v;
    const struct verdict_sources *s;
    const struct verdict_facts *f;
    struct arena *memory;
    struct verdict_words *out;
};

const char *telling_when(const struct telling *t, usec_t at);
const char *telling_span(const struct telling *t, usec_t us); /* "310ms", "6.12s", "1h2m3s" */
/* ", by anna: moving house" */
const char *telling_by(const struct telling *t, const char *actor, const char *reason);
const char *telling_count(const struct telling *t, const struct gap_row *g); /* "12 instants" */
/* The revision that paused it, whether a gap was written for the pause or not; NULL: none. */
const struct task_row *telling_pause(const struct telling *t);
usec_t telling_ended(const struct execution_row *e);

void telling_details(const struct telling *t); /* verdict_details.c */
void telling_records(const struct telling *t); /* verdict_records.c */

#endif
