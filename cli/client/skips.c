#include "cli/client/skips.h"

const char *skip_text(struct rest *r, const struct json_node *object, const char *said)
{
    struct json_node skip = {0};
    const char *by, *reason;

    if (!json_node_member(object, "skip", &skip))
        return "";
    by = rest_text(&skip, "by");
    reason = rest_text(&skip, "reason");
    return arena_printf(rest_call(r)->memory, "%s%s%s%s%s", said, *by == '\0' ? "" : ", by ", by,
                        *reason == '\0' ? "" : ": ", reason);
}
