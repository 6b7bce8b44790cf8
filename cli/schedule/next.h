/*
 * next.h - the options of `cronobs next` that `cronobs explain` does not have.
 */
#ifndef CLI_SCHEDULE_NEXT_H
#define CLI_SCHEDULE_NEXT_H

#include "base/settings.h"

struct next_options {
    bool is_batch;
};
extern const struct setting next_options[];

#endif
