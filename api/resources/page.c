#include "api/resources/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/resources/assets.h"
#include "api/resources/resources.h"
#include "base/hash.h"

struct page {
    char *base; /* "" or "/cron" */
    struct buf plain, packed;
    char etag[32]; /* of the document, the base in it too */
};

/* Nothing but our own files, no inline script or style, nobody frames us, no text becomes markup. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";

static const char base_mark[] = "{{base}}";

/* A path of plain characters: it goes into the page as it is. */
static enum rc check_base(const char *base, struct error *err)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._~/-";
    size_t len = strlen(base);

    if (base[0] != '/' || base[len - 1] == '/' || strspn(base, plain) != len ||
        strstr(base, "//") != NULL) {
        error_set(err, RC_INVALID, "api.base_path: \"%.60s\" is not the path a proxy mounts us at",
                  base);
        return error_hint(err,
                          "write it as /cron, without a slash at its end; letters, digits and "
                          "._~- only");
    }
    return RC_OK;
}

static void fill_in(const char *text, const char *base, struct buf *out)
{
    for (const char *mark; (mark = strstr(text, base_mark)) != NULL;
         text = mark + sizeof base_mark - 1) {
        buf_add(out, text, (size_t)(mark - text));
        buf_add_text(out, base);
    }
    buf_add_text(out, text);
}

enum rc page_new(const char *base_path, struct page **ret, struct error *err)
{
    SCOPED_BUF text = {0};
    struct page *p;

    if (base_path == NULL)
        base_path = "";
    else
        TRY(check_base(base_path, err));
    p = xcalloc(1, sizeof *p);
    p->base = xstrdup(base_path);
    asset_unpack(&page_assets[0], &text);
    fill_in(buf_text(&text), base_path, &p->plain);
    gzip_pack(p->plain.data, p->plain.len, &p->packed);
    (void)snprintf(p->etag, sizeof p->etag, "\"%016" PRIx64 "\"",
                   fnv1a(p->plain.data, p->plain.len, 0));
    *ret = p;
    return RC_OK;
}

void page_free(struct page *p)
{
    if (p == NULL)
        return;
    free(p->base);
    buf_clear(&p->plain);
    buf_clear(&p->packed);
    free(p);
}

/* Takes body over. */
static void answer_file(struct http_exchange *x, const char *type, bool is_packed, struct buf *body)
{
    if (is_packed)
        http_answer_header(x, "Content-Encoding", "gzip");
    http_answer_header(x, "Cross-Origin-Resource-Policy", "same-origin");
    http_answer(x, 200, type, body);
}

void page_index(struct http_exchange *x, void *ctx)
{
    const struct page *p = api_of(ctx)->page;
    bool is_packed = gzip_is_accepted(http_header_list(x, "Accept-Encoding"));
    const struct buf *from = is_packed ? &p->packed : &p->plain;
    const char *known = http_header_list(x, "If-None-Match");
    struct buf body = {0};

    http_answer_header(x, "ETag", p->etag);
    http_answer_header(x, "Vary", "Accept-Encoding");
    http_answer_header(x, "Cache-Control", "no-cache");
    http_answer_header(x, "Content-Security-Policy", policy);
    http_answer_header(x, "Referrer-Policy", "no-referrer");
    http_answer_header(x, "Cross-Origin-Opener-Policy", "same-origin");
    if (known != NULL && strstr(known, p->etag) != NULL) {
        http_answer(x, 304, NULL, NULL);
        return;
    }
    buf_add(&body, from->data, from->len);
    answer_file(x, page_assets[0].type, is_packed, &body);
}

void page_asset(struct http_exchange *x, void *ctx UNUSED)
{
    const struct asset *a = asset_find(http_param(x, "name"));
    bool is_packed = gzip_is_accepted(http_header_list(x, "Accept-Encoding"));
    struct buf body = {0};

    if (a == NULL || a == page_assets) {
        answer_not_found(x, "file of the page", http_param(x, "name"));
        return;
    }
    if (is_packed)
        buf_add(&body, a->packed, a->packed_len);
    else
        asset_unpack(a, &body);
    http_answer_header(x, "Vary", "Accept-Encoding");
    http_answer_header(x, "Cache-Control", "public, max-age=31536000, immutable");
    answer_file(x, a->type, is_packed, &body);
}

/* For whoever types the host alone. */
void page_root(struct http_exchange *x, void *ctx)
{
    const struct page *p = api_of(ctx)->page;

    http_answer_header(x, "Location", arena_printf(http_memory(x), "%s/ui/now", p->base));
    http_answer(x, 302, NULL, NULL);
}
