#include "http/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"

/* clang-format off */
static const struct {
    int status;
    const char *name, *title;
} problems[PROBLEM_KIND_COUNT] = {
    [PROBLEM_MALFORMED]   = {400, "malformed",             "The request cannot be read"},
    [PROBLEM_INVALID]     = {400, "invalid",               "A value in the request is not valid"},
    [PROBLEM_BAD_CURSOR]  = {400, "bad-cursor",            "The cursor is not one of ours"},
    [PROBLEM_ORIGIN]      = {403, "wrong-origin",          "Pages of other sites may not ask for changes"},
    [PROBLEM_NOT_FOUND]   = {404, "not-found",             "There is no such thing"},
    [PROBLEM_METHOD]      = {405, "method-not-allowed",    "The resource does not know this method"},
    [PROBLEM_TIMEOUT]     = {408, "timeout",               "The request took too long to arrive"},
    [PROBLEM_CONFLICT]    = {409, "conflict",              "The state of the task forbids it"},
    [PROBLEM_STALE]       = {412, "stale-revision",        "The task was changed meanwhile"},
    [PROBLEM_TOO_LARGE]   = {413, "body-too-large",        "The body is too large"},
    [PROBLEM_TARGET]      = {414, "target-too-long",       "The request line is too long"},
    [PROBLEM_MEDIA_TYPE]  = {415, "media-type",            "The body has the wrong media type"},
    [PROBLEM_EXPECT]      = {417, "expectation",           "What the request expects is not known here"},
    [PROBLEM_HOST]        = {421, "wrong-host",            "The request is meant for another server"},
    [PROBLEM_REJECTED]    = {422, "rejected",              "The scheduler refused the command"},
    [PROBLEM_KEY_REUSED]  = {422, "idempotency-key-reused", "The Idempotency-Key belongs to another request"},
    [PROBLEM_HEADERS]     = {431, "headers-too-large",     "The header fields are too many or too large"},
    [PROBLEM_INTERNAL]    = {500, "internal",              "Something is wrong in the server"},
    [PROBLEM_UNSUPPORTED] = {501, "not-supported",         "This is not known here"},
    [PROBLEM_UNAVAILABLE] = {503, "unavailable",           "A part that is needed is away"},
    [PROBLEM_VERSION]     = {505, "http-version",          "This version of HTTP is not spoken here"},
};
/* clang-format on */

int problem_status(enum problem_kind kind)
{
    return problems[kind].status;
}

enum problem_kind problem_of_status(int status)
{
    for (int k = 0; k < PROBLEM_KIND_COUNT; k++)
        if (problems[k].status == status)
            return (enum problem_kind)k;
    return PROBLEM_INTERNAL;
}

void problem_write(struct buf *out, enum problem_kind kind, const struct error *err,
                   const char *code)
{
    struct json j = json_into(out);
    char type[80];

    (void)snprintf(type, sizeof type, "urn:cronobs:problem:%s", problems[kind].name);
    json_open_object(&j);
    json_add_text(&j, "type", type);
    json_add_text(&j, "title", problems[kind].title);
    json_add_int(&j, "status", problems[kind].status);
    json_add_text(&j, "detail", err->text);
    if (code != NULL)
        json_add_text(&j, "code", code);
    if (err->pointer[0] != '\0')
        json_add_text(&j, "pointer", err->pointer);
    if (err->column > 0)
        json_add_int(&j, "column", err->column);
    if (err->hint[0] != '\0')
        json_add_text(&j, "hint", err->hint);
    if (err->hint[0] != '\0' && err->hint_is_http)
        json_add_text(&j, "hint_for", "http");
    json_close_object(&j);
}

void problem_answer_code(struct http_exchange *x, enum problem_kind kind, const struct error *err,
                         const char *code)
{
    struct buf body = {0};

    problem_write(&body, kind, err, code);
    buf_add_char(&body, '\n');
    if (kind == PROBLEM_UNAVAILABLE)
        http_answer_header(x, "Retry-After", "1");
    http_answer(x, problems[kind].status, "application/problem+json", &body);
}

void problem_answer(struct http_exchange *x, enum problem_kind kind, const struct error *err)
{
    problem_answer_code(x, kind, err, NULL);
}

PRINTF_LIKE(4, 0)
static void answer_text(struct http_exchange *x, enum problem_kind kind, const struct error *hint,
                        const char *format, va_list args)
{
    struct error err = *hint;

    err.rc = RC_INVALID;
    (void)vsnprintf(err.text, sizeof err.text, format, args);
    problem_answer(x, kind, &err);
}

void problem_answer_text(struct http_exchange *x, enum problem_kind kind, const char *hint,
                         const char *format, ...)
{
    struct error err = {0};
    va_list args;

    if (hint != NULL)
        (void)error_hint(&err, "%s", hint);
    va_start(args, format);
    answer_text(x, kind, &err, format, args);
    va_end(args);
}

void problem_answer_http(struct http_exchange *x, enum problem_kind kind, const char *hint,
                         const char *format, ...)
{
    struct error err = {0};
    va_list args;

    if (hint != NULL)
        (void)error_hint_http(&err, "%s", hint);
    va_start(args, format);
    answer_text(x, kind, &err, format, args);
    va_end(args);
}
