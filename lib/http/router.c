#include "http/router.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "http/exchange.h"
#include "http/problem.h"

static const char json_type[] = "application/json";
static const char patch_type[] = "application/merge-patch+json"; /* of PATCH */
static const char any_query[] = "*";

/* ":name" takes the whole segment, ":name:verb" what stands before ":verb", anything else
   itself. */
static bool match_segment(const char *pattern, size_t len, const char *segment,
                          struct arena *memory, struct http_pair *params, size_t *count)
{
    const char *verb;
    size_t name_len, value_len, segment_len = strlen(segment);

    if (pattern[0] != ':')
        return segment_len == len && memcmp(pattern, segment, len) == 0;
    verb = memchr(pattern + 1, ':', len - 1);
    name_len = verb == NULL ? len - 1 : (size_t)(verb - pattern) - 1;
    value_len = strcspn(segment, ":");
    if (value_len == 0 || segment_len - value_len != len - 1 - name_len ||
        (verb != NULL && memcmp(segment + value_len, verb, segment_len - value_len) != 0))
        return false;
    params[(*count)++] = (struct http_pair){arena_strndup(memory, pattern + 1, name_len),
                                            arena_strndup(memory, segment, value_len)};
    return true;
}

bool http_pattern_match(const char *pattern, const struct http_target *target, struct arena *memory,
                        struct http_pair *params, size_t *ret_count)
{
    const char *at = pattern + 1; /* after the '/' */

    *ret_count = 0;
    for (size_t i = 0; i < target->segment_count; i++) {
        size_t len = strcspn(at, "/");
        bool is_last = at[len] == '\0';

        if (is_last && len == 2 && memcmp(at, "**", 2) == 0)
            return true;
        if (is_last != (i + 1 == target->segment_count) ||
            !match_segment(at, len, target->segments[i], memory, params, ret_count))
            return false;
        at += len + 1;
    }
    return target->segment_count > 0;
}

static void allow_method(char allow[64], enum http_method method)
{
    size_t len = strlen(allow);

    (void)snprintf(allow + len, 64 - len, "%s%s%s", len > 0 ? ", " : "", http_method_name(method),
                   method == HTTP_GET ? ", HEAD" : "");
}

const struct http_route *http_route_find(const struct http_route *table, struct http_exchange *x,
                                         char allow[64])
{
    enum http_method method = http_method(x) == HTTP_HEAD ? HTTP_GET : http_method(x);
    struct http_pair params[HTTP_SEGMENTS_MAX];
    size_t count;

    allow[0] = '\0';
    for (const struct http_route *r = table; r->pattern != NULL; r++) {
        if (!http_pattern_match(r->pattern, http_target(x), http_memory(x), params, &count))
            continue;
        if (r->method != method) {
            allow_method(allow, r->method);
            continue;
        }
        for (size_t i = 0; i < count; i++)
            http_set_param(x, params[i].name, params[i].value);
        return r;
    }
    return NULL;
}

/* Words with blanks between them, in the memory of the exchange; NULL: the resource takes nothing. */
static const char *known_parameters(const struct http_route *route, const char *common,
                                    struct http_exchange *x)
{
    const char *shared = route->method == HTTP_GET ? common : NULL;

    if (route->query == NULL || shared == NULL)
        return route->query != NULL ? route->query : shared;
    return arena_printf(http_memory(x), "%s %s", route->query, shared);
}

static const char *hint_for(const char *name, const char *known, struct arena *memory)
{
    struct nearest nearest = nearest_to(name);

    if (known == NULL)
        return "this resource takes no parameters";
    for (const char *at = known; *at != '\0'; at += strspn(at, " ")) {
        size_t len = strcspn(at, " ");

        nearest_try(&nearest, arena_strndup(memory, at, len));
        at += len;
    }
    if (nearest.name == NULL)
        return arena_printf(memory, "it takes: %s", known);
    return arena_printf(memory, "did you mean \"%s\"? It takes: %s", nearest.name, known);
}

/* A misspelt filter would answer everything, and an empty one what nobody meant: so unknown and empty ones are refused. */
static bool query_is_known(const struct http_route *route, const char *common,
                           struct http_exchange *x)
{
    const struct http_target *t = http_target(x);
    const char *known = known_parameters(route, common, x);

    if (text_equal(route->query, any_query))
        return true;
    for (size_t i = 0; i < t->query_count; i++) {
        const struct http_pair *q = &t->query[i];

        if (!text_has_word(known, q->name)) {
            problem_answer_http(x, PROBLEM_INVALID, hint_for(q->name, known, http_memory(x)),
                                "query parameter \"%.60s\" is not known here", q->name);
            return false;
        }
        if (q->value[0] == '\0') {
            problem_answer_http(x, PROBLEM_INVALID, "give it a value, or leave it out",
                                "%s: the value is empty", q->name);
            return false;
        }
    }
    return true;
}

/* Which of two values counts, clients and proxies do not agree upon. */
static bool query_is_single(struct http_exchange *x)
{
    const struct http_target *t = http_target(x);

    for (size_t i = 0; i < t->query_count; i++)
        for (size_t before = 0; before < i; before++)
            if (strcmp(t->query[i].name, t->query[before].name) == 0) {
                problem_answer_text(x, PROBLEM_INVALID, NULL,
                                    "query parameter \"%.60s\" is there twice", t->query[i].name);
                return false;
            }
    return true;
}

