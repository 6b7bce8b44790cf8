/*
 * words.h - options that take one of a few words, or several with commas between: states, statuses, levels. Pure.
 */
#ifndef CLI_CLIENT_WORDS_H
#define CLI_CLIENT_WORDS_H

#include "model/enums.h"

struct words { /* of an option */
    const char *option;
    const struct enum_type *type;
    const char *group; /* one word more, that stands for several; NULL: there is none */
    bool is_list;
};

/* In any case, as the API takes them. RC_INVALID names the option, the word, and which ones there are. NULL is fine. */
MUST_CHECK enum rc words_check(const struct words *words, const char *text, struct error *err);

#endif
