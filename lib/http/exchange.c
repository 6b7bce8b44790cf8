#include "http/exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/rfc3339.h"

struct http_exchange *exchange_new(struct http_server *s, struct http_connection *c)
{
    struct http_exchange *x = xcalloc(1, sizeof *x);

    x->server = s;
    x->connection = c;
    x->memory = arena_new_counted(server_memory(s));
    return x;
}

#if SPENT_EXCHANGES > 0

static void poison_buf(struct buf *b)
{
    if (b->data != NULL)
        memset(b->data, 0xa5, b->capacity);
}

/* Ends the program when somebody has written into what was answered long ago. */
static void bury(struct spent_exchange *s)
{
    if (s->x == NULL)
        return;
    if (!arena_is_poisoned(s->memory))
        abort();
    free(s->x);
    arena_free(s->memory);
    buf_clear(&s->body);
    buf_clear(&s->extra);
}

/* Kept for a while, full of a pattern: every use after the answer crashes, in every test. */
void exchange_free(struct http_exchange *x)
{
    struct spent_exchanges *spent;
    struct spent_exchange *s;

    if (x == NULL)
        return;
    *server_memory(x->server) -= x->orphaned;
    spent = server_spent(x->server);
    s = &spent->ring[spent->next];
    spent->next = (spent->next + 1) % SPENT_EXCHANGES;
    bury(s);
    *s = (struct spent_exchange){x, x->memory, x->body, x->extra};
    arena_poison(s->memory);
    poison_buf(&s->body);
    poison_buf(&s->extra);
    memset(x, 0xa5, sizeof *x);
}

void spent_exchanges_clear(struct spent_exchanges *spent)
{
    for (size_t i = 0; i < SPENT_EXCHANGES; i++)
        bury(&spent->ring[i]);
}

#else

void exchange_free(struct http_exchange *x)
{
    if (x == NULL)
        return;
    *server_memory(x->server) -= x->orphaned;
    arena_free(x->memory);
    buf_clear(&x->body);
    buf_clear(&x->extra);
    free(x);
}

void spent_exchanges_clear(struct spent_exchanges *spent UNUSED)
{
}

#endif

/* --- the request --- */

static const char *find_pair(const struct http_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(pairs[i].name, name) == 0)
            return pairs[i].value;
    return NULL;
}

enum http_method http_method(const struct http_exchange *x)
{
    return x->head.method;
}

const char *http_path(const struct http_exchange *x)
{
    return x->target.path;
}

const struct http_target *http_target(const struct http_exchange *x)
{
    return &x->target;
}

const char *http_host(const struct http_exchange *x)
{
    return x->head.host;
}

enum rc http_header_single(const struct http_exchange *x, const char *name, const char **ret,
                           struct error *err)
{
    return http_head_single(&x->head, name, ret, err);
}

const char *http_header(const struct http_exchange *x, const char *name)
{
    return http_head_find(&x->head, name);
}

const char *http_header_list(const struct http_exchange *x, const char *name)
{
    const char *all = NULL;

    for (size_t i = 0; i < x->head.header_count; i++) {
        const struct http_pair *h = &x->head.headers[i];

        if (strcasecmp(h->name, name) == 0)
            all = all == NULL ? h->value : arena_printf(x->memory, "%s, %s", all, h->value);
    }
    return all;
}

const char *http_query(const struct http_exchange *x, const char *name)
{
    return find_pair(x->target.query, x->target.query_count, name);
}

const char *http_param(const struct http_exchange *x, const char *name)
{
    return find_pair(x->params, x->param_count, name);
}

void http_set_param(struct http_exchange *x, const char *name, const char *value)
{
    if (x->param_count < ARRAY_LEN(x->params))
        x->params[x->param_count++] = (struct http_pair){name, value};
}

struct bytes http_body(const struct http_exchange *x)
{
    return buf_bytes(&x->body);
}

void http_drop_body(struct http_exchange *x)
{
    *server_memory(x->server) -= x->orphaned;
    x->orphaned = 0;
    buf_clear(&x->body);
}

struct arena *http_arena_new(const struct http_exchange *x)
{
    return arena_new_counted(server_memory(x->server));
}

bool http_is_full(const struct http_exchange *x)
{
    return http_server_is_full(x->server);
}

struct arena *http_memory(const struct http_exchange *x)
{
    return x->memory;
}

void http_on_gone(struct http_exchange *x, http_gone_fn fn, void *ctx)
{
    x->on_gone = fn;
    x->gone_ctx = ctx;
}

void http_drop(struct http_exchange *x)
{
    assert(x->connection == NULL);
    exchange_free(x);
}

/* --- the answer --- */

static const struct {
    int status;
    const char *text;
} status_texts[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

const char *http_status_text(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(status_texts); i++)
        if (status_texts[i].status == status)
            return status_texts[i].text;
    return "Unknown";
}

void http_answer_header(struct http_exchange *x, const char *name, const char *value)
{
    buf_printf(&x->extra, "%s: ", name);
    for (; *value != '\0'; value++) /* never a second line */
        buf_add_char(&x->extra, (char)((unsigned char)*value < ' ' ? ' ' : *value));
    buf_add_text(&x->extra, "\r\n");
}

void http_answer_close(struct http_exchange *x)
{
    x->close_after = true;
}

static void add_date(struct buf *out, usec_t now)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil c = civil_of(now);

    buf_printf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[now / USEC_PER_DAY % 7],
               c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
}

void exchange_head(const struct http_exchange *x, int status, const char *content_type,
                   size_t body_len, usec_t now, struct buf *out)
{
    buf_printf(out, "HTTP/1.1 %d %s\r\n", status, http_status_text(status));
    add_date(out, now);
    if (content_type != NULL)
        buf_printf(out, "Content-Type: %s\r\n", content_type);
    if (body_len == BODY_STREAMED)
        buf_add_text(out, x->head.is_old ? "" : "Transfer-Encoding: chunked\r\n");
    else if (status != 204 && status != 304)
        buf_printf(out, "Content-Length: %zu\r\n", body_len);
    if (strstr(buf_text(&x->extra), "Cache-Control: ") == NULL) /* the handler knows better */
        buf_add_text(out, "Cache-Control: no-store\r\n");
    buf_add_text(out, "X-Content-Type-Options: nosniff\r\n");
    buf_add(out, x->extra.data, x->extra.len);
    buf_printf(out, "Connection: %s\r\n\r\n",
               x->close_after || !x->head.keep_alive || server_is_ending(x->server) ? "close"
                                                                                    : "keep-alive");
}

void http_answer(struct http_exchange *x, int status, const char *content_type, struct buf *body)
{
    SCOPED_BUF head = {0};
    struct buf none = {0};

    if (body == NULL)
        body = &none;
    exchange_head(x, status, content_type, body->len, clock_realtime(), &head);
    server_finish(x, status, &head, body);
}
