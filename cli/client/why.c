/*
 * `cronobs why`: did a task run at an instant, and if not, why; of a range, what did not run.
 *
 * The sentences are the API's. What is added here is their order on the screen.
 */
#include <string.h>

#include "base/table.h"
#include "cli/client/known.h"
#include "cli/client/options.h"

/* --- small things --- */

/* "2026-11-25T02:30:00+01:00" as "2026-11-25 02:30:00 +01:00"; "" when absent. */
static const char *local_of(struct rest *r, const struct json_node *item)
{
    const char *text = rest_text(item, "local");
    size_t head = strlen("2026-11-25T02:30:00");

    if (strlen(text) < head)
        return "";
    return arena_printf(rest_call(r)->memory, "%.10s %.8s %s", text, text + 11,
                        text + head + strspn(text + head, ".0123456789"));
}

static void print_shown(FILE *out, const char *before, const char *text)
{
    SCOPED(text) char *shown = table_shown(text);

    (void)fprintf(out, "%s%s\n", before, shown);
}

/* A wall time goes as it was typed: it is one of the task's clock, or of --zone. */
static enum rc typed(struct rest *r, const char *name, const char *text, const char **ret,
                     struct error *err)
{
    *ret = text;
    return text != NULL && (*text == '-' || *text == '+') ? rest_instant(r, name, text, ret, err)
                                                          : RC_OK;
}

/* --- of an instant --- */

static void print_details(struct rest *r, const struct json_node *item)
{
    struct json_node details, one;
    const char *text;

    if (!json_node_member(item, "details", &details))
        return;
    for (size_t i = 0; json_node_item(&details, i, &one); i++)
        if (json_node_text(&one, &text, NULL) == RC_OK)
            print_shown(rest_call(r)->out, "  ", text);
}

static void print_evidence(struct rest *r, const struct json_node *item)
{
    SCOPED(table) struct table *t = table_new("EVIDENCE", ">PARTITION", ">OFFSET", "AT", "RECORD");
    struct json_node records, one;

    if (!json_node_member(item, "evidence", &records))
        return;
    for (size_t i = 0; json_node_item(&records, i, &one); i++)
        table_add(t, rest_text(&one, "topic"), rest_number(r, &one, "partition"),
                  rest_number(r, &one, "offset"), local_of(r, &one), rest_text(&one, "text"));
    if (table_rows(t) == 0)
        return;
    (void)fputc('\n', rest_call(r)->out);
    rest_print_table(r, t, false);
}

/* False: it has no explanation. */
static bool print_verdict(struct rest *r, const struct json_node *item)
{
    FILE *out = rest_call(r)->out;

    (void)fprintf(out, "%s at %s, %s\n\n", rest_key(r, rest_root(r)), local_of(r, item),
                  rest_text(rest_root(r), "tz"));
    print_shown(out, "", rest_text(item, "text"));
    print_details(r, item);
    print_evidence(r, item);
    return strcmp(rest_text(item, "answer"), "UNEXPLAINED") != 0;
}

static enum rc print_verdicts(struct rest *r, struct error *err)
{
    const char *note = rest_text(rest_root(r), "note");
    bool is_explained = true;
    struct json_node items, item;

    if (*note != '\0')
        (void)fprintf(rest_call(r)->out, "%s\n\n", note);
    if (!json_node_member(rest_root(r), "items", &items))
        return RC_OK;
    for (size_t i = 0; json_node_item(&items, i, &item); i++) {
        if (i > 0)
            (void)fputs("\n", rest_call(r)->out);
        is_explained = print_verdict(r, &item) && is_explained;
    }
    return is_explained ? RC_OK : error_set(err, RC_CONFLICT, "an instant has no explanation");
}

/* --- of a range --- */

struct sums { /* over all pages */
    int64_t expected, ran, open, did_not_run, not_fired, undecided, not_kept;
    int64_t differences, unexplained;
};

static void add_totals(struct sums *s, const struct json_node *root)
{
    struct json_node totals;

    if (!json_node_member(root, "totals", &totals))
        return;
    s->expected += rest_int(&totals, "expected", 0);
    s->ran += rest_int(&totals, "ran", 0);
    s->open += rest_int(&totals, "open", 0);
    s->did_not_run += rest_int(&totals, "did_not_run", 0);
    s->not_fired += rest_int(&totals, "not_fired", 0);
    s->undecided += rest_int(&totals, "undecided", 0);
    s->not_kept += rest_int(&totals, "not_kept", 0);
}

