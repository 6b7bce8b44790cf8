/*
 * dice.h - random numbers that a seed repeats.
 */
#ifndef DIFFERENTIAL_DICE_H
#define DIFFERENTIAL_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* Dice for the case of that number: any case is thrown again without those before it. */
struct dice dice_for(uint64_t seed, uint64_t number);

uint64_t dice_any(struct dice *d);
int64_t dice_between(struct dice *d, int64_t low, int64_t high); /* both possible */
bool dice_percent(struct dice *d, int percent);
const char *dice_pick(struct dice *d, const char *const *texts, size_t count);

/* An environment variable as a number, or the fallback. */
uint64_t number_of_environment(const char *name, uint64_t fallback);

#endif
