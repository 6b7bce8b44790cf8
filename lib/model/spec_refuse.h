/*
 * spec_refuse.h - how what a task may not have is told: which member, what is wrong, and a way out.
 */
#ifndef MODEL_SPEC_REFUSE_H
#define MODEL_SPEC_REFUSE_H

#include "base/error.h"

/* RC_INVALID. `pointer` is the JSON pointer of the member; a hint of "" is none. */
enum rc spec_refuse(struct error *err, const char *pointer, const char *hint, const char *format,
                    ...) PRINTF_LIKE(4, 5);

/* The hint is in words of JSON. Answers rc. */
enum rc spec_hint_of_http(struct error *err, enum rc rc);

#endif
