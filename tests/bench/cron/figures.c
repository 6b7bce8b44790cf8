#include "bench/cron/figures.h"

#include <err.h>

#include "bench/cron/measure.h"

struct context {
    const struct schedule *schedule;
    const char *text;
    const struct schedule_options *options;
    struct zoneset *zones;
};

static void call_next(const void *context, size_t count)
{
    const struct context *c = context;
    struct occurrence o = {0};

    for (size_t i = 0; i < count; i++) {
        (void)!schedule_next(c->schedule, instants[i], &o);
        measure_keep(o.at);
    }
}

static void call_prev(const void *context, size_t count)
{
    const struct context *c = context;
    struct occurrence o = {0};

    for (size_t i = 0; i < count; i++) {
        (void)!schedule_prev(c->schedule, instants[i], &o);
        measure_keep(o.at);
    }
}

/* Parsing and the look-up of the zone, without lints, with the release. */
static void call_parse(const void *context, size_t count)
{
    const struct context *c = context;

    for (size_t i = 0; i < count; i++) {
        struct schedule *s = NULL;

        (void)!schedule_parse(c->text, c->options, c->zones, NULL, &s, NULL);
        measure_keep(s != NULL);
        schedule_free(s);
    }
}

static void take_answers(const struct schedule *s, struct answers *ret)
{
    for (size_t i = 0; i < ANSWERS; i++) {
        struct occurrence o;
        enum rc rc = schedule_next(s, instants[i], &o);

        ret->list[i] = rc == RC_OK ? o.at / USEC_PER_SEC : -1;
    }
}

/* Each figure is measured in every sweep: what disturbs the machine for a while disturbs few of them. */
enum { SWEEPS = 7, PREV = ZONES, PARSE = 2 * ZONES, ROW = 2 * ZONES + 1 };

struct row { /* next and prev of each zone, parse */
    double ns[ROW][SWEEPS];
};

static void measure_zone(const struct cron_case *c, struct zoneset *zoneset, size_t zone,
                         size_t sweep, struct row *row, struct answers *answers)
{
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct schedule_options options = {.zone = zones[zone]};
    struct error error;
    struct context context = {NULL, c->expression, &options, zoneset};

    if (schedule_parse(c->expression, &options, zoneset, NULL, &schedule, &error) != RC_OK)
        errx(1, "%s: %s", c->expression, error.text);
    context.schedule = schedule;
    take_answers(schedule, answers);
    row->ns[zone][sweep] = measure(call_next, &context, INSTANTS);
    row->ns[PREV + zone][sweep] = measure(call_prev, &context, INSTANTS);
    if (zone == 0)
        row->ns[PARSE][sweep] = measure(call_parse, &context, INSTANTS);
}

void figures_measure(const struct cron_cases *cases, struct zoneset *zoneset, struct figures *ret)
{
    static struct row rows[CASES_MAX];

    for (size_t sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t i = 0; i < cases->count; i++)
            for (size_t z = 0; z < ZONES; z++)
                measure_zone(&cases->list[i], zoneset, z, sweep, &rows[i], &ret->answers[i][z]);
    for (size_t i = 0; i < cases->count; i++) {
        for (size_t z = 0; z < ZONES; z++) {
            ret->next[i][z] = median(rows[i].ns[z], SWEEPS);
            ret->prev[i][z] = median(rows[i].ns[PREV + z], SWEEPS);
        }
        ret->parse[i] = median(rows[i].ns[PARSE], SWEEPS);
    }
}
