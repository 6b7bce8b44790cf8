#include "differential/dice.h"

#include <stdlib.h>

uint64_t dice_any(struct dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct dice dice_for(uint64_t seed, uint64_t number)
{
    struct dice d = {seed};

    d.state = dice_any(&d) + number * UINT64_C(0x9e3779b97f4a7c15);
    d.state = dice_any(&d);
    return d;
}

int64_t dice_between(struct dice *d, int64_t low, int64_t high)
{
    return low + (int64_t)(dice_any(d) % (uint64_t)(high - low + 1));
}

bool dice_percent(struct dice *d, int percent)
{
    return dice_between(d, 0, 99) < percent;
}

const char *dice_pick(struct dice *d, const char *const *texts, size_t count)
{
    return texts[dice_between(d, 0, (int64_t)count - 1)];
}

uint64_t number_of_environment(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);

    return text == NULL || text[0] == '\0' ? fallback : strtoull(text, NULL, 10);
}
