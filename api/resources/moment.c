#include "api/resources/moment.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"

/* A wall time as far as it may be written, what is left of it then, and what is meant. */
static const struct form {
    size_t len;
    const char *rest;
    usec_t span;
} forms[] = {
    {10, "T00:00:00Z", USEC_PER_DAY}, /* 2026-11-29 */
    {16, ":00Z", USEC_PER_MIN},       /* 2026-11-29T14:20 */
    {19, "Z", USEC_PER_SEC},          /* 2026-11-29T14:20:05 */
};

static bool parse_wall(const char *text, struct moment *m)
{
    char full[RFC3339_TEXT];

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        if (strlen(text) != forms[i].len)
            continue;
        (void)snprintf(full, sizeof full, "%s%s", text, forms[i].rest);
        m->span = forms[i].span;
        return rfc3339_parse(full, &m->wall, NULL) == RC_OK;
    }
    return false;
}

static void find_wall(const struct zone *zone, struct moment *m)
{
    struct wall w = zone_from_wall(zone, m->wall);

    m->was_wall = true;
    m->at[0] = w.first;
    m->at[1] = w.second;
    m->count = w.kind == WALL_OVERLAP ? 2 : 1;
    m->is_in_gap = w.kind == WALL_GAP;
    if (m->is_in_gap)
        m->span = MIN(m->span, USEC_PER_SEC);
}

enum rc moment_parse(const char *text, const struct zone *zone, struct moment *ret,
                     struct error *err)
{
    struct moment m = {.count = 1};

    if (parse_wall(text, &m)) {
        find_wall(zone, &m);
    } else if (rfc3339_parse(text, &m.at[0], NULL) == RC_OK) {
        m.span = m.at[0] % USEC_PER_SEC == 0 ? USEC_PER_SEC : USEC_PER_MS;
    } else {
        (void)error_set(err, RC_INVALID, "'%.60s' is no instant", text);
        return error_hint(err,
                          "write 2026-11-29T14:20:00+01:00, or 2026-11-29T14:20 on the clock of %s",
                          zone_name(zone));
    }
    for (int i = 0; i < m.count; i++)
        m.at[i] -= (m.at[i] % USEC_PER_MS + USEC_PER_MS) % USEC_PER_MS; /* ids know no less */
    *ret = m;
    return RC_OK;
}
