#include "api/exchange/streams.h"

#include <stdlib.h>

#include "api/exchange/stream_state.h"
#include "base/clock.h"
#include "base/json.h"

#define TICK        (250 * USEC_PER_MS)
#define SPEAK_EVERY (15 * USEC_PER_SEC)

enum { LAST_WORDS = 512 }; /* kept for what a client is told at its end */

/* --- clients --- */

static void unlink_from(struct stream_client *c)
{
    struct streams *s = c->all;

    if (s->turn == c)
        s->turn = c->next;
    *c->link = c->next;
    if (c->next != NULL)
        c->next->link = c->link;
    s->stats.open--;
    if (s->first != NULL)
        return;
    changes_watch(s->changes, false);
    loop_timer_stop(s->tick);
    s->was_ready = false;
}

static void link_in(struct streams *s, struct stream_client *c)
{
    c->next = s->first;
    c->link = &s->first;
    if (c->next != NULL)
        c->next->link = &c->next;
    s->first = c;
    s->stats.total++;
    if (s->stats.open++ > 0)
        return;
    changes_watch(s->changes, true);
    loop_timer_start(s->tick, TICK);
}

static void on_gone(struct http_exchange *x, void *ctx)
{
    unlink_from(ctx);
    http_drop(x);
}

static void end(struct stream_client *c)
{
    struct http_exchange *x = c->x;

    unlink_from(c);
    http_stream_end(x);
}

/* --- words --- */

static enum rc write_event(struct stream_client *c, const char *event, const struct buf *data)
{
    SCOPED_BUF text = {0};

    buf_printf(&text, "event: %s\ndata: %s\n\n", event, buf_text(data));
    c->spoke_at = clock_monotonic();
    return http_stream_write(c->x, text.data, text.len);
}

/* The last word, whatever waits already; a client that does not get it sees the end. */
static void say_last(struct stream_client *c, const char *event, const char *data)
{
    SCOPED_BUF text = {0};

    buf_add_text(&text, data);
    (void)write_event(c, event, &text);
    end(c);
}

bool stream_say(struct stream_client *c, const char *event, const struct buf *data)
{
    if (http_stream_waiting(c->x) + data->len <= HTTP_STREAM_MAX - LAST_WORDS &&
        write_event(c, event, data) == RC_OK)
        return true;
    c->all->stats.overflows++;
    say_last(c, "overflow", "{}");
    return false;
}

static bool greet(struct stream_client *c)
{
    const struct streams_config *config = &c->all->config;
    SCOPED_BUF data = {0};
    struct json j = json_into(&data);

    c->is_greeted = true;
    json_open_object(&j);
    json_add_uuid(&j, "boot", c->all->boot);
    json_add_instant(&j, "now", clock_realtime());
    json_add_text(&j, "version", config->version);
    json_add_text(&j, "ui", config->page);
    json_close_object(&j);
    return stream_say(c, "hello", &data);
}

/* What has changed and may be told now. */
static bool tell_changed(struct stream_client *c, usec_t now)
{
    SCOPED_BUF data = {0};
    struct json j = json_into(&data);
    size_t count = 0;

    json_open_object(&j);
    json_key(&j, "topics");
    json_open_array(&j);
    for (size_t i = 0; i < c->count; i++) {
        struct heard_topic *t = &c->topics[i];

        if (!t->is_changed || now < t->not_before)
            continue;
        t->is_changed = false;
        t->not_before = now + topic_pace(&t->topic);
        json_text(&j, t->topic.text);
        count++;
    }
    json_close_array(&j);
    json_close_object(&j);
    return count == 0 || stream_say(c, "changed", &data);
}

/* --- what is found out --- */

static void note(struct stream_client *c, const struct change_set *set, bool everything)
{
    for (size_t i = 0; i < c->count; i++) {
        struct heard_topic *t = &c->topics[i];

        if (everything ? t->topic.kind != TOPIC_LOG : topic_is_touched(&t->topic, set))
            t->is_changed = true;
    }
}

