#include "http/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char scheme[] = "http://";

static enum rc bad_url(const char *text, const char *why, struct error *err)
{
    error_set(err, RC_INVALID, "\"%.*s\" is no address of a server: %s",
              (int)MIN(strcspn(text, "?#"), 200), text, why);
    (void)error_hint(err, "write it as http://127.0.0.1:8080");
    return RC_INVALID;
}

/* The host, and where it ends; NULL when it is empty, too long or holds what no host does. */
static const char *take_host(const char *at, struct url *url)
{
    bool is_bracketed = *at == '[';
    size_t len;

    at += is_bracketed ? 1 : 0;
    len = is_bracketed ? strcspn(at, "]") : strcspn(at, ":/?#");
    if (len == 0 || len >= sizeof url->host || (is_bracketed && at[len] != ']'))
        return NULL;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)at[i]) && strchr(is_bracketed ? ":.%" : ".-_", at[i]) == NULL)
            return NULL;
    (void)snprintf(url->host, sizeof url->host, "%.*s", (int)len, at);
    return at + len + (is_bracketed ? 1 : 0);
}

static const char *take_port(const char *at, struct url *url)
{
    size_t digits;
    long port;

    (void)snprintf(url->port, sizeof url->port, "80");
    if (*at != ':')
        return at;
    digits = strspn(at + 1, "0123456789");
    port = digits > 0 && digits < 6 ? strtol(at + 1, NULL, 10) : 0;
    if (port < 1 || port > UINT16_MAX)
        return NULL;
    (void)snprintf(url->port, sizeof url->port, "%ld", port);
    return at + 1 + digits;
}

static enum rc take_prefix(const char *text, const char *at, struct url *url, struct error *err)
{
    size_t len = strlen(at);

    if (*at != '\0' && *at != '/')
        return bad_url(text, "only a path may follow host and port", err);
    for (const char *c = at; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~' || *c == '?' || *c == '#')
            return bad_url(text, "its path holds a character that does not belong there", err);
    while (len > 0 && at[len - 1] == '/')
        len--;
    if (len >= sizeof url->prefix)
        return bad_url(text, "its path is too long", err);
    (void)snprintf(url->prefix, sizeof url->prefix, "%.*s", (int)len, at);
    return RC_OK;
}

enum rc url_parse(const char *text, struct url *ret, struct error *err)
{
    struct url made;
    const char *at, *host_end;

    if (strchr(text, '@') != NULL)
        return bad_url("http://***", "names and passwords do not belong there", err);
    if (text_starts(text, "https://"))
        return bad_url(text, "TLS is not spoken, put a proxy in between", err);
    if (!text_starts(text, scheme))
        return bad_url(text, "it does not begin with http://", err);
    at = text + strlen(scheme);
    host_end = take_host(at, &made);
    if (host_end == NULL)
        return bad_url(text, "it names no host", err);
    (void)snprintf(made.authority, sizeof made.authority, "%.*s", (int)strcspn(at, "/?#"), at);
    at = take_port(host_end, &made);
    if (at == NULL)
        return bad_url(text, "the port is not within 1-65535", err);
    TRY(take_prefix(text, at, &made, err));
    *ret = made;
    return RC_OK;
}

void url_escape(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) != NULL)
            buf_add_char(out, (char)c);
        else
            buf_printf(out, "%%%02X", (unsigned)c);
    }
}
