/*
 * parse.h - what the files that read expressions share: the text, its words, and saying what is wrong with it.
 *
 * Private to lib/cron.
 */
#ifndef CRON_PARSE_H
#define CRON_PARSE_H

#include "cron/expression.h"

enum { WORDS_MAX = 9 };

struct parse {
    const char *text;
    const struct schedule_options *options;
    struct lints *lints;
    struct error *err;
    struct slice zone;
    bool aws;        /* inside cron(...) */
    int field_count; /* of the text */
};

struct words { /* of a text, between blanks; more than WORDS_MAX are counted, not kept */
    struct slice list[WORDS_MAX];
    int count;
    const char *end; /* of the text */
};

/* RC_INVALID; what is not printable in the text is not in the error either. */
enum rc parse_refuse(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same, at that place of the text. */
enum rc parse_fail(const struct parse *p, const char *at, const char *hint, const char *format, ...)
    PRINTF_LIKE(4, 5);
/* One lint of each code at most. */
void parse_lint(const struct parse *p, enum lint_code code, const char *at, const char *format, ...)
    PRINTF_LIKE(4, 5);

bool is_blank(char c);
void words_split(struct slice text, struct words *ret);
/* Nothing may follow word number `count`. */
MUST_CHECK enum rc words_end(const struct parse *p, const struct words *w, int count);

size_t slice_length(struct slice s);
bool slice_is(struct slice s, const char *word);
bool slice_starts(struct slice s, const char *prefix);
int64_t slice_number(struct slice s); /* not empty; -1 when it is no number or too large */

/* Sets one field in f. */
MUST_CHECK enum rc field_parse(const struct parse *p, enum field field, struct slice text,
                               struct fields *f);

/* The words of "@every ..."; what stands inside rate(...). */
MUST_CHECK enum rc every_parse(const struct parse *p, const struct words *w,
                               struct expression *ret);
MUST_CHECK enum rc rate_parse(const struct parse *p, struct slice inside, struct expression *ret);

#endif
