/*
 * stream_logs.c - lines for those who follow logs: one read at a time, in turn, and each read serves all who stand at the same line.
 *
 * A partition of `logs` that was read on makes the logs that lie there doubtful; one question about all of them says which have new
 * lines: those are behind. Lines wait in the database, not here.
 */
#include <stdlib.h>

#include "api/exchange/log_event.h"
#include "api/exchange/stream_state.h"
#include "base/hash.h"

enum { PIECE_LINES = 500, ASKED_AT_ONCE = 1000 };

static bool is_log(const struct heard_topic *t)
{
    return t->topic.kind == TOPIC_LOG;
}

static bool has_room(const struct stream_client *c)
{
    return c->is_greeted && http_stream_waiting(c->x) < HTTP_STREAM_ROOM;
}

/* --- names --- */

static int log_order(const void *a, const void *b)
{
    const struct log_name *x = a, *y = b;
    int order = uuid_order(x->execution, y->execution);

    if (order == 0)
        order = x->attempt < y->attempt ? -1 : x->attempt > y->attempt;
    return order != 0 ? order : uuid_order(x->writer, y->writer);
}

static struct log_name name_of(const struct log_writer_row *row)
{
    return (struct log_name){row->execution_id, row->attempt, row->writer};
}

static int end_order(const void *a, const void *b)
{
    const struct log_writer_row *x = a, *y = b;
    const struct log_name of_x = name_of(x), of_y = name_of(y);

    return log_order(&of_x, &of_y);
}

/* --- lines --- */

/* Lines [from, ...) of the page, as far as there is room. False: the client is gone. More may be known of by now than was when the
   page was asked for. */
static bool serve(struct stream_client *c, struct heard_topic *t, const struct read_page *page)
{
    const struct log_line_view *lines = page->rows;
    size_t at = 0;

    while (at < page->count && has_room(c)) {
        SCOPED_BUF event = {0};
        size_t taken = log_event(t->topic.text, lines + at, page->count - at, page->more, &event);

        at += taken;
        t->line = lines[at - 1].seq + 1;
        if (!stream_say(c, "log", &event))
            return false;
    }
    t->is_behind =
        at < page->count || page->more || t->writer.next_seq > c->all->reading_writer.next_seq;
    return true;
}

static bool is_read(const struct streams *s, const struct heard_topic *t)
{
    return is_log(t) && t->is_behind && t->line == s->reading_from &&
           end_order(&t->writer, &s->reading_writer) == 0;
}

static void pump(struct streams *s);

static void on_lines(void *ctx, const struct read_page *page)
{
    struct streams *s = ctx;
    struct stream_client *next;

    s->is_reading = false;
    if (page->rc != RC_OK)
        return; /* the next tick asks again */
    for (struct stream_client *c = s->first; c != NULL; c = next) {
        next = c->next;
        for (size_t i = 0; i < c->count; i++) {
            struct heard_topic *t = &c->topics[i];

            if (is_read(s, t) && has_room(c) && !serve(c, t, page))
                break;
        }
    }
    pump(s);
}

/* Of the client's logs the next one that is behind; NULL: none is. */
static struct heard_topic *next_behind(struct stream_client *c)
{
    for (size_t i = 0; i < c->count; i++) {
        size_t at = (c->turn + i) % c->count;

        if (is_log(&c->topics[at]) && c->topics[at].is_behind) {
            c->turn = at + 1;
            return &c->topics[at];
        }
    }
    return NULL;
}

/* Whoever comes after the one that was served last; NULL: nobody is behind and has room. */
static struct heard_topic *next_reader(struct streams *s)
{
    struct stream_client *begin = s->turn != NULL ? s->turn : s->first, *c = begin;
    struct heard_topic *found = NULL;

    if (begin == NULL)
        return NULL;
    do {
        found = has_room(c) ? next_behind(c) : NULL;
        c = c->next != NULL ? c->next : s->first;
    } while (found == NULL && c != begin);
    s->turn = c;
    return found;
}

