/*
 * client.h - an HTTP/1.1 client for command lines: blocking, one connection, one request at a time.
 *
 * The connection is kept between calls. A kept one that the server has closed meanwhile is opened anew; a
 * request is sent a second time only where that does no harm (GET, HEAD, PUT, DELETE) and no byte of
 * an answer had come. Every call ends in time.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include "http/reply.h"

struct http_client;

struct http_request { /* zeroed members are fine */
    enum http_method method;
    const char *target; /* path and query, encoded (url.h) */
    const struct http_pair
        *headers; /* beside Host, Content-Length, Content-Type; name NULL ends; NULL: none */
    const char *content_type; /* NULL: application/json */
    struct bytes body;
    /* until the whole answer is there; 0: 30 s. The server's own wait comes on top: add it */
    usec_t timeout;
};

/* The address as url.h has it. Nothing is sent yet. */
MUST_CHECK enum rc http_client_new(const char *url, struct http_client **ret, struct error *err);
void http_client_free(struct http_client *c); /* NULL is fine */

/*
 * RC_OK: there is an answer, whatever its status (reply_check); it lives until the next call. RC_RETRY: the server
 * cannot be reached, or gave no answer in time. RC_INVALID: what answered speaks no HTTP.
 */
MUST_CHECK enum rc http_client_call(struct http_client *c, const struct http_request *request,
                                    const struct reply **ret, struct error *err);

/* Was there ever a connection? If not, nothing that was asked for can have been done. */
bool http_client_was_reached(const struct http_client *c);

DEFINE_SCOPED(http_client, struct http_client, http_client_free)

#endif
