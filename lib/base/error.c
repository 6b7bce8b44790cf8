#include "base/error.h"

#include <stdio.h>
#include <string.h>

enum rc error_set(struct error *err, enum rc rc, const char *format, ...)
{
    va_list args;

    if (err == NULL)
        return rc;
    *err = (struct error){.rc = rc};
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return rc;
}

enum rc error_prefix(struct error *err, const char *format, ...)
{
    char old[sizeof err->text];
    va_list args;
    int n;

    if (err == NULL)
        return RC_FATAL;
    memcpy(old, err->text, sizeof old);
    va_start(args, format);
    n = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof err->text)
        (void)snprintf(err->text + n, sizeof err->text - (size_t)n, ": %s", old);
    return err->rc;
}

PRINTF_LIKE(3, 0)
static enum rc set_hint(struct error *err, bool is_http, const char *format, va_list args)
{
    if (err == NULL)
        return RC_FATAL;
    (void)vsnprintf(err->hint, sizeof err->hint, format, args);
    err->hint_is_http = is_http;
    return err->rc;
}

enum rc error_hint(struct error *err, const char *format, ...)
{
    va_list args;
    enum rc rc;

    va_start(args, format);
    rc = set_hint(err, false, format, args);
    va_end(args);
    return rc;
}

enum rc error_hint_http(struct error *err, const char *format, ...)
{
    va_list args;
    enum rc rc;

    va_start(args, format);
    rc = set_hint(err, true, format, args);
    va_end(args);
    return rc;
}

const char *rc_name(enum rc rc)
{
    static const char *const names[] = {
        [RC_OK] = "ok",
        [RC_INVALID] = "invalid",
        [RC_NOT_FOUND] = "not-found",
        [RC_CONFLICT] = "conflict",
        [RC_RETRY] = "retry",
        [RC_FENCED] = "fenced",
        [RC_FATAL] = "fatal",
    };

    return (size_t)rc < ARRAY_LEN(names) ? names[rc] : "unknown";
}

int rc_exit_code(enum rc rc)
{
    switch (rc) {
    case RC_OK:
        return 0;
    case RC_INVALID:
        return 64; /* EX_USAGE */
    case RC_NOT_FOUND:
    case RC_CONFLICT:
        return 1;
    case RC_RETRY:
        return 69; /* EX_UNAVAILABLE */
    case RC_FENCED:
    case RC_FATAL:
        break;
    }
    return 75; /* EX_TEMPFAIL: the supervisor starts it again */
}
