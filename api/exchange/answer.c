#include "api/exchange/answer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/nearest.h"
#include "base/rfc3339.h"

enum { WAIT_MAX_S = 60 };

/* --- what is asked for --- */

enum rc param_task(const struct http_exchange *x, struct task_ref *ret, struct error *err)
{
    return task_ref_parse(http_param(x, "task"), http_memory(x), ret, err);
}

enum rc param_path_id(const struct http_exchange *x, const char *name, struct uuid *ret,
                      struct error *err)
{
    struct error why = {0};

    if (uuid_from_text(http_param(x, name), ret, &why) == RC_OK)
        return RC_OK;
    return error_set(err, RC_INVALID, "%s: %s", name, why.text);
}

enum rc param_number(const char *name, const char *text, int64_t min, int64_t max, int64_t *ret,
                     struct error *err)
{
    size_t digits = strspn(text, "0123456789");
    long long value = -1;

    errno = 0;
    if (digits > 0 && digits < 20 && text[digits] == '\0')
        value = strtoll(text, NULL, 10);
    if (errno != 0 || value < min || value > max)
        return error_set(err, RC_INVALID, "%s: \"%.40s\" is not a number from %lld to %lld", name,
                         text, (long long)min, (long long)max);
    *ret = value;
    return RC_OK;
}

enum rc param_limit(const struct http_exchange *x, size_t *ret, struct error *err)
{
    const char *text = http_query(x, "limit");
    int64_t value = PAGE_DEFAULT;

    if (text != NULL)
        TRY(param_number("limit", text, 1, PAGE_MAX, &value, err));
    *ret = (size_t)value;
    return RC_OK;
}

enum rc param_instant(const struct http_exchange *x, const char *name, usec_t *ret,
                      struct error *err)
{
    const char *text = http_query(x, name);
    struct error why = {0};

    if (text == NULL || rfc3339_parse(text, ret, &why) == RC_OK)
        return RC_OK;
    error_set(err, RC_INVALID, "%s: %s", name, why.text);
    return error_hint_http(err, "write it as 2026-11-24T13:00:00Z; a '+' in a URL is %%2B");
}

/* YYYY-MM-DD of 1970 to 2199. */
static bool date_parse(const char *text, int64_t *ret)
{
    static const char form[] = "dddd-dd-dd";
    long year, month, day;

    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    year = strtol(text, NULL, 10);
    month = strtol(text + 5, NULL, 10);
    day = strtol(text + 8, NULL, 10);
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 ||
        day > civil_month_days((int)year, (int)month))
        return false;
    *ret = civil_to_days((int)year, (int)month, (int)day);
    return true;
}

enum rc param_day(const struct http_exchange *x, const char *name, int64_t *ret, struct error *err)
{
    const char *text = http_query(x, name);

    if (text == NULL || date_parse(text, ret))
        return RC_OK;
    error_set(err, RC_INVALID, "%s: \"%.40s\" is not a date of 1970 to 2199", name, text);
    return error_hint_http(err, "write it as 2026-11-24");
}

enum rc param_zone(struct api *api, const struct http_exchange *x, struct zone **ret,
                   struct error *err)
{
    const char *name = http_query(x, "tz");

    if (zoneset_get(api->zones, name != NULL ? name : "UTC", ret, err) == RC_OK)
        return RC_OK;
    if (strchr(name, ' ') != NULL) /* Etc/GMT+10, most likely */
        (void)error_hint_http(err, "a '+' in a URL is %%2B");
    return error_prefix(err, "tz");
}

enum rc param_bool(const struct http_exchange *x, const char *name, bool *ret, struct error *err)
{
    const char *text = http_query(x, name);

    if (text == NULL)
        return RC_OK;
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return error_set(err, RC_INVALID, "%s: \"%.40s\" is neither true nor false", name, text);
    *ret = strcmp(text, "true") == 0;
    return RC_OK;
}

static enum rc hint_symbol(const struct symbols *symbols, const char *word, struct error *err)
{
    const struct symbol_group *g = symbols->groups;
    struct nearest nearest = nearest_to(word);

    for (size_t i = 0; i < ARRAY_LEN(symbols->groups) && g[i].name != NULL; i++)
        nearest_try(&nearest, g[i].name);
    for (int i = 0; i < symbols->type->count; i++)
        nearest_try(&nearest, symbols->type->symbols[i]);
    if (nearest.name != NULL)
        return error_hint(err, "did you mean %s?", nearest.name);
    if (g[0].name == NULL)
        return err->rc;
    return error_hint(err, "%s%s%s can be asked for, too", g[0].name,
                      g[1].name != NULL ? " and " : "", g[1].name != NULL ? g[1].name : "");
}

/* One word of a list. */
static enum rc add_symbol(const struct symbols *symbols, const char *word, uint32_t *ret,
                          struct error *err)
{
    int value;

