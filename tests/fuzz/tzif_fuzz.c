/*
 * The bytes of a TZif file. Whatever zone comes of them must be a row of spans without holes, answer look-ups in and
 * out alike, and carry schedules.
 */
#include "fuzz/harness.h"

enum { SPANS = 64 }; /* looked at: the first and the last ones */

void fuzz_start(void)
{
}

static void check_spans(const struct zone_span *spans, size_t count)
{
    CLAIM(count > 0 && spans[0].shift == 0, "%zu spans", count);
    for (size_t i = 1; i < count; i++) {
        const struct zone_span *v = &spans[i], *u = v - 1;

        CLAIM(u->start < u->end && u->end == v->start, "a hole before span %zu", i);
        CLAIM(v->shift != 0 && v->shift == v->offset - u->offset, "shift %d", v->shift);
    }
    CLAIM(spans[count - 1].end > INT64_C(1) << 50, "the end of time");
}

/* Of a wall time: each instant told shows it, and the kind fits. */
static void check_wall(const struct zone *z, usec_t wall)
{
    struct wall w = zone_from_wall(z, wall);
    usec_t shown = w.first + zone_offset_at(z, w.first) * USEC_PER_SEC;

    if (w.kind == WALL_GAP) {
        CLAIM(shown > wall, "%lld is shown as %lld", (long long)wall, (long long)shown);
        return;
    }
    CLAIM(shown == wall, "%lld is shown as %lld", (long long)wall, (long long)shown);
    if (w.kind == WALL_OVERLAP) {
        shown = w.second + zone_offset_at(z, w.second) * USEC_PER_SEC;
        CLAIM(w.second > w.first && shown == wall, "%lld is shown as %lld", (long long)wall,
              (long long)shown);
    }
}

static void check_seam(const struct zone *z, const struct zone_span *spans, size_t i)
{
    const struct zone_span *v = &spans[i];
    const int64_t around[] = {-1, 0, 1};
    struct zone_span change;

    CLAIM(zone_span_of(z, v->start) == i && zone_span_of(z, v->start - 1) == i - 1,
          "span %zu is not found", i);
    for (size_t k = 0; k < ARRAY_LEN(around); k++) {
        int64_t at = v->start + around[k];

        check_wall(z, (at + v->offset) * USEC_PER_SEC);
        check_wall(z, (at + v->offset - v->shift) * USEC_PER_SEC + 1);
    }
    if (zone_next_change(z, v->start * USEC_PER_SEC - 1, &change) == RC_OK)
        CLAIM(change.start == v->start, "change %lld is passed over", (long long)v->start);
}

static void check_schedules(struct zone *z, usec_t after)
{
    static const char *const texts[] = {"30 2 * * *", "*/7 * * * *", "0 59 23 L * ? 2037-2040",
                                        "@every 50m from 22:10 to 03:00"};
    struct zoneset *zones = zoneset_new("");
    const struct schedule_options options = {.zone = zone_name(z)};

    zoneset_add(zones, z);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        SCOPED(schedule) struct schedule *s = NULL;

        CLAIM(schedule_parse(texts[i], &options, zones, NULL, &s, NULL) == RC_OK, "%s", texts[i]);
        check_instants(s, after);
    }
    zoneset_free(zones);
}

void fuzz_input(const uint8_t *data, size_t size)
{
    SCOPED(zone) struct zone *z = NULL;
    struct error err = {0};
    const struct zone_span *spans;
    size_t count;

    if (zone_parse("Test/Zone", (struct bytes){data, size}, &z, &err) != RC_OK) {
        CLAIM(err.rc == RC_INVALID && err.text[0] != '\0', "rc %d", (int)err.rc);
        return;
    }
    spans = zone_spans(z, &count);
    check_spans(spans, count);
    for (size_t i = 1; i < count; i++)
        if (i <= SPANS || count - i <= SPANS)
            check_seam(z, spans, i);
    check_schedules(z, count > 1 ? spans[count / 2].start * USEC_PER_SEC : 0);
}
