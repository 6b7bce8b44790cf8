#include "http/reply.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/chunked.h"
#include "http/json_read.h"

enum body_end { BODY_NONE, BODY_LENGTH, BODY_CHUNKED, BODY_CLOSE };

struct reply_reader {
    struct buf head, body;
    struct arena *memory;
    struct reply reply;
    struct chunked chunked;
    enum body_end body_end;
    size_t body_length;
    int interim; /* answers of the kind 1xx so far */
    bool to_head, has_head, is_complete, keeps_alive, has_begun;
};

struct reply_reader *reply_reader_new(bool to_head)
{
    struct reply_reader *r = xcalloc(1, sizeof *r);

    r->to_head = to_head;
    r->memory = arena_new(0);
    return r;
}

void reply_reader_free(struct reply_reader *r)
{
    if (r == NULL)
        return;
    buf_clear(&r->head);
    buf_clear(&r->body);
    arena_free(r->memory);
    free(r);
}

static enum rc no_http(struct error *err, const char *why)
{
    error_set(err, RC_INVALID, "the answer is not what a server of Cron Observer gives: %s", why);
    (void)error_hint(err, "is the setting `url` that of its API?");
    return RC_INVALID;
}

/* --- the head --- */

/* Length of the head with its empty line; 0: not there yet. */
static size_t head_length(const struct buf *head)
{
    const char *at = head->data, *end = at + head->len;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        if (at < end && *at == '\n')
            return (size_t)(at - head->data) + 1;
        if (at + 1 < end && at[0] == '\r' && at[1] == '\n')
            return (size_t)(at - head->data) + 2;
    }
    return 0;
}

/* One line without its end; NULL when there is none left. */
static char *next_line(char **at)
{
    char *line = *at, *newline = strchr(line, '\n');

    if (newline == NULL)
        return NULL;
    *at = newline + 1;
    if (newline > line && newline[-1] == '\r')
        newline--;
    *newline = '\0';
    return line;
}

static enum rc parse_status(struct reply_reader *r, const char *line, struct error *err)
{
    static const char version[] = "HTTP/1.";
    const char *at = line + strlen(version);

    if (!text_starts(line, version) || (*at != '0' && *at != '1') || at[1] != ' ' ||
        strspn(at + 2, "0123456789") != 3 || at[2] == '0')
        return no_http(err, "it does not begin with a status");
    r->reply.status = (int)strtol(at + 2, NULL, 10);
    r->keeps_alive = *at == '1';
    return RC_OK;
}

static void parse_header(struct reply_reader *r, char *line)
{
    char *colon = strchr(line, ':'), *value, *end;

    if (colon == NULL || r->reply.header_count == HTTP_HEADERS_MAX)
        return;
    value = colon + 1 + strspn(colon + 1, " \t");
    end = value + strlen(value);
    while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    *colon = '\0';
    r->reply.headers[r->reply.header_count++] = (struct http_pair){.name = line, .value = value};
}

static enum rc find_body_end(struct reply_reader *r, struct error *err)
{
    const char *length = reply_header(&r->reply, "Content-Length");
    const char *coding = reply_header(&r->reply, "Transfer-Encoding");
    const char *connection = reply_header(&r->reply, "Connection");
    int status = r->reply.status;

    if (connection != NULL)
        r->keeps_alive = strcasecmp(connection, "close") != 0 &&
                         (r->keeps_alive || strcasecmp(connection, "keep-alive") == 0);
    r->body_end = coding != NULL ? BODY_CHUNKED : length != NULL ? BODY_LENGTH : BODY_CLOSE;
    if (r->to_head || status == 204 || status == 304)
        r->body_end = BODY_NONE;
    if (r->body_end == BODY_CLOSE)
        r->keeps_alive = false;
    if (r->body_end == BODY_CHUNKED && strcasecmp(coding, "chunked") != 0)
        return no_http(err, "its Transfer-Encoding is unknown");
    if (r->body_end != BODY_LENGTH)
        return RC_OK;
    if (*length == '\0' || strspn(length, "0123456789") != strlen(length) || strlen(length) > 12)
        return no_http(err, "its Content-Length is no number");
    r->body_length = strtoul(length, NULL, 10);
    return r->body_length <= REPLY_BODY_MAX ? RC_OK : no_http(err, "it is longer than 64 MiB");
}

static enum rc parse_head(struct reply_reader *r, size_t len, struct error *err)
{
    char *at = arena_strndup(r->memory, r->head.data, len);
    char *line = next_line(&at);

    TRY(parse_status(r, line == NULL ? "" : line, err));
    r->reply.header_count = 0;
    while ((line = next_line(&at)) != NULL && *line != '\0')
        parse_header(r, line);
    return find_body_end(r, err);
}

/* --- the body --- */

static enum rc complete(struct reply_reader *r)
{
    (void)buf_reserve(&r->body, 1); /* an empty body has a NUL, too */
    r->body.data[r->body.len] = '\0';
    r->reply.body = buf_bytes(&r->body);
    r->is_complete = true;
    return RC_OK;
}

