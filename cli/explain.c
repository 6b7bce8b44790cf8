/*
 * `cronobs explain`: all that can be told about one schedule, without a server.
 */
#include "cli/schedule_ask.h"
#include "cli/schedule_text.h"

enum rc run_explain(struct call *call, struct error *err)
{
    const struct ask_options *o = call->values[0];
    SCOPED_ASK ask = {0};
    SCOPED_BUF out = {0};
    struct schedule_view view;

    TRY(ask_parse(call, o, &ask, err));
    view = ask_view(&ask, o);
    if (o->is_json) {
        struct json j = json_into(&out);

        schedule_json(&j, &view);
        buf_add_char(&out, '\n');
    } else {
        explain_text(&view, &out);
    }
    (void)fwrite(buf_text(&out), 1, out.len, call->out);
    return RC_OK;
}
