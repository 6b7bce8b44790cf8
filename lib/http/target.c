#include <string.h>

#include "http/head.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes len bytes; in a query a '+' is a blank. */
static enum rc unescape(const char *text, size_t len, bool is_query, struct arena *memory,
                        const char **ret, struct error *err)
{
    char *out = arena_alloc(memory, len + 1), *to = out;

    for (size_t i = 0; i < len; i++) {
        int high, low;

        if (text[i] != '%') {
            *to++ = (char)(is_query && text[i] == '+' ? ' ' : text[i]);
            continue;
        }
        high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
        low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0 || high * 16 + low == 0)
            return error_set(err, RC_INVALID, "the request's target holds a bad escape at \"%.3s\"",
                             text + i);
        *to++ = (char)(high * 16 + low);
        i += 2;
    }
    *ret = out;
    return RC_OK;
}

static enum rc split_path(const char *path, size_t len, struct arena *memory,
                          struct http_target *ret, struct error *err)
{
    size_t at = 1; /* after the first '/' */

    while (at <= len) {
        const char *slash = at < len ? memchr(path + at, '/', len - at) : NULL;
        size_t stop = slash == NULL ? len : (size_t)(slash - path);

        if (ret->segment_count == HTTP_SEGMENTS_MAX)
            return error_set(err, RC_INVALID, "the path has more than %d parts", HTTP_SEGMENTS_MAX);
        TRY(unescape(path + at, stop - at, false, memory, &ret->segments[ret->segment_count++],
                     err));
        at = stop + 1;
    }
    return RC_OK;
}

static enum rc add_parameter(const char *text, size_t len, struct arena *memory,
                             struct http_target *ret, struct error *err)
{
    const char *equals = memchr(text, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - text);
    struct http_pair *pair = &ret->query[ret->query_count];

    if (len == 0)
        return RC_OK;
    if (ret->query_count == HTTP_QUERY_MAX)
        return error_set(err, RC_INVALID, "the query has more than %d parameters", HTTP_QUERY_MAX);
    TRY(unescape(text, name_len, true, memory, &pair->name, err));
    pair->value = "";
    if (equals != NULL)
        TRY(unescape(equals + 1, len - name_len - 1, true, memory, &pair->value, err));
    ret->query_count++;
    return RC_OK;
}

static enum rc split_query(const char *query, struct arena *memory, struct http_target *ret,
                           struct error *err)
{
    while (query != NULL) {
        const char *amp = strchr(query, '&');

        TRY(add_parameter(query, amp == NULL ? strlen(query) : (size_t)(amp - query), memory, ret,
                          err));
        query = amp == NULL ? NULL : amp + 1;
    }
    return RC_OK;
}

enum rc http_target_parse(const char *target, struct arena *memory, struct http_target *ret,
                          struct error *err)
{
    const char *mark = strchr(target, '?');
    size_t len = mark == NULL ? strlen(target) : (size_t)(mark - target);
    struct http_target made = {.path = arena_strndup(memory, target, len)};

    TRY(split_path(target, len, memory, &made, err));
    TRY(split_query(mark == NULL ? NULL : mark + 1, memory, &made, err));
    *ret = made;
    return RC_OK;
}