static enum rc take_chunks(struct reply_reader *r, const char *data, size_t len, struct error *err)
{
    size_t used;
    enum rc rc = chunked_decode(&r->chunked, (struct bytes){data, len}, REPLY_BODY_MAX, &r->body,
                                &used, err);

    if (rc == RC_OK)
        return complete(r);
    return rc == RC_CONFLICT ? no_http(err, "it is longer than 64 MiB") : rc;
}

static enum rc take_body(struct reply_reader *r, const char *data, size_t len, struct error *err)
{
    if (r->body_end == BODY_NONE)
        return complete(r);
    if (r->body_end == BODY_CHUNKED)
        return take_chunks(r, data, len, err);
    if (r->body_end == BODY_CLOSE) {
        if (r->body.len + len > REPLY_BODY_MAX)
            return no_http(err, "it is longer than 64 MiB");
        buf_add(&r->body, data, len);
        return RC_RETRY;
    }
    buf_add(&r->body, data, MIN(len, r->body_length - r->body.len));
    return r->body.len == r->body_length ? complete(r) : RC_RETRY;
}

/* RC_OK: a head was taken off r->head; RC_RETRY: it is not complete. */
static enum rc take_head(struct reply_reader *r, struct error *err)
{
    size_t len = r->head.len == 0 ? 0 : head_length(&r->head);

    if (len == 0 && r->head.len <= REPLY_HEAD_MAX)
        return RC_RETRY;
    if (len == 0 || len > REPLY_HEAD_MAX)
        return no_http(err, "its head is longer than 64 KiB");
    TRY(parse_head(r, len, err));
    r->head.len -= len;
    memmove(r->head.data, r->head.data + len, r->head.len);
    r->has_head = r->reply.status >= 200; /* 1xx: another one follows */
    if (r->has_head)
        return RC_OK;
    arena_reset(r->memory);
    return ++r->interim <= REPLY_INTERIM_MAX ? RC_OK : no_http(err, "it never comes to its answer");
}

enum rc reply_take(struct reply_reader *r, const char *data, size_t len, struct error *err)
{
    r->has_begun = r->has_begun || len > 0;
    if (r->has_head)
        return take_body(r, data, len, err);
    buf_add(&r->head, data, len);
    while (!r->has_head)
        TRY(take_head(r, err));
    return take_body(r, r->head.data, r->head.len, err);
}

enum rc reply_end(struct reply_reader *r, struct error *err)
{
    if (r->has_head && r->body_end == BODY_CLOSE)
        return complete(r);
    return error_set(err, RC_RETRY, "the server closed the connection %s",
                     r->has_begun ? "within its answer" : "before it answered");
}

/* --- what came of it --- */

bool reply_has_begun(const struct reply_reader *r)
{
    return r->has_begun;
}

bool reply_keeps_alive(const struct reply_reader *r)
{
    return r->is_complete && r->keeps_alive;
}

const struct reply *reply_of(const struct reply_reader *r)
{
    return &r->reply;
}

const char *reply_header(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcasecmp(reply->headers[i].name, name) == 0)
            return reply->headers[i].value;
    return NULL;
}

static enum rc rc_of_status(int status)
{
    switch (status) {
    case 404:
        return RC_NOT_FOUND;
    case 409:
    case 412:
        return RC_CONFLICT;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
        return RC_RETRY;
    default:
        return RC_INVALID;
    }
}

static const char *member_text(const struct json_node *object, const char *name)
{
    struct json_node member;
    const char *text;

    if (!json_node_member(object, name, &member) || json_node_text(&member, &text, NULL) != RC_OK)
        return "";
    return text;
}

static void read_problem(const struct json_node *root, struct error *err)
{
    struct json_node member;
    int64_t column = 0;

    if (json_node_member(root, "column", &member) &&
        json_node_int(&member, 0, INT32_MAX, &column, NULL) == RC_OK)
        err->column = (int)column;
    (void)snprintf(err->pointer, sizeof err->pointer, "%s", member_text(root, "pointer"));
    (void)error_hint(err, "%s", member_text(root, "hint"));
    err->hint_is_http = strcmp(member_text(root, "hint_for"), "http") == 0;
}

enum rc reply_check(const struct reply *reply, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    enum rc rc = rc_of_status(reply->status);
    struct json_node root;
    const char *detail;

    if (reply->status >= 200 && reply->status < 300)
        return RC_OK;
    if (json_doc_parse(reply->body, &doc, NULL) != RC_OK)
        return error_set(err, rc, "the server answered %d", reply->status);
    root = json_doc_root(doc);
    if (json_node_kind(&root) != JSON_KIND_OBJECT)
        return error_set(err, rc, "the server answered %d", reply->status);
    detail = member_text(&root, "detail");
    if (*detail == '\0')
        detail = member_text(&root, "title");
    error_set(err, rc, "%s", *detail == '\0' ? "the server refused it" : detail);
    if (err != NULL)
        read_problem(&root, err);
    return rc;
}
