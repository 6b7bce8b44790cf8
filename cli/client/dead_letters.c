/*
 * `cronobs dead-letter ...`: what lay in the log and could not be used for the history.
 */
#include <string.h>

#include "base/nearest.h"
#include "base/table.h"
#include "cli/client/options.h"
#include "cli/client/rest.h"
#include "cli/client/words.h"
#include "http/url.h"

/* --- list --- */

static void add_letter(struct rest *r, struct table *t, const struct json_node *letter)
{
    const char *last = rest_number(r, letter, "last_offset");
    const char *offset = rest_number(r, letter, "offset");

    if (*last != '\0')
        offset = arena_printf(rest_call(r)->memory, "%s-%s", offset, last);
    table_add(t, rest_time(r, letter, "at"), rest_text(letter, "topic"),
              rest_number(r, letter, "partition"), offset, rest_text(letter, "reason"),
              rest_number(r, letter, "bytes"), rest_text(letter, "detail"));
}

static void print_letters(struct rest *r)
{
    SCOPED(table)
    struct table *t =
        table_new("RECEIVED", "TOPIC", ">PARTITION", ">OFFSET", "REASON", ">BYTES", "DETAIL");
    struct json_node items, item;

    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        add_letter(r, t, &item);
    rest_print_table(r, t, *rest_text(rest_root(r), "next") != '\0');
}

static enum rc ask(struct rest *r, const struct dead_letter_options *o, struct error *err)
{
    static const struct words reasons = {"--reason", &dead_reason_enum, NULL, false};
    SCOPED_QUERY query = rest_query_of("/v1/dead-letters");
    struct arena *memory = rest_call(r)->memory;
    const char *from, *to;

    TRY(words_check(&reasons, o->reason, err));
    TRY(rest_instant(r, "--from", o->from, &from, err));
    TRY(rest_instant(r, "--to", o->to, &to, err));
    rest_query_add(&query, "topic", o->topic);
    if (call_has(rest_call(r), "partition"))
        rest_query_add(&query, "partition", arena_printf(memory, "%d", o->partition));
    rest_query_add(&query, "reason", o->reason);
    rest_query_add(&query, "from", from);
    rest_query_add(&query, "to", to);
    rest_query_add_int(&query, "limit", o->limit);
    return rest_get(r, buf_text(&query.text), err);
}

enum rc run_dead_letter_list(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    SCOPED(rest) struct rest *r = NULL;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(ask(r, call->values[1], err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_letters(r);
    return RC_OK;
}

/* --- show --- */

static void add_if_any(struct table *t, const char *name, const char *value)
{
    if (*value != '\0')
        table_add(t, name, value);
}

/* Bytes that are no text come in base64. */
static void add_bytes(struct rest *r, struct table *t, const struct json_node *letter,
                      const char *name)
{
    struct arena *memory = rest_call(r)->memory;

    add_if_any(t, name, rest_text(letter, name));
    add_if_any(t, arena_printf(memory, "%s (base64)", name),
               rest_text(letter, arena_printf(memory, "%s_base64", name)));
}

static void print_letter(struct rest *r)
{
    const struct json_node *letter = rest_root(r);
    SCOPED(table) struct table *t = table_new("topic", rest_text(letter, "topic"));

    table_add(t, "partition", rest_number(r, letter, "partition"));
    table_add(t, "offset", rest_number(r, letter, "offset"));
    add_if_any(t, "last offset", rest_number(r, letter, "last_offset"));
    add_if_any(t, "received", rest_time(r, letter, "at"));
    table_add(t, "reason", rest_text(letter, "reason"));
    add_if_any(t, "detail", rest_text(letter, "detail"));
    add_bytes(r, t, letter, "key");
    add_if_any(t, "bytes", rest_number(r, letter, "bytes"));
    add_if_any(t, "sha256", rest_text(letter, "sha256"));
    add_bytes(r, t, letter, "value");
    table_add(t, "times in", rest_zone(r));
    rest_print_table(r, t, false);
}

enum rc run_dead_letter_show(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const char *const *operands = call->operands.items;
    SCOPED(rest) struct rest *r = NULL;
    SCOPED_BUF target = {0};

    buf_add_text(&target, "/v1/dead-letters");
    for (size_t i = 0; i < call->operands.count; i++) {
        buf_add_char(&target, '/');
        url_escape(&target, operands[i]);
    }
    TRY(rest_new(call, view->zone, &r, err));
    TRY(rest_get(r, buf_text(&target), err));
    if (view->is_json)
        rest_print_json(r);
    else
        print_letter(r);
    return RC_OK;
}
