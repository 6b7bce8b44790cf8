/*
 * `cronobs execution logs`: the lines, page by page; with --follow until the execution has ended.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/client/executions.h"
#include "cli/client/log_text.h"
#include "cli/client/options.h"
#include "cli/client/words.h"

enum { PAGE_LINES = 500, LOOK_AGAIN_MS = 500 };

struct reading {
    struct rest *r;
    const struct logs_options *options;
    const char *id;
    usec_t deadline; /* of waiting for a server that is away */
    char *after;     /* where the next page begins; NULL: the beginning; owned */
    struct log_text text;
};

/* A page and what follows it; false: the end is reached. */
static enum rc get_page(struct reading *l, bool *ret_more, struct error *err)
{
    SCOPED_QUERY query = {0};
    struct json_node more;
    const char *target;

    TRY(execution_target(l->r, l->id, "/logs", &target, err));
    query = rest_query_of(target);

    rest_query_add(&query, "after", l->after);
    rest_query_add(&query, "level", l->options->level);
    rest_query_add_int(&query, "limit", PAGE_LINES);
    TRY(rest_get_patiently(l->r, buf_text(&query.text), 0, l->deadline, err));
    free_text(l->after);
    l->after = xstrdup(rest_text(rest_root(l->r), "next"));
    *ret_more = false;
    if (json_node_member(rest_root(l->r), "more", &more))
        TRY(json_node_bool(&more, ret_more, err));
    return RC_OK;
}

static struct log_piece piece_of(const struct json_node *line)
{
    struct log_piece piece = {.writer = rest_text(line, "writer"),
                              .stream = rest_text(line, "stream"),
                              .attempt = (int)rest_int(line, "attempt", 0),
                              .message = rest_text(line, "message")};
    struct json_node unfinished;

    if (!json_node_member(line, "unfinished", &unfinished) ||
        json_node_bool(&unfinished, &piece.is_unfinished, NULL) != RC_OK)
        piece.is_unfinished = false;
    return piece;
}

static void print_line(struct reading *l, const struct json_node *line)
{
    const struct log_piece piece = piece_of(line);
    SCOPED(text) char *prefix = NULL;
    SCOPED_BUF out = {0};

    if (l->options->has_times)
        prefix = xasprintf("%s %-6s ", rest_time(l->r, line, "at"), piece.stream);
    log_text_add(&l->text, &piece, prefix == NULL ? "" : prefix, &out);
    (void)fputs(buf_text(&out), rest_call(l->r)->out);
}

static void print_page(struct reading *l)
{
    struct json_node items, item;

    if (l->options->is_json) {
        rest_print_json(l->r);
        return;
    }
    if (!json_node_member(rest_root(l->r), "items", &items))
        return;
    for (size_t i = 0; json_node_item(&items, i, &item); i++)
        print_line(l, &item);
}

static enum rc print_pages(struct reading *l, struct error *err)
{
    bool more;

    do {
        TRY(get_page(l, &more, err));
        print_page(l);
    } while (more);
    return fflush(rest_call(l->r)->out) == 0 ? RC_OK : RC_CONFLICT; /* said by the caller */
}

/* Lines may come after the report of the end, but not long after: one more look follows it. */
static enum rc follow(struct reading *l, struct error *err)
{
    const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
    bool has_ended = false;
    const char *target;

    TRY(execution_target(l->r, l->id, "", &target, err));
    while (!has_ended) {
        TRY(rest_get_patiently(l->r, target, 0, l->deadline, err));
        has_ended = execution_has_ended(rest_root(l->r));
        (void)nanosleep(&pause, NULL);
        TRY(print_pages(l, err));
    }
    return RC_OK;
}

/* No line is no answer where there is no execution. */
static enum rc check_id(const struct reading *l, struct error *err)
{
    const char *target;

    TRY(execution_target(l->r, l->id, "", &target, err));
    return rest_get(l->r, target, err);
}

static enum rc read_all(struct reading *l, struct error *err)
{
    TRY(check_id(l, err));
    if (l->options->follows)
        l->deadline = USEC_MAX; /* once it has begun, it waits for a server that starts anew */
    TRY(print_pages(l, err));
    return l->options->follows ? follow(l, err) : RC_OK;
}

enum rc run_execution_logs(struct call *call, struct error *err)
{
    static const struct words levels = {"--level", &log_level_enum, NULL, false};
    const struct logs_options *options = call->values[0];
    SCOPED(rest) struct rest *r = NULL;
    struct reading l = {.options = options,
                        .id = call->operands.items[0],
                        .text = {.is_for_people = isatty(fileno(call->out)) != 0}};
    SCOPED_BUF out = {0};
    enum rc rc;

    TRY(words_check(&levels, options->level, err));
    TRY(rest_new(call, options->zone, &r, err));
    l.r = r;
    rc = read_all(&l, err);
    log_text_end(&l.text, &out);
    (void)fputs(buf_text(&out), call->out);
    log_text_clear(&l.text);
    free_text(l.after);
    return rc;
}
