#include "http/host.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool address_is_loopback(const struct sockaddr_storage *a)
{
    if (a->ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
    return a->ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

/* The decimal number behind the last colon; -1 when there is none. */
static int port_of(const char *colon)
{
    size_t digits = colon == NULL ? 0 : strspn(colon + 1, "0123456789");
    long port =
        digits > 0 && digits < 6 && colon[1 + digits] == '\0' ? strtol(colon + 1, NULL, 10) : -1;

    return port <= UINT16_MAX ? (int)port : -1;
}

static bool fill_address(struct listen_address *a, const char *host, size_t len, int port)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)&a->address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&a->address;
    bool is_bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']';
    char text[INET6_ADDRSTRLEN];

    if (len >= sizeof text)
        return false;
    (void)snprintf(text, sizeof text, "%.*s", (int)(is_bracketed ? len - 2 : len),
                   is_bracketed ? host + 1 : host);
    if (is_bracketed && inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        a->len = sizeof *v6;
        return true;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    a->len = sizeof *v4;
    return !is_bracketed && inet_pton(AF_INET, text, &v4->sin_addr) == 1;
}

enum rc listen_parse(const char *text, struct listen_address *ret, struct error *err)
{
    struct listen_address made = {.len = 0};
    const char *colon = strrchr(text, ':');
    int port = port_of(colon);

    if (port < 0 || !fill_address(&made, text, (size_t)(colon - text), port)) {
        error_set(err, RC_INVALID, "\"%s\" is not an address and a port to listen on",
                  strchr(text, '@') != NULL ? "***" : text);
        return error_hint(err, "write 127.0.0.1:8080 or [::1]:8080");
    }
    made.is_loopback = address_is_loopback(&made.address);
    *ret = made;
    return RC_OK;
}

/* Length of the name, without a port; the whole text when it is not NAME[:PORT]. */
static size_t name_length(const char *host)
{
    const char *bracket = host[0] == '[' ? strchr(host, ']') : NULL;
    size_t len = bracket != NULL ? (size_t)(bracket - host) + 1 : strcspn(host, ":");

    if (host[len] == ':' && strspn(host + len + 1, "0123456789") == strlen(host + len + 1))
        return len;
    return host[len] == '\0' ? len : strlen(host);
}

static bool is_same(const char *host, size_t len, const char *name)
{
    return strlen(name) == len && strncasecmp(host, name, len) == 0;
}

static bool is_loopback_number(const char *host, size_t len)
{
    char text[16];
    struct in_addr a;

    if (len >= sizeof text)
        return false;
    (void)snprintf(text, sizeof text, "%.*s", (int)len, host);
    return inet_pton(AF_INET, text, &a) == 1 && ntohl(a.s_addr) >> 24 == 127;
}

/* Behind "scheme://", if it has one. */
static const char *without_scheme(const char *name)
{
    const char *mark = strstr(name, "://");

    return mark == NULL ? name : mark + 3;
}

bool host_is_ours(const char *host, const char *const *hosts)
{
    size_t len = name_length(host);

    if (is_same(host, len, "localhost") || is_same(host, len, "[::1]") ||
        is_loopback_number(host, len))
        return true;
    for (; hosts != NULL && *hosts != NULL; hosts++) {
        const char *name = without_scheme(*hosts);

        if (name_length(name) == len && strncasecmp(host, name, len) == 0)
            return true;
    }
    return false;
}

/* Length without a port that the scheme implies: browsers leave it out. */
static size_t origin_length(const char *origin)
{
    size_t len = strlen(origin);
    bool is_secure = strncasecmp(origin, "https://", 8) == 0;
    const char *port = is_secure ? ":443" : ":80";
    size_t port_len = strlen(port);

    return len > port_len && strcmp(origin + len - port_len, port) == 0 ? len - port_len : len;
}

static bool is_same_origin(const char *a, const char *b)
{
    size_t len = origin_length(a);

    return len == origin_length(b) && strncasecmp(a, b, len) == 0;
}

bool origin_is_ours(const char *origin, const char *host, const char *const *hosts)
{
    for (; hosts != NULL && *hosts != NULL; hosts++)
        if (without_scheme(*hosts) != *hosts && is_same_origin(origin, *hosts))
            return true;
    if (host != NULL) {
        SCOPED(text) char *asked = xasprintf("http://%s", host);

        return is_same_origin(origin, asked);
    }
    return false;
}

/* --- whether a name can be met at all --- */

struct written { /* "https://[::5]:8080/x" in its pieces, borrowed */
    const char *host, *port, *rest;
    size_t host_len, port_len; /* with brackets, without the colon; no port: 0 */
};

static enum rc bad_name(const char *text, const char *why, const char *right, struct error *err)
{
    bool has_secret = strchr(text, '@') != NULL;

    error_set(err, RC_INVALID, "\"%.100s\": %s", has_secret ? "***" : text, why);
    (void)error_hint(err, "write %s",
                     right != NULL ? right : "cron.example.org or https://cron.example.org");
    return RC_INVALID;
}

/* NULL: none. */
static const char *fault_of_host(const char *host, size_t len)
{
    struct in6_addr address;
    SCOPED(text) char *inside = len > 2 ? xasprintf("%.*s", (int)len - 2, host + 1) : NULL;

    if (len == 0)
        return "it names no host";
    if (host[0] == '[')
        return inside != NULL && host[len - 1] == ']' && inet_pton(AF_INET6, inside, &address) == 1
                   ? NULL
                   : "what stands in brackets is no IPv6 address";
    for (size_t i = 0; i < len; i++) {
        if (host[i] == '*')
            return "each name is of one host, none stands for many";
        if ((unsigned char)host[i] >= 0x80)
            return "browsers send such a name in ASCII (xn--...)";
        if (!isalnum((unsigned char)host[i]) && strchr(".-_", host[i]) == NULL)
            return "it has a character that no name has";
    }
    return NULL;
}

static enum rc take_apart(const char *text, struct written *ret, struct error *err)
{
    const char *host = without_scheme(text), *bracket = host[0] == '[' ? strchr(host, ']') : NULL;
    size_t len = bracket != NULL ? (size_t)(bracket - host) + 1 : strcspn(host, ":/?#");
    const char *fault = strchr(text, '@') != NULL ? "names and passwords do not belong there"
                                                  : fault_of_host(host, len);

    if (fault != NULL)
        return bad_name(text, fault, NULL, err);
    *ret = (struct written){.host = host, .host_len = len, .port = host + len, .rest = host + len};
    if (host[len] != ':')
        return RC_OK;
    ret->port++;
    ret->port_len = strcspn(ret->port, "/?#");
    ret->rest = ret->port + ret->port_len;
    return RC_OK;
}

/* As browsers write it: IPv6 addresses are short, ports have no zeros in front. */
static char *as_sent(const char *scheme, const struct written *w, long port)
{
    char address[INET6_ADDRSTRLEN] = "";
    struct in6_addr bytes;
    SCOPED(text) char *host = xasprintf("%.*s", (int)w->host_len, w->host);
    SCOPED(text) char *number = port > 0 ? xasprintf(":%ld", port) : xstrdup("");

    if (host[0] == '[') {
        host[w->host_len - 1] = '\0';
        if (inet_pton(AF_INET6, host + 1, &bytes) == 1)
            (void)inet_ntop(AF_INET6, &bytes, address, sizeof address);
        return xasprintf("%s[%s]%s", scheme, address, number);
    }
    return xasprintf("%s%s%s", scheme, host, number);
}

enum rc host_check(const char *text, struct error *err)
{
    const bool has_scheme = without_scheme(text) != text;
    const bool is_plain = strncasecmp(text, "http://", 7) == 0;
    const bool is_known = !has_scheme || is_plain || strncasecmp(text, "https://", 8) == 0;
    SCOPED(text) char *right = NULL;
    struct written w;
    long port;

    TRY(take_apart(text, &w, err));
    port = w.port_len > 0 && w.port_len < 6 && strspn(w.port, "0123456789") == w.port_len
               ? strtol(w.port, NULL, 10)
               : 0;
    if (w.host[w.host_len] == ':' && (port < 1 || port > UINT16_MAX))
        return bad_name(text, "the port is not within 1-65535", NULL, err);
    right = as_sent(!has_scheme ? "" : is_plain ? "http://" : "https://", &w, port);
    if (!is_known)
        return bad_name(text, "its scheme is neither http:// nor https://", right, err);
    if (*w.rest != '\0')
        return bad_name(text, "nothing may follow the name and its port", right, err);
    if (strcasecmp(text, right) != 0)
        return bad_name(text, "no browser writes its IPv6 address or the port so", right, err);
    return RC_OK;
}
