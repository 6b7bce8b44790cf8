/*
 * `cronobs explain`: all that can be told about one schedule, without a server.
 */
#include "base/clock.h"
#include "cli/schedule/ask.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/subcommand.h"

enum rc run_explain(struct call *call, struct error *err)
{
    const struct ask_options *o = call->values[0];
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED_ASK ask = {0};
    SCOPED_BUF out = {0};

    TRY(ask_read(&call->operands, o, zones, clock_realtime(), &ask, err));
    local_zone_warn(ask.expression, o->zone);
    ask_explain(&ask, o, &out);
    (void)fwrite(buf_text(&out), 1, out.len, call->out);
    return RC_OK;
}