static void read_lines(struct streams *s, const struct heard_topic *t)
{
    s->is_reading = true;
    s->reading_writer = t->writer;
    s->reading_from = t->line;
    arena_free(s->line_memory);
    s->line_memory = arena_new(0);
    read_log_lines(
        s->config.reads,
        &(struct log_lines){.writer = &s->reading_writer, .at = t->line, .bytes = LOG_EVENT_MAX},
        PIECE_LINES, (struct read_reply){s->line_memory, on_lines, s});
}

/* Reads on for whoever is behind and has room. */
static void pump(struct streams *s)
{
    struct heard_topic *t;

    if (s->is_pumping) /* an answer may come at once */
        return;
    s->is_pumping = true;
    while (!s->is_reading && (t = next_reader(s)) != NULL) {
        read_lines(s, t);
        if (!s->is_reading && t->is_behind)
            break; /* it failed at once */
    }
    s->is_pumping = false;
}

/* Called for each client each time that it takes something: what it costs must not grow with how many others there are. */
void stream_logs_room(struct stream_client *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (is_log(&c->topics[i]) && c->topics[i].is_behind) {
            pump(c->all);
            return;
        }
}

/* --- which logs have new lines --- */

static void on_ends(void *ctx, const struct read_page *page)
{
    struct streams *s = ctx;
    bool failed = page->rc != RC_OK;

    s->is_asking = false;
    if (page->count > 0)
        qsort(page->rows, page->count, sizeof(struct log_writer_row), end_order);
    for (struct stream_client *c = s->first; c != NULL; c = c->next)
        for (size_t i = 0; i < c->count; i++) {
            struct heard_topic *t = &c->topics[i];
            const struct log_writer_row *end = NULL;

            if (is_log(t) && page->count > 0)
                end = bsearch(&t->writer, page->rows, page->count, sizeof *end, end_order);
            if (end != NULL)
                t->writer = *end;
            t->is_behind = t->is_behind || t->writer.next_seq > t->line;
            t->is_doubtful = t->is_doubtful || (failed && is_log(t)); /* asked again */
        }
    pump(s);
}

/* Takes the doubt from as many as one question may name. */
static size_t take_doubtful(struct streams *s, struct log_name *names)
{
    size_t count = 0;

    for (struct stream_client *c = s->first; c != NULL; c = c->next)
        for (size_t i = 0; i < c->count && count < ASKED_AT_ONCE; i++) {
            if (!is_log(&c->topics[i]) || !c->topics[i].is_doubtful)
                continue;
            c->topics[i].is_doubtful = false;
            names[count++] = c->topics[i].topic.log;
        }
    return count;
}

static bool has_doubt(const struct streams *s)
{
    for (const struct stream_client *c = s->first; c != NULL; c = c->next)
        for (size_t i = 0; i < c->count; i++)
            if (c->topics[i].is_doubtful)
                return true;
    return false;
}

static size_t sort_once(struct log_name *names, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(names, count, sizeof *names, log_order);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || log_order(&names[kept - 1], &names[i]) != 0)
            names[kept++] = names[i];
    return kept;
}

void stream_logs_ask(struct streams *s)
{
    struct log_name *names;
    size_t count;

    pump(s);
    if (s->is_asking || !has_doubt(s))
        return;
    arena_free(s->end_memory);
    s->end_memory = arena_new(0);
    names = arena_alloc(s->end_memory, ASKED_AT_ONCE * sizeof *names);
    count = sort_once(names, take_doubtful(s, names));
    s->is_asking = true;
    read_log_ends(s->config.reads, names, count, (struct read_reply){s->end_memory, on_ends, s});
}

void stream_logs_moved(struct streams *s, const struct change_set *set, bool everywhere)
{
    for (struct stream_client *c = s->first; c != NULL; c = c->next)
        for (size_t i = 0; i < c->count; i++) {
            struct heard_topic *t = &c->topics[i];
            bool moved = is_log(t) &&
                         (everywhere || set->everything ||
                          set->logs_placed[partition_of(t->topic.log.execution, set->partitions)]);

            t->is_doubtful = t->is_doubtful || moved;
        }
    stream_logs_ask(s);
}

void stream_logs_clear(struct streams *s)
{
    arena_free(s->line_memory);
    arena_free(s->end_memory);
}
