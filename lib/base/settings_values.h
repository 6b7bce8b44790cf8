/*
 * settings_values.h - one value checked and put where it belongs; for settings.c alone.
 */
#ifndef BASE_SETTINGS_VALUES_H
#define BASE_SETTINGS_VALUES_H

#include "base/settings.h"

struct where {        /* who gave a value */
    const char *name; /* "--x", "CRONOBS_X", "cronobs.conf:7", "built in" */
};

/* `text` lives as long as the values do. */
MUST_CHECK enum rc setting_set_value(const struct setting *s, void *values, const char *text,
                                     const struct where *where, struct arena *memory,
                                     struct error *err);

/* Parts of one program may share a setting: each has a line of its own for it. */
MUST_CHECK enum rc setting_set_everywhere(const struct setting_set *sets,
                                          const struct setting *like, const char *text,
                                          const struct where *where, struct arena *memory,
                                          struct error *err);

bool setting_bool_parse(const char *text, bool *ret); /* "yes", "no" and their like; false: none */

void texts_add(struct texts *t, const char *text, struct arena *memory);
bool texts_have(const struct texts *t, const char *text);

#endif
