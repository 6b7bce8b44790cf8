#include "http/head.h"

#include <string.h>
#include <strings.h>

static const char *const method_names[] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",   [HTTP_POST] = "POST",
    [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH", [HTTP_DELETE] = "DELETE",
    [HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
    return method_names[method];
}

static enum rc refuse(int *ret_status, int status)
{
    *ret_status = status;
    return RC_INVALID;
}

/* --- where the head ends --- */

static enum rc too_long(bool in_first_line, int *ret_status, struct error *err)
{
    error_set(err, RC_INVALID, "%s is longer than %d bytes",
              in_first_line ? "the request line" : "the head of the request", HTTP_HEAD_MAX);
    return refuse(ret_status, in_first_line ? 414 : 431);
}

enum rc http_head_length(const char *data, size_t len, size_t *scanned, size_t *ret,
                         int *ret_status, struct error *err)
{
    size_t line = *scanned; /* start of the line that is not complete yet */
    size_t limit = MIN(len, (size_t)HTTP_HEAD_MAX);
    const char *end;

    while ((end = memchr(data + line, '\n', limit - line)) != NULL) {
        size_t stop = (size_t)(end - data);

        if (stop == line || data[stop - 1] != '\r') {
            error_set(err, RC_INVALID, "a line of the request ends in LF alone, not in CR LF");
            return refuse(ret_status, 400);
        }
        if (stop == 1) {
            error_set(err, RC_INVALID, "the request starts with an empty line");
            return refuse(ret_status, 400);
        }
        if (stop == line + 1) {
            *ret = stop + 1;
            return RC_OK;
        }
        line = stop + 1;
        *scanned = line;
    }
    if (len >= HTTP_HEAD_MAX)
        return too_long(line == 0, ret_status, err);
    *ret = 0;
    return RC_OK;
}

/* --- the request line --- */

static bool is_token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static enum rc parse_method(const char *text, enum http_method *ret, int *ret_status,
                            struct error *err)
{
    for (int m = 0; m < HTTP_METHOD_COUNT; m++) {
        if (text_equal(text, method_names[m])) {
            *ret = (enum http_method)m;
            return RC_OK;
        }
    }
    for (const char *c = text; *c != '\0' || c == text; c++)
        if (!is_token_char((unsigned char)*c)) {
            error_set(err, RC_INVALID, "the request does not start with a method");
            return refuse(ret_status, 400);
        }
    error_set(err, RC_INVALID, "method %.20s is not known here", text);
    return refuse(ret_status, 501);
}

/*
 * "http://host/path", as to a proxy: what it was asked under is in the target then, whatever the Host field says. The
 * host moves to the front, over the scheme, so that a NUL has room behind it.
 */
static enum rc split_origin(char **target, const char **ret, int *ret_status, struct error *err)
{
    static const char scheme[] = "http://";
    size_t skip = sizeof scheme - 1, len;
    char *host = *target, *rest;

    if (strncasecmp(host, scheme, skip) != 0)
        return RC_OK;
    len = strcspn(host + skip, "/?#");
    rest = host + skip + len;
    memmove(host, host + skip, len);
    host[len] = '\0';
    if (len == 0 || strchr(host, '@') != NULL) {
        error_set(err, RC_INVALID, "the request's target does not name a host behind http://");
        return refuse(ret_status, 400);
    }
    if (*rest != '/')
        *--rest = '/';
    *ret = host;
    *target = rest;
    return RC_OK;
}

static enum rc check_target(const char *target, int *ret_status, struct error *err)
{
    if (target[0] != '/') {
        error_set(err, RC_INVALID, "the request's target is neither /PATH nor http://HOST/PATH");
        return refuse(ret_status, 400);
    }
    for (const char *c = target; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f || *c == '#') {
            error_set(err, RC_INVALID,
                      "the request's target holds a byte that must be %%-escaped: 0x%02x",
                      (unsigned char)*c);
            return refuse(ret_status, 400);
        }
    return RC_OK;
}

static enum rc parse_version(const char *version, struct http_head *ret, int *ret_status,
                             struct error *err)
{
    if (text_equal(version, "HTTP/1.1")) {
        ret->keep_alive = true;
        return RC_OK;
    }
    ret->is_old = text_equal(version, "HTTP/1.0");
    if (ret->is_old)
        return RC_OK;
    error_set(err, RC_INVALID, "HTTP/1.1 is spoken here");
    return refuse(ret_status, text_starts(version, "HTTP/") ? 505 : 400);
}

static enum rc parse_request_line(char *line, struct http_head *ret, int *ret_status,
                                  struct error *err)
{
    char *target = strchr(line, ' ');
    char *version = target == NULL ? NULL : strchr(target + 1, ' ');

    if (version == NULL) {
        error_set(err, RC_INVALID, "the request line is not METHOD TARGET HTTP/1.1");
        return refuse(ret_status, 400);
    }
    *target++ = '\0';
    *version++ = '\0';
    TRY(parse_version(version, ret, ret_status, err));
    TRY(parse_method(line, &ret->method, ret_status, err));
    TRY(split_origin(&target, &ret->host, ret_status, err));
    TRY(check_target(target, ret_status, err));
    ret->target = target;
    return RC_OK;
}

/* --- header fields --- */

static enum rc parse_header(char *line, struct http_head *ret, int *ret_status, struct error *err)
{
    char *colon = strchr(line, ':'), *value, *end;

    if (ret->header_count == HTTP_HEADERS_MAX) {
        error_set(err, RC_INVALID, "the request has more than %d header fields", HTTP_HEADERS_MAX);
        return refuse(ret_status, 431);
    }
    for (const char *c = line; colon != NULL && c < colon; c++)
        if (!is_token_char((unsigned char)*c))
            colon = NULL;
    if (colon == NULL || colon == line) {
        error_set(err, RC_INVALID, "header field %zu is not NAME: VALUE", ret->header_count + 1);
        return refuse(ret_status, 400);
    }
    *colon = '\0';
    value = colon + 1 + strspn(colon + 1, " \t");
    for (end = value; *end != '\0'; end++)
        if (((unsigned char)*end < ' ' && *end != '\t') || *end == 0x7f) {
            error_set(err, RC_INVALID, "header field %.40s holds the control character 0x%02x",
                      line, (unsigned char)*end);
            return refuse(ret_status, 400);
        }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    ret->headers[ret->header_count++] = (struct http_pair){line, value};
    return RC_OK;
}

const char *http_head_find(const struct http_head *head, const char *name)
{
    for (size_t i = 0; i < head->header_count; i++)
        if (strcasecmp(head->headers[i].name, name) == 0)
            return head->headers[i].value;
    return NULL;
}

enum rc http_head_single(const struct http_head *head, const char *name, const char **ret,
                         struct error *err)
{
    *ret = NULL;
    for (size_t i = 0; i < head->header_count; i++) {
        if (strcasecmp(head->headers[i].name, name) != 0)
            continue;
        if (*ret != NULL)
            return error_set(err, RC_INVALID, "header field %s is there twice", name);
        *ret = head->headers[i].value;
    }
    return RC_OK;
}

static const char *end_of_member(const char *at)
{
    bool is_quoted = false;

    for (; *at != '\0' && (is_quoted || *at != ','); at++) {
        if (*at == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && *at == '\\' && at[1] != '\0')
            at++;
    }
    return at;
}

bool http_list_next(const char **at, struct bytes *ret)
{
    const char *begin = *at + strspn(*at, " \t,"), *end = end_of_member(begin);

    *at = end;
    while (end > begin && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *ret = (struct bytes){begin, (size_t)(end - begin)};
    return ret->len > 0;
}

/* How many members of the list are the word, in any case, and how many are others. */
static size_t count_members(const struct http_head *head, const char *name, const char *word,
                            size_t *ret_others)
{
    size_t count = 0;
    struct bytes member;

    *ret_others = 0;
    for (size_t i = 0; i < head->header_count; i++) {
        const char *at = head->headers[i].value;

        if (strcasecmp(head->headers[i].name, name) != 0)
            continue;
        while (http_list_next(&at, &member))
            if (member.len == strlen(word) && strncasecmp(member.data, word, member.len) == 0)
                count++;
            else
                ++*ret_others;
    }
    return count;
}

static enum rc parse_length(const char *text, int64_t *ret, int *ret_status, struct error *err)
{
    size_t digits = strspn(text, "0123456789");
    int64_t value = 0;

    if (digits == 0 || text[digits] != '\0' || digits > 15) {
        error_set(err, RC_INVALID, "Content-Length: \"%.40s\" is not a number of bytes", text);
        return refuse(ret_status, 400);
    }
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (text[i] - '0');
    *ret = value;
    return RC_OK;
}

static enum rc interpret_body(struct http_head *ret, int *ret_status, struct error *err)
{
    const char *length, *coding;

    *ret_status = 400;
    TRY(http_head_single(ret, "Content-Length", &length, err));
    TRY(http_head_single(ret, "Transfer-Encoding", &coding, err));
    if (length != NULL && coding != NULL) {
        error_set(err, RC_INVALID, "the request has both Content-Length and Transfer-Encoding");
        return refuse(ret_status, 400);
    }
    if (coding != NULL && strcasecmp(coding, "chunked") != 0) {
        error_set(err, RC_INVALID, "Transfer-Encoding: \"%.40s\" is not known here, only chunked",
                  coding);
        return refuse(ret_status, 501);
    }
    ret->is_chunked = coding != NULL;
    return length == NULL ? RC_OK : parse_length(length, &ret->content_length, ret_status, err);
}

static enum rc interpret(struct http_head *ret, int *ret_status, struct error *err)
{
    const char *host;
    size_t others;

    *ret_status = 400;
    TRY(http_head_single(ret, "Host", &host, err));
    if (host == NULL && !ret->is_old)
        return error_set(err, RC_INVALID, "the request has no Host field");
    if (ret->host == NULL)
        ret->host = host;
    TRY(interpret_body(ret, ret_status, err));
    if (ret->is_old && ret->is_chunked) {
        error_set(err, RC_INVALID, "Transfer-Encoding: HTTP/1.0 does not know it");
        return refuse(ret_status, 400);
    }
    if (count_members(ret, "Connection", "close", &others) > 0)
        ret->keep_alive = false;
    ret->expects_continue =
        count_members(ret, "Expect", "100-continue", &others) > 0 && !ret->is_old;
    if (others == 0 || ret->is_old)
        return RC_OK;
    error_set(err, RC_INVALID, "Expect: only 100-continue is known here");
    return refuse(ret_status, 417);
}

enum rc http_head_parse(char *data, size_t len, struct http_head *ret, int *ret_status,
                        struct error *err)
{
    char *line = data, *end = data + len - 2; /* without the blank line */

    *ret = (struct http_head){0};
    if (memchr(data, '\0', len) != NULL) {
        error_set(err, RC_INVALID, "the head of the request holds a NUL");
        return refuse(ret_status, 400);
    }
    while (line < end) {
        char *stop = memchr(line, '\n', (size_t)(end - line));

        stop[-1] = '\0'; /* the CR; http_head_length has seen both */
        if (line == data)
            TRY(parse_request_line(line, ret, ret_status, err));
        else
            TRY(parse_header(line, ret, ret_status, err));
        line = stop + 1;
    }
    return interpret(ret, ret_status, err);
}
