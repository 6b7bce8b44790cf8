/*
 * term.h - one term of a field while it is read; what the files that know its forms share (term.c, hashed.c).
 *
 * Private to lib/cron.
 */
#ifndef CRON_TERM_H
#define CRON_TERM_H

#include "cron/parse.h"

struct values { /* how a field is written */
    const char *label;
    int min, top, max; /* top: the last of a star; max: the last that may be written */
    const char *names;
};

struct term {
    const struct parse *p;
    enum field field;
    const struct values *values;
    const char *at, *end; /* what is left of the term */
    uint64_t *bits;       /* the field's values so far: four words */
    struct fields *f;     /* for everything else */
};

struct range {
    const char *at;
    int from, to, step;
};

/* Takes the character, in upper case, if it comes next. */
bool term_take(struct term *t, char c);
/* A number or a name of the field. */
MUST_CHECK enum rc term_take_value(struct term *t, int *ret);
/* The end of a range from `from`: Sunday may end a week that it does not begin. */
MUST_CHECK enum rc term_take_end(struct term *t, int from, int *ret);
MUST_CHECK enum rc term_take_step(struct term *t, int *ret);

/* The end of the term: sets the values of the range. */
MUST_CHECK enum rc term_finish(const struct term *t, const struct range *r);

bool term_is_vixie(const struct parse *p);
/* RC_INVALID: what comes next does not belong here; `what` is not of the dialect. */
enum rc term_unexpected(const struct term *t);
enum rc term_refuse(const struct term *t, const char *at, const char *what);

/* H, H/n, H(a-b), H(a-b)/n: the H is taken already. */
MUST_CHECK enum rc hash_term(struct term *t);
/* ~, a~, ~b, a~b: `from` is taken already, and the ~. */
MUST_CHECK enum rc tilde_term(struct term *t, const char *at, int from);

#endif
