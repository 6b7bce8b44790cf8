/*
 * assets.h - the files of the web page inside the program, packed with gzip; cmake/embed_page.py writes the table.
 *
 * The first one is index.html. A file's name but for that one holds a hash of its content, so a browser may keep it for ever.
 */
#ifndef API_RESOURCES_ASSETS_H
#define API_RESOURCES_ASSETS_H

#include "base/buf.h"
#include "base/error.h"

struct asset {
    const char *name; /* NULL ends the table */
    const char *type; /* Content-Type */
    const unsigned char *packed;
    size_t packed_len, len; /* bytes, packed and not */
};

extern const struct asset page_assets[];
extern const char page_build[]; /* changes with any file of the page */

const struct asset *asset_find(const char *name); /* NULL: none */
/* The file as it was before it was packed; adds to out. */
void asset_unpack(const struct asset *a, struct buf *out);
/* As gzip has it; adds to out. */
void gzip_pack(const void *data, size_t len, struct buf *out);

/* May an answer be packed, by this Accept-Encoding (NULL: none was sent)? RFC 9110, 12.5.3. Pure. */
bool gzip_is_accepted(const char *accept_encoding);

#endif
