#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/chunked.h"
#include "http/head.h"
#include "http/json_read.h"
#include "support/mutate.h"

/*
 * Bytes that are nearly right must be taken or refused, never anything else: the sanitizers watch. Each input is
 * in memory of its exact size, so that a byte too far is seen.
 */

enum { ROUNDS = 10000 };

typedef void (*take_fn)(char *data, size_t len);

static void try_all(const char *const *seeds, size_t count, take_fn take)
{
    uint64_t state = 20261124;
    char made[MUTATED_MAX];

    for (size_t i = 0; i < count; i++) {
        for (int round = 0; round < ROUNDS; round++) {
            size_t len = mutate(seeds[i], strlen(seeds[i]), &state, made);
            char *exact = malloc(MAX(len, (size_t)1));

            memcpy(exact, made, len);
            take(exact, len);
            free(exact);
        }
    }
}

static void take_head(char *data, size_t len)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    size_t scanned = 0, head_len = 0;
    struct http_target target;
    struct http_head head;
    struct error err = {0};
    int status = 0;
    enum rc rc = http_head_length(data, len, &scanned, &head_len, &status, &err);

    if (rc == RC_OK && head_len > 0)
        rc = http_head_parse(data, head_len, &head, &status, &err);
    if (rc != RC_OK) {
        assert_true(status >= 400 && status < 600 && err.text[0] != '\0');
        return;
    }
    if (head_len > 0 && http_target_parse(head.target, memory, &target, &err) == RC_OK)
        assert_true(target.segment_count > 0);
}

static void heads_are_taken_or_refused(void **state UNUSED)
{
    static const char *const seeds[] = {
        "GET /v1/executions?day=2026-11-24&tz=Europe%2FBerlin HTTP/1.1\r\nHost: localhost:8080\r\nAccept: */*\r\n\r\n",
        "PUT /v1/tasks/default~a HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n{\"key\":\"a\"}",
        "POST /a/b:c HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
    };

    try_all(seeds, ARRAY_LEN(seeds), take_head);
}

static void take_chunks(char *data, size_t len)
{
    SCOPED_BUF out = {0};
    struct chunked c = {0};
    size_t used = 0;
    enum rc rc = chunked_decode(&c, (struct bytes){data, len}, 100, &out, &used, NULL);

    assert_true(rc == RC_OK || rc == RC_RETRY || rc == RC_INVALID || rc == RC_CONFLICT);
    assert_true(used <= len && out.len <= 100);
}

static void chunks_are_taken_or_refused(void **state UNUSED)
{
    static const char *const seeds[] = {
        "5\r\nhello\r\n10;x=y\r\n0123456789abcdef\r\n0\r\nTrailer: x\r\n\r\n",
        "ffffffff\r\n",
    };

    try_all(seeds, ARRAY_LEN(seeds), take_chunks);
}

static void walk(const struct json_node *n)
{
    struct json_node inner;
    SCOPED_BUF pointer = {0};
    void *iter = NULL;
    int64_t number = 0;

    json_node_pointer(n, &pointer);
    if (json_node_int(n, -10, 10, &number, NULL) == RC_OK)
        assert_in_range(number + 10, 0, 20);
    if (json_node_kind(n) == JSON_KIND_OBJECT)
        while (json_node_next(n, &iter, &inner))
            walk(&inner);
    if (json_node_kind(n) == JSON_KIND_ARRAY)
        for (size_t i = 0; json_node_item(n, i, &inner); i++)
            walk(&inner);
}

static void take_json(char *data, size_t len)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;

    if (json_doc_parse((struct bytes){data, len}, &doc, NULL) != RC_OK)
        return;
    root = json_doc_root(doc);
    walk(&root);
}

static void documents_are_taken_or_refused(void **state UNUSED)
{
    static const char *const seeds[] = {
        "{\"key\":\"a\",\"labels\":{\"a/b~\":\"\\u00e4\"},\"schedules\":[{\"expression\":\"* * * * *\"}],\"n\":[1,-2.5e3,null,true]}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"x\"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
    };

    try_all(seeds, ARRAY_LEN(seeds), take_json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_taken_or_refused),
        cmocka_unit_test(chunks_are_taken_or_refused),
        cmocka_unit_test(documents_are_taken_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
