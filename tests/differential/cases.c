#include "differential/cases.h"

#include <stdlib.h>

static const uint64_t usual_seed = 4;

void cases_init(struct cases *c, int argc, char **argv, uint64_t count)
{
    size_t part = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    size_t parts = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    uint64_t only = number_of_environment("CRONOBS_DIFFERENTIAL_CASE", UINT64_MAX);

    *c = (struct cases){
        .zones = zoneset_new(NULL),
        .seed = number_of_environment("CRONOBS_DIFFERENTIAL_SEED", usual_seed) + part,
        .end = number_of_environment("CRONOBS_DIFFERENTIAL_CASES", count),
    };
    if (only != UINT64_MAX) {
        c->first = only;
        c->end = only + 1;
    }
    places_find(&c->places);
    c->expressions = (struct expressions){&c->places, part - 1, parts};
}

void cases_clear(struct cases *c)
{
    zoneset_free(c->zones);
    places_clear(&c->places);
}
