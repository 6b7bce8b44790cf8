#include "model/spec_refuse.h"

#include <stdarg.h>
#include <stdio.h>

enum rc spec_refuse(struct error *err, const char *pointer, const char *hint, const char *format,
                    ...)
{
    va_list args;

    if (err == NULL)
        return RC_INVALID;
    *err = (struct error){.rc = RC_INVALID};
    va_start(args, format);
    (void)vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    (void)snprintf(err->pointer, sizeof err->pointer, "%s", pointer);
    (void)snprintf(err->hint, sizeof err->hint, "%s", hint);
    return RC_INVALID;
}

enum rc spec_hint_of_http(struct error *err, enum rc rc)
{
    if (err != NULL)
        err->hint_is_http = true;
    return rc;
}
