/*
 * harness.h - what the fuzz targets share: one input, a checked claim, and zones that need no disk.
 *
 * A target is one file x_fuzz.c that defines fuzz_start() and fuzz_input(). Linked with libFuzzer (the preset
 * "fuzz", run by ops/fuzz) it meets inputs of the fuzzer's making; linked with replay.c, in every other build, the
 * seeds and found cases of the repository. Nothing it does depends on the clock, the disk or earlier inputs.
 */
#ifndef TESTS_FUZZ_HARNESS_H
#define TESTS_FUZZ_HARNESS_H

#include <stddef.h>
#include <stdint.h>

#include "cron/schedule.h"

/* The target's own. */
void fuzz_start(void); /* once, before the first input */
void fuzz_input(const uint8_t *data, size_t size);

/* libFuzzer's entry: fuzz_start() on the first call, then fuzz_input(), timed. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what is not so, and aborts. */
#define CLAIM(condition, ...)                                          \
    do {                                                               \
        if (!(condition))                                              \
            claim_failed(__FILE__, __LINE__, #condition, __VA_ARGS__); \
    } while (0)

NORETURN void claim_failed(const char *file, int line, const char *claim, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* Processor time of this thread, in nanoseconds: what other processes do does not count. */
int64_t thread_time_ns(void);

/* Bytes taken from the front of an input; zeros once it is used up. */
struct input {
    const uint8_t *at, *end;
};

uint8_t input_byte(struct input *in);
uint64_t input_number(struct input *in, int bytes); /* big-endian */
/* The text up to the next `stop` (which is dropped) or the end; NULs become blanks. Owned by the caller. */
char *input_text(struct input *in, char stop);

/* Options from two printable characters: dialect, clock changes, a task or none; and the zone. '@' is 0. */
struct schedule_options input_options(struct input *in);

/* The zones of tests/unit/cron/zones.h. */
struct zoneset *fuzz_zones(void);

/* An instant that is worth asking about: seams of years, clock changes, the ends of time. */
usec_t fuzz_instant(uint8_t which);

/* What must hold for every schedule, whatever its zone: next and prev from `after`, and a few further on. */
void check_instants(const struct schedule *s, usec_t after);

#endif
