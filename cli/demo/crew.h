/*
 * crew.h - the workers of the tale: what they report on an execution, and when. Pure.
 *
 * They keep the rules of docs/workers.md. What would not be over by the end is left to the workers that come then, but for runs that
 * hang: their worker reports nothing more.
 */
#ifndef CLI_DEMO_CREW_H
#define CLI_DEMO_CREW_H

#include "cli/demo/story.h"
#include "model/tables.h"

struct crew_record { /* to be sent at an instant */
    const char *topic;
    struct uuid key;
    enum record_kind kind;
    const void *record;
    usec_t at;
};

struct crew_work {
    usec_t until; /* given: the end of the tale */
    struct crew_record *records;
    size_t count;
    long lines;
};

/* What becomes of an execution that was made at `made`, in memory. */
void crew_work(const struct execution_created *e, const char *queue, usec_t made,
               struct arena *memory, struct crew_work *ret);

/* When those who are absent at `at` are back; 0: nobody is absent. queue NULL: who decides. */
usec_t crew_absent_until(const char *queue, usec_t at, usec_t until);

#endif