/* Bytes that were compressed would be read as they are. */
static bool body_is_plain(struct http_exchange *x)
{
    const char *codings = http_header_list(x, "Content-Encoding"), *at = codings;
    struct bytes coding;

    if (codings == NULL || http_body(x).len == 0)
        return true;
    while (http_list_next(&at, &coding)) {
        if (coding.len == 8 && strncasecmp(coding.data, "identity", 8) == 0)
            continue;
        http_answer_header(x, "Accept-Encoding", "identity");
        problem_answer_http(x, PROBLEM_MEDIA_TYPE,
                            "send the body as it is, without Content-Encoding",
                            "Content-Encoding: %.60s is not known here", codings);
        return false;
    }
    return true;
}

/* What is no text cannot be a name of anything: said here, with the field, and not by whoever meets it last. */
static bool texts_are_clean(struct http_exchange *x)
{
    const struct http_target *t = http_target(x);

    for (size_t i = 0; i < t->query_count; i++)
        if (!utf8_is_clean(t->query[i].value, strlen(t->query[i].value))) {
            problem_answer_text(x, PROBLEM_INVALID, NULL, "%.60s: the value is not valid UTF-8",
                                t->query[i].name);
            return false;
        }
    for (size_t i = 0; i < x->param_count; i++)
        if (!utf8_is_clean(x->params[i].value, strlen(x->params[i].value))) {
            problem_answer_text(x, PROBLEM_INVALID, NULL, "%s: the value is not valid UTF-8",
                                x->params[i].name);
            return false;
        }
    return true;
}

/* What is sent along and not read would be taken for heard. */
static bool body_is_expected(const struct http_route *route, struct http_exchange *x)
{
    const char *name = http_method_name(http_method(x));

    if ((route->method != HTTP_GET && route->method != HTTP_DELETE) || http_body(x).len == 0)
        return true;
    problem_answer_text(
        x, PROBLEM_INVALID,
        route->query == NULL || text_equal(route->query, any_query)
            ? "send it without a body"
            : arena_printf(http_memory(x), "what it takes stands in the query: %s", route->query),
        "%s takes no body", name);
    return false;
}

/* All text here is UTF-8: behind the media type, no other charset may be named. */
static bool charset_is_ours(const char *parameters)
{
    const char *charset = strcasestr(parameters, "charset=");
    size_t is_quoted;

    if (charset == NULL)
        return true;
    charset += strlen("charset=");
    is_quoted = charset[0] == '"';
    return strncasecmp(charset + is_quoted, "utf-8", 5) == 0 &&
           strchr(is_quoted ? "\"" : "; \t", charset[is_quoted + 5]) != NULL;
}

static bool is_of_type(const char *text, const char *wanted)
{
    size_t len = strlen(wanted);
    const char *behind = text + len;

    if (strncasecmp(text, wanted, len) != 0)
        return false;
    behind += strspn(behind, " \t");
    return *behind == '\0' || (*behind == ';' && charset_is_ours(behind));
}

/*
 * A page of any site may send a form or a text, and no page another body without asking before: so what changes something
 * is taken as JSON only. A POST without a body is no form, yet any page may send one: the handler has looked at its Origin.
 */
static bool body_is_json(const struct http_route *route, struct http_exchange *x)
{
    const char *wanted = route->method == HTTP_PATCH ? patch_type : json_type;
    const char *type = http_header_list(x, "Content-Type"); /* two are of no type */

    if (route->access != ACCESS_WRITE && route->access != ACCESS_ADMIN)
        return true;
    if (type == NULL ? http_body(x).len == 0 : is_of_type(type, wanted))
        return true;
    if (route->method == HTTP_PATCH)
        http_answer_header(x, "Accept-Patch", patch_type);
    problem_answer_http(x, PROBLEM_MEDIA_TYPE,
                        arena_printf(http_memory(x), "send Content-Type: %s, in UTF-8", wanted),
                        "Content-Type: %.80s is not %s", type != NULL ? type : "none", wanted);
    return false;
}

static void answer_no_route(struct http_exchange *x, const char *allow)
{
    if (allow[0] == '\0') {
        problem_answer_http(x, PROBLEM_NOT_FOUND, "docs/http-api.md lists all resources",
                            "there is no resource %.200s", http_path(x));
        return;
    }
    http_answer_header(x, "Allow", allow);
    if (strstr(allow, "PATCH") != NULL)
        http_answer_header(x, "Accept-Patch", patch_type);
    if (http_method(x) == HTTP_OPTIONS)
        http_answer(x, 204, NULL, NULL);
    else
        problem_answer_http(x, PROBLEM_METHOD, arena_printf(http_memory(x), "it knows: %s", allow),
                            "%s is not allowed on %.200s", http_method_name(http_method(x)),
                            http_path(x));
}

void http_route(const struct http_route *table, const char *common, struct http_exchange *x,
                void *ctx)
{
    char allow[64];
    const struct http_route *route = http_route_find(table, x, allow);

    if (route == NULL)
        answer_no_route(x, allow);
    else if (query_is_known(route, common, x) && query_is_single(x) && texts_are_clean(x) &&
             body_is_plain(x) && body_is_json(route, x) && body_is_expected(route, x))
        route->handler(x, ctx);
}
