#include "api/exchange/conditions.h"

#include <stdlib.h>
#include <string.h>

static enum rc malformed(const char *match, struct error *err)
{
    error_set(err, RC_INVALID, "If-Match: %.60s is no list of ETags", match);
    return error_hint_http(
        err, "an ETag is a revision in quotes: \"3\"; several are separated by commas");
}

static bool is_tag_char(unsigned char c)
{
    return c == 0x21 || (c >= 0x23 && c != 0x7f);
}

/* Behind the closing quote; NULL: this is no tag. */
static const char *end_of_tag(const char *at)
{
    if (*at++ != '"')
        return NULL;
    while (is_tag_char((unsigned char)*at))
        at++;
    return *at == '"' ? at + 1 : NULL;
}

/* "3" as we write it: "03" is another tag, of nothing of ours. 0: so is this one. */
static int32_t revision_of(const char *tag, const char *end)
{
    size_t digits = strspn(tag + 1, "0123456789");
    int64_t value = digits < 11 ? strtoll(tag + 1, NULL, 10) : 0;

    return tag + 1 + digits == end - 1 && tag[1] != '0' && value <= INT32_MAX ? (int32_t)value : 0;
}

static enum rc parse_tags(const char *match, struct conditions *ret, struct error *err)
{
    const char *at = match + strspn(match, " \t,");

    if (*at == '\0')
        return malformed(match, err);
    while (*at != '\0') {
        bool is_weak = at[0] == 'W' && at[1] == '/';
        const char *tag = at + (is_weak ? 2 : 0), *end = end_of_tag(tag);
        int32_t revision;

        if (end == NULL)
            return malformed(match, err);
        revision = revision_of(tag, end);
        ret->has_weak = ret->has_weak || is_weak;
        if (!is_weak && revision > 0)
            ret->revisions[ret->count++] = revision;
        at = end + strspn(end, " \t");
        if (*at != ',' && *at != '\0')
            return malformed(match, err);
        at += strspn(at, " \t,");
    }
    return RC_OK;
}

enum rc conditions_parse(const char *match, const char *none, struct arena *memory,
                         struct conditions *ret, struct error *err)
{
    *ret = (struct conditions){.is_set = match != NULL};
    if (match != NULL && none != NULL)
        return error_set(err, RC_INVALID, "If-Match and If-None-Match exclude each other");
    if (none != NULL && strcmp(none, "*") != 0)
        return error_set(err, RC_INVALID, "If-None-Match: only * is known here, not %.40s", none);
    ret->wants_none = none != NULL;
    ret->wants_some = match != NULL && strcmp(match, "*") == 0;
    if (match == NULL || ret->wants_some)
        return RC_OK;
    ret->revisions = arena_alloc(memory, (strlen(match) / 2 + 1) * sizeof *ret->revisions);
    return parse_tags(match, ret, err);
}

bool conditions_match_nothing(const struct conditions *c)
{
    return c->is_set && !c->wants_some && c->count == 0;
}

bool conditions_allow(const struct conditions *c, int32_t revision)
{
    if (c->wants_none)
        return revision == 0;
    if (!c->is_set)
        return true;
    for (size_t i = 0; i < c->count; i++)
        if (c->revisions[i] == revision)
            return true;
    return c->wants_some && revision > 0;
}

struct opt_int conditions_expect(const struct conditions *c, int32_t current)
{
    int32_t highest = 0;

    for (size_t i = 0; i < c->count; i++)
        highest = MAX(highest, c->revisions[i]);
    if (c->wants_some)
        return (struct opt_int){true, EXPECT_SOME};
    if (c->count > 1 && conditions_allow(c, current))
        return (struct opt_int){true, current};
    return (struct opt_int){c->is_set || c->wants_none, highest};
}
