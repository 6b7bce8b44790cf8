/*
 * task_ref.h - which task is meant by what a person or a path says: its id, or project~key. Pure.
 */
#ifndef MODEL_TASK_REF_H
#define MODEL_TASK_REF_H

#include "base/arena.h"
#include "base/error.h"
#include "base/uuid.h"

struct task_ref {
    struct uuid id;
    const char *project, *key; /* NULL when it was given as a UUID */
};

MUST_CHECK enum rc task_ref_parse(const char *text, struct arena *memory, struct task_ref *ret,
                                  struct error *err);

#endif
