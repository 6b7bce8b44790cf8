#include "base/duration.h"

#include <stdio.h>
#include <string.h>

static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {
    {"w", 604800000}, {"d", 86400000}, {"h", 3600000}, {"ms", 1}, {"m", 60000}, {"s", 1000},
}; /* "ms" before "m": the first that fits is taken */

static const struct unit *find_unit(const char *at)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (text_starts(at, units[i].name))
            return &units[i];
    return NULL;
}

/* One "<number><unit>"; NULL when there is none there. */
static const char *parse_part(const char *at, int64_t *sum)
{
    const struct unit *unit;
    const char *digits = at;
    int64_t n = 0;

    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *at - '0', &n))
            return NULL;
    unit = find_unit(at);
    if (at == digits || unit == NULL)
        return NULL;
    if (__builtin_mul_overflow(n, unit->ms, &n) || __builtin_add_overflow(*sum, n, sum))
        return NULL;
    return at + strlen(unit->name);
}

enum rc duration_parse(const char *text, int64_t *ret_ms, struct error *err)
{
    const char *at = text;
    int64_t sum = 0;

    if (strcmp(text, "0") == 0) {
        *ret_ms = 0;
        return RC_OK;
    }
    do {
        at = parse_part(at, &sum);
    } while (at != NULL && *at != '\0');
    if (at == NULL)
        return error_set(err, RC_INVALID, "'%s' is not a duration like 90s, 15m, 1h30m or 2d",
                         text);
    *ret_ms = sum;
    return RC_OK;
}

const char *duration_text(int64_t ms, char text[DURATION_TEXT_MAX])
{
    static const struct unit shown[] = {
        {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
    };
    size_t len = 0;

    if (ms <= 0)
        (void)snprintf(text, DURATION_TEXT_MAX, "0s");
    for (size_t i = 0; i < ARRAY_LEN(shown) && ms > 0; i++) {
        int64_t n = ms / shown[i].ms;

        ms %= shown[i].ms;
        if (n > 0)
            len += (size_t)snprintf(text + len, DURATION_TEXT_MAX - len, "%lld%s", (long long)n,
                                    shown[i].name);
    }
    return text;
}
