/*
 * ask.h - one schedule as it is asked for on the command line: what `next` and `explain` share.
 */
#ifndef CLI_SCHEDULE_ASK_H
#define CLI_SCHEDULE_ASK_H

#include "base/settings.h"
#include "cron/schedule.h"
#include "model/enums.h"

struct ask_options {
    const char *zone, *dialect, *dst_gap, *dst_overlap, *from, *task;
    int count; /* 0: not given, see ask_count */
    bool is_json;
};
extern const struct setting ask_options[];

struct ask {
    char *expression; /* the operands, joined: who forgets the quotes is understood */
    struct schedule *schedule;
    struct lints lints;
    usec_t from;
};

void ask_clear(struct ask *a);
#define SCOPED_ASK __attribute__((cleanup(ask_clear))) struct ask

/* Reads the operands. A wrong expression's text shows it with a mark under the place: see point_at. */
MUST_CHECK enum rc ask_read(const struct texts *operands, const struct ask_options *o,
                            struct zoneset *zones, usec_t now, struct ask *ret, struct error *err);

/* What `next` and `explain` print, as text or JSON. Appended. */
void ask_next(const struct ask *a, const struct ask_options *o, struct buf *out);
void ask_explain(const struct ask *a, const struct ask_options *o, struct buf *out);

int ask_count(const struct ask_options *o); /* how many instants */

/* --- parts --- */

/* A symbol in any case, with `-` or `_`; NULL and "" leave *ret as it is. */
MUST_CHECK enum rc ask_choice(const struct enum_type *type, const char *text, int *ret,
                              struct error *err);

#endif