static void print_line(struct rest *r, struct sums *s, const struct json_node *line)
{
    const char *kind = rest_text(line, "kind");
    const char *before = arena_printf(rest_call(r)->memory, "%s  %-11s  ", local_of(r, line), kind);

    s->differences++;
    s->unexplained += !rest_is_true(line, "explained");
    print_shown(rest_call(r)->out, before, rest_text(line, "text"));
}

static void print_page(struct rest *r, struct sums *s, bool is_json)
{
    struct json_node items, item;

    add_totals(s, rest_root(r));
    if (!json_node_member(rest_root(r), "items", &items))
        return;
    for (size_t i = 0; !is_json && json_node_item(&items, i, &item); i++)
        print_line(r, s, &item);
    for (size_t i = 0; is_json && json_node_item(&items, i, &item); i++)
        s->unexplained += !rest_is_true(&item, "explained");
    if (is_json)
        rest_print_json(r);
}

static void add_sum(struct buf *out, int64_t count, const char *what)
{
    if (count > 0)
        buf_printf(out, ", %lld %s", (long long)count, what);
}

static void print_sums(struct rest *r, const struct sums *s)
{
    SCOPED_BUF text = {0};

    buf_printf(&text, "%lld difference%s: of %lld expected instants %lld ran",
               (long long)s->differences, s->differences == 1 ? "" : "s", (long long)s->expected,
               (long long)s->ran);
    add_sum(&text, s->open, "waiting");
    add_sum(&text, s->did_not_run, "did not run");
    add_sum(&text, s->not_fired, "not fired");
    add_sum(&text, s->undecided, "not decided or not stored yet");
    add_sum(&text, s->not_kept, "not kept any more");
    if (s->unexplained > 0)
        buf_printf(&text, "; %lld without an explanation", (long long)s->unexplained);
    (void)fprintf(rest_call(r)->out, "%s (times in %s)\n", buf_text(&text),
                  rest_text(rest_root(r), "tz"));
}

static enum rc audit(struct rest *r, const char *target, const struct why_options *o,
                     struct error *err)
{
    const char *from, *to, *cursor = NULL;
    struct sums sums = {0};

    TRY(typed(r, "--from", o->from, &from, err));
    TRY(typed(r, "--to", o->to, &to, err));
    do {
        SCOPED_QUERY query = rest_query_of(target);

        rest_query_add(&query, "from", cursor == NULL ? from : NULL);
        rest_query_add(&query, "to", cursor == NULL ? to : NULL);
        rest_query_add(&query, "cursor", cursor);
        rest_query_add(&query, "tz", o->zone);
        rest_query_add_int(&query, "limit", 500);
        TRY(rest_get(r, buf_text(&query.text), err));
        print_page(r, &sums, o->is_json);
        cursor = arena_strdup(rest_call(r)->memory, rest_text(rest_root(r), "next"));
    } while (*cursor != '\0');
    if (!o->is_json)
        print_sums(r, &sums);
    return sums.unexplained == 0
               ? RC_OK
               : error_set(err, RC_CONFLICT,
                           "what is MISSING, EXTRA, TWICE or MISCOUNTED has no explanation");
}

/* --- cronobs why --- */

static enum rc explain(struct rest *r, const char *target, const struct why_options *o,
                       const char *typed_at, struct error *err)
{
    SCOPED_QUERY query = rest_query_of(target);
    const char *at;

    TRY(typed(r, "AT", typed_at, &at, err));
    rest_query_add(&query, "at", at);
    rest_query_add(&query, "tz", o->zone);
    TRY(rest_get(r, buf_text(&query.text), err));
    if (!o->is_json)
        return print_verdicts(r, err);
    rest_print_json(r);
    return RC_OK;
}

enum rc run_why(struct call *call, struct error *err)
{
    const struct why_options *o = call->values[0];
    const struct rest_task task = {o->project, call->operands.items[0]};
    const char *at = call->operands.count > 1 ? call->operands.items[1] : NULL, *target;
    bool is_audit = o->from != NULL || o->to != NULL;
    SCOPED(rest) struct rest *r = NULL;
    enum rc rc;

    TRY(rest_new(call, o->zone, &r, err));
    TRY(rest_task_target(r, &task, ":why", &target, err));
    rc = is_audit ? audit(r, target, o, err) : explain(r, target, o, at, err);
    return rc == RC_OK ? RC_OK : known_task_hint(r, &task, err);
}
