#include "fuzz/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rfc3339.h"
#include "unit/cron/zones.h"

enum { STEPS = 4 };

void claim_failed(const char *file, int line, const char *claim, const char *format, ...)
{
    va_list args;

    (void)fprintf(stderr, "%s:%d: not so: %s: ", file, line, claim);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    abort();
}

int64_t thread_time_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* --- the slowest input so far, kept where CRONOBS_FUZZ_SLOWEST says, for the replay without sanitizers --- */

static void keep_slowest(const uint8_t *data, size_t size, int64_t took)
{
    static int64_t slowest = 0;
    const char *folder = getenv("CRONOBS_FUZZ_SLOWEST");
    char path[512];
    FILE *file;

    if (folder == NULL || took <= slowest + slowest / 8)
        return;
    slowest = took;
    (void)snprintf(path, sizeof path, "%s/%lld-ns", folder, (long long)took);
    file = fopen(path, "we");
    CLAIM(file != NULL, "could not write %s", path);
    (void)fwrite(data, 1, size, file);
    (void)fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started = false;
    int64_t began;

    if (!started)
        fuzz_start();
    started = true;
    began = thread_time_ns();
    fuzz_input(data, size);
    keep_slowest(data, size, thread_time_ns() - began);
    return 0;
}

/* --- reading an input --- */

uint8_t input_byte(struct input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

uint64_t input_number(struct input *in, int bytes)
{
    uint64_t number = 0;

    while (bytes-- > 0)
        number = number << 8 | input_byte(in);
    return number;
}

char *input_text(struct input *in, char stop)
{
    size_t left = (size_t)(in->end - in->at);
    const uint8_t *end = left > 0 ? memchr(in->at, stop, left) : NULL;
    size_t len = end != NULL ? (size_t)(end - in->at) : left;
    char *text = xcalloc(1, len + 1);

    for (size_t i = 0; i < len; i++)
        text[i] = in->at[i] == '\0' ? ' ' : (char)in->at[i];
    in->at += len + (end != NULL);
    return text;
}

struct schedule_options input_options(struct input *in)
{
    uint8_t choice = input_byte(in), zone = input_byte(in) & 0x1f;
    struct schedule_options options = {
        .dialect = choice % DIALECT_COUNT,
        .dst_gap = choice >> 2 & 1 ? DST_GAP_SKIP : DST_GAP_RUN_AFTER,
        .dst_overlap = choice >> 3 & 1 ? DST_OVERLAP_BOTH : DST_OVERLAP_FIRST,
    };

    if (choice >> 4 & 1)
        options.task = CRONOBS_NAMESPACE; /* any id will do */
    if (zone < ARRAY_LEN(test_zones))
        options.zone = test_zones[zone].name;
    return options;
}

struct zoneset *fuzz_zones(void)
{
    return test_zoneset();
}

/* --- instants --- */

usec_t fuzz_instant(uint8_t which)
{
    static const char *const texts[] = {
        "2026-01-01T00:00:00Z", "2026-03-29T00:59:59.5Z", "2026-10-25T00:30:00Z",
        "2011-12-30T09:59:59Z", "1970-01-01T00:00:00Z",   "1969-12-30T12:00:00Z",
        "2199-12-31T23:59:59Z", "2200-01-02T00:00:00Z",   "2024-02-29T23:59:59Z",
        "2100-02-28T12:00:00Z", "1972-01-07T00:44:29Z",   "2018-03-10T16:00:00Z",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",   "2038-01-19T03:14:07.000001Z",
    };
    usec_t t = which & 1 ? USEC_MAX : USEC_MIN;

    which = (uint8_t)(which - '@');
    if (which / 2 < ARRAY_LEN(texts))
        CLAIM(rfc3339_parse(texts[which / 2], &t, NULL) == RC_OK, "%s", texts[which / 2]);
    return which / 2 < ARRAY_LEN(texts) ? t + (which & 1) : t;
}

static void check_same(const struct occurrence *a, const struct occurrence *b)
{
    CLAIM(a->at == b->at && a->nominal == b->nominal && a->offset == b->offset && a->dst == b->dst,
          "at %lld, %lld; nominal %lld, %lld; offset %d, %d; dst %d, %d", (long long)a->at,
          (long long)b->at, (long long)a->nominal, (long long)b->nominal, a->offset, b->offset,
          (int)a->dst, (int)b->dst);
}

static void check_occurrence(const struct occurrence *o)
{
    usec_t shown = o->at + o->offset * USEC_PER_SEC;

    CLAIM(o->dst < DST_COUNT, "dst %d", (int)o->dst);
    CLAIM(o->dst == DST_MOVED ? o->nominal < shown : o->nominal == shown,
          "at %lld, nominal %lld, shown %lld", (long long)o->at, (long long)o->nominal,
          (long long)shown);
}

/* `o` is what comes first after `after`: nothing lies between them, and prev tells the same of it. */
static void check_next(const struct schedule *s, usec_t after, const struct occurrence *o)
{
    struct occurrence other;

    CLAIM(o->at > after, "%lld is not after %lld", (long long)o->at, (long long)after);
    check_occurrence(o);
    CLAIM(schedule_next(s, o->at - 1, &other) == RC_OK, "next before %lld", (long long)o->at);
    check_same(&other, o);
    CLAIM(schedule_prev(s, o->at + 1, &other) == RC_OK, "prev after %lld", (long long)o->at);
    check_same(&other, o);
    if (schedule_prev(s, o->at, &other) == RC_OK)
        CLAIM(other.at <= after, "%lld is between %lld and %lld", (long long)other.at,
              (long long)after, (long long)o->at);
}

static void check_prev(const struct schedule *s, usec_t before, const struct occurrence *o)
{
    struct occurrence other;

    CLAIM(o->at < before, "%lld is not before %lld", (long long)o->at, (long long)before);
    check_occurrence(o);
    CLAIM(schedule_next(s, o->at - 1, &other) == RC_OK, "next before %lld", (long long)o->at);
    check_same(&other, o);
    if (schedule_next(s, o->at, &other) == RC_OK)
        CLAIM(other.at >= before, "%lld is between %lld and %lld", (long long)other.at,
              (long long)o->at, (long long)before);
}

void check_instants(const struct schedule *s, usec_t after)
{
    struct occurrence o;
    usec_t from = after;

    for (int i = 0; i < STEPS && schedule_next(s, from, &o) == RC_OK; i++) {
        check_next(s, from, &o);
        from = o.at;
    }
    from = after;
    for (int i = 0; i < STEPS && schedule_prev(s, from, &o) == RC_OK; i++) {
        check_prev(s, from, &o);
        from = o.at;
    }
}
