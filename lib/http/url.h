/*
 * url.h - the address of a server as people write it, and texts made fit to stand in one. Pure.
 */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/buf.h"
#include "base/error.h"

enum { URL_HOST_MAX = 256, URL_PREFIX_MAX = 256 };

struct url {
    char host[URL_HOST_MAX]; /* without brackets */
    char port[8];
    char authority[URL_HOST_MAX + 16]; /* for the field Host */
    char prefix[URL_PREFIX_MAX];       /* "" or "/cron": stands before every path */
};

/* http://HOST[:PORT][/PREFIX]; HOST is a name, an IPv4 address or an IPv6 address in brackets. */
MUST_CHECK enum rc url_parse(const char *text, struct url *ret, struct error *err);

/* Appends the text with all but letters, digits and -._~ percent-encoded: one segment or one query value. */
void url_escape(struct buf *out, const char *text);

#endif