/* Who was greeted while nothing could be found out may have missed anything. */
static void on_changes(void *ctx, const struct change_set *set, enum rc rc)
{
    struct streams *s = ctx;
    bool is_ready = changes_is_ready(s->changes), missed = is_ready && !s->was_ready;
    usec_t now = clock_monotonic();
    struct stream_client *next;

    s->was_ready = is_ready;
    for (struct stream_client *c = s->first; c != NULL; c = next) {
        next = c->next;
        if (c->is_greeted)
            note(c, set, missed);
        if (c->is_greeted || (!is_ready && rc == RC_OK) || greet(c))
            (void)tell_changed(c, now);
    }
    s->beats_moved = s->beats_moved || set->heartbeats || missed;
    stream_beats_ask(s);
    stream_logs_moved(s, set, missed);
}

/* True while it stays. */
static bool tick_one(struct stream_client *c, usec_t now)
{
    if (http_stream_is_half_closed(c->x)) { /* whoever listens does not hang up */
        end(c);
        return false;
    }
    if (c->is_greeted && !tell_changed(c, now))
        return false;
    if (now - c->spoke_at < SPEAK_EVERY)
        return true;
    c->spoke_at = now;
    if (http_stream_write(c->x, ":\n\n", 3) == RC_OK)
        return true;
    say_last(c, "overflow", "{}");
    return false;
}

static void on_tick(void *ctx)
{
    struct streams *s = ctx;
    usec_t now = clock_monotonic();
    struct stream_client *next;

    for (struct stream_client *c = s->first; c != NULL; c = next) {
        next = c->next;
        (void)tick_one(c, now);
    }
    stream_logs_ask(s);
    if (s->first != NULL)
        loop_timer_start(s->tick, TICK);
}

static void on_room(struct http_exchange *x UNUSED, void *ctx)
{
    stream_logs_room(ctx);
}

/* --- from outside --- */

struct streams *streams_new(const struct streams_config *config)
{
    struct streams *s = xcalloc(1, sizeof *s);

    s->config = *config;
    s->boot = uuid_random();
    s->tick = loop_timer_new(config->loop, on_tick, s);
    s->changes = changes_new(config->loop, config->reads, config->partitions, on_changes, s);
    return s;
}

void streams_free(struct streams *s)
{
    if (s == NULL)
        return;
    changes_free(s->changes);
    stream_logs_clear(s);
    arena_free(s->beat_memory);
    loop_timer_free(s->tick);
    free(s);
}

static struct heard_topic topic_heard(const struct topic *t)
{
    return (struct heard_topic){.topic = *t,
                                .writer = {.execution_id = t->log.execution,
                                           .attempt = t->log.attempt,
                                           .writer = t->log.writer},
                                .line = t->line,
                                .is_doubtful = t->kind == TOPIC_LOG};
}

static struct stream_client *client_new(struct streams *s, struct http_exchange *x,
                                        const struct topic_list *topics)
{
    struct arena *memory = http_memory(x);
    struct stream_client *c = arena_alloc(memory, sizeof *c);

    *c = (struct stream_client){.all = s, .x = x, .count = topics->count};
    c->topics = arena_alloc(memory, c->count * sizeof *c->topics);
    for (size_t i = 0; i < c->count; i++)
        c->topics[i] = topic_heard(&topics->items[i]);
    c->spoke_at = clock_monotonic();
    return c;
}

void streams_add(struct streams *s, struct http_exchange *x, const struct topic_list *topics)
{
    struct stream_client *c = client_new(s, x, topics);

    http_answer_header(x, "X-Accel-Buffering", "no"); /* for proxies that would wait for more */
    http_on_gone(x, on_gone, c);
    http_stream_on_room(x, on_room, c);
    http_stream_begin(x, 200, "text/event-stream");
    if (http_method(x) == HTTP_HEAD) {
        http_stream_end(x);
        return;
    }
    link_in(s, c);
    if (s->is_ended)
        say_last(c, "bye", "{\"retry_ms\":1000}");
    else if (changes_is_ready(s->changes) && greet(c))
        stream_logs_ask(s);
}

void streams_end(struct streams *s)
{
    s->is_ended = true;
    while (s->first != NULL)
        say_last(s->first, "bye", "{\"retry_ms\":1000}");
}

struct streams_stats streams_stats(const struct streams *s)
{
    struct streams_stats stats = s->stats;

    stats.looks = changes_looks(s->changes);
    return stats;
}
