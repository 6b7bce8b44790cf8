#include "http/host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <event2/util.h>

static bool address_is_loopback(const struct sockaddr_storage *a)
{
    if (a->ss_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24 == 127;
    return a->ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)a)->sin6_addr);
}

static bool has_port(const struct sockaddr_storage *a, const char *text)
{
    uint16_t port = a->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)a)->sin6_port
                                             : ((const struct sockaddr_in *)a)->sin_port;

    return port != 0 || (strlen(text) > 2 && strcmp(text + strlen(text) - 2, ":0") == 0);
}

enum rc listen_parse(const char *text, struct listen_address *ret, struct error *err)
{
    struct listen_address made = {.len = (int)sizeof made.address};

    if (evutil_parse_sockaddr_port(text, (struct sockaddr *)&made.address, &made.len) != 0 ||
        !has_port(&made.address, text)) {
        error_set(err, RC_INVALID, "\"%s\" is not an address and a port to listen on", text);
        (void)error_hint(err, "write 127.0.0.1:8080 or [::1]:8080");
        return RC_INVALID;
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

bool host_is_ours(const char *host, const char *const *hosts)
{
    size_t len = name_length(host);

    if (is_same(host, len, "localhost") || is_same(host, len, "[::1]") ||
        is_loopback_number(host, len))
        return true;
    for (; hosts != NULL && *hosts != NULL; hosts++)
        if (is_same(host, len, *hosts))
            return true;
    return false;
}
