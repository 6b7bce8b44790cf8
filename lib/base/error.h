/*
 * error.h - the one way to fail: a code that says what the caller does next, a text that says what happened.
 *
 * A function that can fail returns `enum rc` and takes `struct error *err` last. `err` may be NULL
 * (the text is then dropped). Results (`ret`) are untouched on failure.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdarg.h>

#include "base/util.h"

enum rc {
    RC_OK = 0,
    RC_INVALID,   /* the input is wrong: report it, do not repeat */
    RC_NOT_FOUND, /* nothing there: often not an error at all */
    RC_CONFLICT,  /* somebody else changed it first: read again, then decide */
    RC_RETRY,     /* broker or database away: repeat later, nothing was done */
    RC_FENCED,    /* another instance owns this work now: stop writing */
    RC_FATAL,     /* cannot go on: exit and be restarted */
};

/* What happened, in words: "could not <verb> <thing>: <reason>", lower-case, no full stop. */
struct error {
    enum rc rc;
    int column;       /* 1-based place in a text that was parsed; 0 = none */
    char pointer[96]; /* JSON pointer of the field at fault; "" = none */
    char hint[160];   /* the way out; "" = none */
    /* The way out speaks of members, parameters and header fields: only who writes HTTP can take it. */
    bool hint_is_http;
    char text[512];
};

/* Fills err (cut to fit) and returns rc, so that `return error_set(err, RC_INVALID, ...)` reads well. */
enum rc error_set(struct error *err, enum rc rc, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "<context>: " before the text that err has. Returns err's own rc. */
enum rc error_prefix(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Adds the way out to an error that has been set. Returns err's own rc, so `return error_hint(err, "allowed: %s", ...)`. */
enum rc error_hint(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The same with a way out that only who writes HTTP can take. */
enum rc error_hint_http(struct error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* "invalid", "not-found", ... for logs and JSON. */
const char *rc_name(enum rc rc);

/* Exit code of a program that ends with rc: 0; 64 usage or invalid input; 75 restart me; 69 unavailable. */
int rc_exit_code(enum rc rc);

#define TRY(call)                 \
    do {                          \
        enum rc try_rc_ = (call); \
        if (try_rc_ != RC_OK)     \
            return try_rc_;       \
    } while (0)

#endif
