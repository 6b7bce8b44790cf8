#include "scheduler/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const prefixes[STATE_KIND_COUNT] = {
    [STATE_TASK] = "task/",          [STATE_RUN] = "run/",
    [STATE_SPEC] = "spec/",          [STATE_OPEN] = "open/",
    [STATE_WATERMARK] = "watermark",
};

const char *state_key_format(enum state_kind kind, struct uuid id, char text[STATE_KEY_TEXT])
{
    size_t len = strlen(prefixes[kind]);

    memcpy(text, prefixes[kind], len + 1);
    if (kind != STATE_WATERMARK)
        (void)uuid_to_text(id, text + len);
    return text;
}

const char *state_spec_key_format(struct uuid task, int32_t revision, char text[STATE_KEY_TEXT])
{
    size_t len = strlen(state_key_format(STATE_SPEC, task, text));

    (void)snprintf(text + len, STATE_KEY_TEXT - len, "/%" PRId32, revision);
    return text;
}

/* Is it written as we write it? Else it is another key to the log, which keeps both. */
static bool is_canonical(struct bytes key, const struct state_key *parsed)
{
    char text[STATE_KEY_TEXT];

    if (parsed->kind == STATE_SPEC)
        (void)state_spec_key_format(parsed->id, parsed->revision, text);
    else
        (void)state_key_format(parsed->kind, parsed->id, text);
    return bytes_equal(key, bytes_of(text));
}

/* What follows the prefix. */
static enum rc parse_rest(const char *text, struct state_key *key, struct error *err)
{
    char id[UUID_TEXT] = "";

    if (key->kind == STATE_WATERMARK)
        return RC_OK;
    (void)snprintf(id, sizeof id, "%s", text);
    TRY(uuid_from_text(key->kind == STATE_SPEC ? id : text, &key->id, err));
    if (key->kind == STATE_SPEC && strlen(text) >= sizeof id)
        key->revision = (int32_t)strtol(text + sizeof id, NULL, 10);
    return RC_OK;
}

enum rc state_key_parse(struct bytes key, struct state_key *ret, struct error *err)
{
    char text[STATE_KEY_TEXT] = "";

    if (key.len == 0 || key.len >= sizeof text)
        return error_set(err, RC_INVALID, "state key of %zu bytes", key.len);
    memcpy(text, key.data, key.len);
    for (int kind = 0; kind < STATE_KIND_COUNT; kind++) {
        struct state_key parsed = {.kind = (enum state_kind)kind};

        if (!text_starts(text, prefixes[kind]))
            continue;
        TRY(parse_rest(text + strlen(prefixes[kind]), &parsed, err));
        if (!is_canonical(key, &parsed))
            break;
        *ret = parsed;
        return RC_OK;
    }
    return error_set(err, RC_INVALID, "unknown state key \"%s\"", text);
}
