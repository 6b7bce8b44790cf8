#include "scheduler/state.h"

#include <stdio.h>
#include <string.h>

static const char *const prefixes[STATE_KEY_COUNT] = {
    [STATE_TASK] = "task/",
    [STATE_RUN] = "run/",
    [STATE_OPEN] = "open/",
    [STATE_WATERMARK] = "watermark",
};

const char *state_key_format(enum state_key kind, struct uuid id, char text[STATE_KEY_TEXT])
{
    size_t len = strlen(prefixes[kind]);

    memcpy(text, prefixes[kind], len + 1);
    if (kind != STATE_WATERMARK)
        (void)uuid_to_text(id, text + len);
    return text;
}

enum rc state_key_parse(struct bytes key, enum state_key *ret_kind, struct uuid *ret_id,
                        struct error *err)
{
    char text[STATE_KEY_TEXT] = "", canonical[STATE_KEY_TEXT];

    if (key.len == 0 || key.len >= sizeof text)
        return error_set(err, RC_INVALID, "state key of %zu bytes", key.len);
    memcpy(text, key.data, key.len);
    for (int kind = 0; kind < STATE_KEY_COUNT; kind++) {
        struct uuid id = UUID_NIL;

        if (!text_starts(text, prefixes[kind]))
            continue;
        if (kind != STATE_WATERMARK &&
            uuid_from_text(text + strlen(prefixes[kind]), &id, err) != RC_OK)
            return RC_INVALID;
        (void)state_key_format((enum state_key)kind, id, canonical);
        if (key.len != strlen(canonical) || memcmp(key.data, canonical, key.len) != 0)
            break; /* another key to the log, which keeps both */
        *ret_kind = (enum state_key)kind;
        *ret_id = id;
        return RC_OK;
    }
    return error_set(err, RC_INVALID, "unknown state key \"%s\"", text);
}
