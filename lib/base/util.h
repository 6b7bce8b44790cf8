/*
 * util.h - units, attributes, scoped release, and allocation that aborts when memory runs out.
 *
 * Instants are usec_t: UTC microseconds since 1970. Durations name their unit (`_ms`, `_us`).
 * In records an absent optional instant, duration or revision is 0, an absent text NULL, an absent id nil.
 */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t usec_t; /* UTC microseconds since 1970-01-01T00:00:00Z, or a span of them */

#define USEC_PER_MS  INT64_C(1000)
#define USEC_PER_SEC INT64_C(1000000)
#define USEC_PER_MIN (60 * USEC_PER_SEC)
#define USEC_PER_DAY (86400 * USEC_PER_SEC)
#define USEC_MAX     INT64_MAX
#define USEC_MIN     INT64_MIN

/* at + ms, and at - ms; at the ends of time when it lies beyond them, as in a record that somebody made up. */
usec_t usec_after(usec_t at, int64_t ms);
usec_t usec_before(usec_t at, int64_t ms);

#define ARRAY_LEN(a)        (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)           ((a) < (b) ? (a) : (b))
#define MAX(a, b)           ((a) > (b) ? (a) : (b))
#define MUST_CHECK          __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, a) __attribute__((format(printf, fmt, a)))
#define NORETURN            __attribute__((noreturn))
#define UNUSED              __attribute__((unused))

/* Borrowed bytes: a view, never owned. */
struct bytes {
    const void *data;
    size_t len;
};

struct bytes bytes_of(const char *text); /* without the NUL; NULL gives {NULL, 0} */
bool bytes_equal(struct bytes a, struct bytes b);

/* SCOPED(x) frees at the end of the scope, TAKE(p) hands the pointer on. */
#define DEFINE_SCOPED(name, type, release)             \
    static inline void scoped_release_##name(type **p) \
    {                                                  \
        release(*p);                                   \
    }
#define SCOPED(name) __attribute__((cleanup(scoped_release_##name)))
#define TAKE(p)                     \
    __extension__({                 \
        __typeof__(p) taken_ = (p); \
        (p) = NULL;                 \
        taken_;                     \
    })

/* Abort the process when memory runs out: nothing is lost, the log is in Kafka. Release with free(). */
void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull, alloc_size(1, 2)));
void *xrealloc(void *p, size_t count, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *text) __attribute__((returns_nonnull));
char *xstrndup(const char *text, size_t len) __attribute__((returns_nonnull));
void *xmemdup(const void *data, size_t len) __attribute__((returns_nonnull));
char *xasprintf(const char *format, ...) PRINTF_LIKE(1, 2) __attribute__((returns_nonnull));

void free_text(char *text); /* free(), typed, for SCOPED(text) */
DEFINE_SCOPED(text, char, free_text)

/* Grows *items (of `size` bytes each) so that index `count` is writable; capacity doubles. */
void *array_grow(void *items, size_t count, size_t *capacity, size_t size)
    __attribute__((returns_nonnull));

bool text_equal(const char *a, const char *b); /* NULL equals NULL only */
bool text_starts(const char *text, const char *prefix);
bool text_has_word(const char *words, const char *word); /* words: blank-separated; NULL: none */

#endif
