#include "api/resources/assets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ZLIB_CONST /* what is packed is not written to */
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, MEMORY_LEVEL = 8 }; /* 16: a gzip header, not zlib's */

const struct asset *asset_find(const char *name)
{
    for (const struct asset *a = page_assets; a->name != NULL; a++)
        if (strcmp(a->name, name) == 0)
            return a;
    return NULL;
}

void asset_unpack(const struct asset *a, struct buf *out)
{
    z_stream z = {.next_in = a->packed, .avail_in = (uInt)a->packed_len};

    z.next_out = (Bytef *)buf_reserve(out, a->len);
    z.avail_out = (uInt)a->len;
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK || inflate(&z, Z_FINISH) != Z_STREAM_END)
        abort(); /* out of memory, or a program that is not whole */
    out->len += z.total_out;
    out->data[out->len] = '\0';
    (void)inflateEnd(&z);
}

void gzip_pack(const void *data, size_t len, struct buf *out)
{
    z_stream z = {.next_in = data, .avail_in = (uInt)len};
    uLong most;

    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    most = deflateBound(&z, (uLong)len);
    z.next_out = (Bytef *)buf_reserve(out, most);
    z.avail_out = (uInt)most;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    out->len += z.total_out;
    out->data[out->len] = '\0';
    (void)deflateEnd(&z);
}

/* "q=0", "q=0.000": not wanted. `at` is behind the coding's name. */
static bool is_refused(const char *at, size_t len)
{
    const char *q = memmem(at, len, "q=", 2);
    size_t digits;

    if (q == NULL)
        return false;
    digits = strspn(q + 2, "0.");
    return digits > 0 && (q + 2 + digits == at + len || strchr(", \t", q[2 + digits]) != NULL);
}

bool gzip_is_accepted(const char *accept_encoding)
{
    bool any = false;

    for (const char *at = accept_encoding; at != NULL && *at != '\0';) {
        size_t len, name;

        at += strspn(at, ", \t");
        len = strcspn(at, ",");
        name = strcspn(at, ",; \t");
        if (name == 4 && strncasecmp(at, "gzip", name) == 0)
            return !is_refused(at + name, len - name);
        any = any || (name == 1 && *at == '*' && !is_refused(at + name, len - name));
        at += len;
    }
    return any;
}