    for (size_t i = 0; i < ARRAY_LEN(symbols->groups); i++)
        if (symbols->groups[i].name != NULL && strcasecmp(word, symbols->groups[i].name) == 0) {
            *ret |= symbols->groups[i].bits;
            return RC_OK;
        }
    if (enum_find(symbols->type, word, true, &value, err) != RC_OK)
        return hint_symbol(symbols, word, err);
    *ret |= 1u << value;
    return RC_OK;
}

enum rc param_set(const struct http_exchange *x, const char *name, const struct symbols *symbols,
                  uint32_t *ret, struct error *err)
{
    const char *at = http_query(x, name);
    char word[40];

    while (at != NULL) {
        size_t len = strcspn(at, ",");

        (void)snprintf(word, sizeof word, "%.*s", (int)len, at);
        if (add_symbol(symbols, word, ret, err) != RC_OK)
            return error_prefix(err, "%s", name);
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return RC_OK;
}

/* Of `wait=10`, `Wait = "10"; x=y` (RFC 7240); NULL: it is another preference. */
static const char *wait_of(struct bytes member, struct arena *memory)
{
    const char *text = arena_strndup(memory, member.data, member.len), *value;
    size_t name = strcspn(text, "=; \t");

    if (name != 4 || strncasecmp(text, "wait", 4) != 0)
        return NULL;
    value = text + name + strspn(text + name, " \t");
    if (*value != '=')
        return "";
    value += 1 + strspn(value + 1, " \t");
    if (*value == '"')
        return arena_strndup(memory, value + 1, strcspn(value + 1, "\""));
    return arena_strndup(memory, value, strcspn(value, "; \t"));
}

enum rc prefer_wait(const struct http_exchange *x, int *ret, struct error *err)
{
    const char *at = http_header_list(x, "Prefer"), *wait = NULL;
    struct bytes member;
    int64_t value;

    while (at != NULL && wait == NULL && http_list_next(&at, &member))
        wait = wait_of(member, http_memory(x)); /* of several the first counts, says the RFC */
    if (wait == NULL)
        return RC_OK;
    TRY(param_number("Prefer: wait", wait, 0, WAIT_MAX_S, &value, err));
    *ret = (int)value;
    return RC_OK;
}

/* --- answers --- */

void answer_json(struct http_exchange *x, int status, struct buf *body)
{
    buf_add_char(body, '\n');
    http_answer(x, status, "application/json", body);
}

void answer_error(struct http_exchange *x, const struct error *err)
{
    static const enum problem_kind kinds[] = {
        [RC_OK] = PROBLEM_INTERNAL,         [RC_INVALID] = PROBLEM_INVALID,
        [RC_NOT_FOUND] = PROBLEM_NOT_FOUND, [RC_CONFLICT] = PROBLEM_CONFLICT,
        [RC_RETRY] = PROBLEM_UNAVAILABLE,   [RC_FENCED] = PROBLEM_INTERNAL,
        [RC_FATAL] = PROBLEM_INTERNAL,
    };

    problem_answer(x, kinds[err->rc], err);
}

bool answer_no_memory(struct http_exchange *x)
{
    if (!http_is_full(x))
        return false;
    problem_answer_text(x, PROBLEM_UNAVAILABLE, "the setting api.memory says how much there is",
                        "requests and answers take all the memory there is for them just now");
    return true;
}

bool answer_read_failed(struct http_exchange *x, const struct read_page *page)
{
    if (page->rc == RC_OK)
        return answer_no_memory(x);
    /* our statement, not their request: what it says is for the log */
    if (page->err.rc == RC_INVALID) {
        log_error("the database refused a question", "path=%s why=\"%s\"", http_path(x),
                  page->err.text);
        problem_answer_text(x, PROBLEM_INTERNAL, NULL,
                            "the database refused the question; the log of the API says why");
        return true;
    }
    answer_error(x, &page->err);
    return true;
}

bool answer_broker_away(struct http_exchange *x, const struct broker_view *view)
{
    if (view != NULL && view->is_checked)
        return false;
    problem_answer_text(x, PROBLEM_UNAVAILABLE, NULL, "Kafka cannot be asked yet%s%s",
                        view != NULL ? ": " : "", view != NULL ? view->err.text : "");
    return true;
}

void answer_not_found(struct http_exchange *x, const char *what, const char *name)
{
    problem_answer_http(
        x, PROBLEM_NOT_FOUND,
        "what was written a moment ago can be waited for: after_command=<command id>",
        "there is no %s %.200s", what, name);
}

void answer_etag(struct http_exchange *x, int32_t revision)
{
    char tag[16];

    (void)snprintf(tag, sizeof tag, "\"%d\"", revision);
    http_answer_header(x, "ETag", tag);
}

struct json answer_open_list(struct buf *body)
{
    struct json j = json_into(body);

    json_open_object(&j);
    json_key(&j, "items");
    json_open_array(&j);
    return j;
}

void answer_close_list(struct json *j, const char *next)
{
    json_close_array(j);
    if (next != NULL)
        json_add_text(j, "next", next);
    json_close_object(j);
}
