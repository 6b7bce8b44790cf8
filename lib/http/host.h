/*
 * host.h - whom a server listens to: its address, and the names a Host field may hold.
 *
 * A page of another site can make a browser send requests to 127.0.0.1, under that site's name
 * (DNS rebinding): so a name that is not ours is refused. Loopback's names always are ours:
 * localhost, 127.x.y.z, [::1].
 */
#ifndef HTTP_HOST_H
#define HTTP_HOST_H

#include <sys/socket.h>

#include "base/error.h"

struct listen_address {
    struct sockaddr_storage address;
    int len;
    bool is_loopback;
};

/* "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:8080": numbers only. */
MUST_CHECK enum rc listen_parse(const char *text, struct listen_address *ret, struct error *err);

/*
 * hosts: further names, NULL ends, NULL for none. One with a scheme ("https://cron.example.org") is the origin of pages
 * that come to us through somebody's proxy; its name may stand in a Host field, too.
 */

/* Is it one of those: NAME[:PORT], or http(s)://NAME[:PORT] and nothing else? What browsers would never send, and so would
   match nothing, is RC_INVALID with the right spelling. May show the text, if there is no @ in it. */
MUST_CHECK enum rc host_check(const char *text, struct error *err);

/* host: as in the field, with or without a port. */
bool host_is_ours(const char *host, const char *const *hosts);

/*
 * Origin: as browsers send it. Ours is what the request was asked under (http:// and the whole Host field, its port
 * included), and those of `hosts` that have a scheme. host: NULL when there was none: nothing is ours then but those.
 */
bool origin_is_ours(const char *origin, const char *host, const char *const *hosts);

#endif
