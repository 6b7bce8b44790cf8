#include "api/resources/assets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/page.h"

static void every_file_is_what_was_packed(void **state UNUSED)
{
    assert_string_equal(page_assets[0].name, "index.html");
    for (const struct asset *a = page_assets; a->name != NULL; a++) {
        SCOPED_BUF plain = {0};

        asset_unpack(a, &plain);
        assert_int_equal(plain.len, a->len);
        assert_ptr_equal(asset_find(a->name), a);
    }
    assert_null(asset_find("none.js"));
}

static void the_document_names_files_that_are_there(void **state UNUSED)
{
    static const char mark[] = "{{base}}/assets/";
    SCOPED_BUF text = {0};
    size_t found = 0;

    asset_unpack(&page_assets[0], &text);
    for (const char *at = text.data; (at = strstr(at, mark)) != NULL; found++) {
        char name[100] = "";

        at += sizeof mark - 1;
        strncat(name, at, strcspn(at, "\""));
        assert_non_null(asset_find(name));
    }
    if (asset_find("index.html")[1].name != NULL) /* a build with the page */
        assert_true(found >= 3);
    assert_true(strlen(page_build) >= 12);
}

static void packing_is_undone_by_unpacking(void **state UNUSED)
{
    static const char text[] = "a text, a text, a text, a text";
    SCOPED_BUF packed = {0};
    SCOPED_BUF plain = {0};
    struct asset a = {.len = sizeof text};

    buf_add_text(&packed, "before");
    gzip_pack(text, sizeof text, &packed);
    a.packed = (const unsigned char *)packed.data + strlen("before");
    a.packed_len = packed.len - strlen("before");
    asset_unpack(&a, &plain);
    assert_int_equal(plain.len, sizeof text);
    assert_memory_equal(plain.data, text, sizeof text);
}

/* Memory that was used before: what stood there must not stand behind the text. */
static void a_text_ends_where_it_ends(void **state UNUSED)
{
    SCOPED_BUF text = {0};
    SCOPED_BUF packed = {0};

    for (size_t i = 0; i < 2 * page_assets[0].len + 1000; i++) {
        buf_add_char(&text, 'x');
        buf_add_char(&packed, 'x');
    }
    buf_reset(&text);
    buf_reset(&packed);
    asset_unpack(&page_assets[0], &text);
    assert_int_equal(strlen(text.data), page_assets[0].len);
    gzip_pack(text.data, text.len, &packed);
    assert_int_equal(packed.data[packed.len], '\0');
}

static void gzip_is_sent_to_those_who_take_it(void **state UNUSED)
{
    static const char *const yes[] = {
        "gzip",
        "GZIP",
        "deflate, gzip",
        "gzip;q=0.5",
        "gzip; q=0.001",
        "*",
        "br;q=1, *;q=0.1",
        "gzip;q=1, *;q=0",
        "identity , gzip",
    };
    static const char *const no[] = {
        "",      "identity", "br, zstd", "gzip;q=0",    "gzip;q=0.000", "gzip ; q=0, br",
        "*;q=0", "xgzip",    "gzip2",    "gzip;q=0, *",
    };

    assert_false(gzip_is_accepted(NULL));
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (!gzip_is_accepted(yes[i]))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (gzip_is_accepted(no[i]))
            fail_msg("%s", no[i]);
}

static void a_path_that_would_not_do_is_refused(void **state UNUSED)
{
    static const char *const good[] = {NULL, "/cron", "/a/b.c/~d_e-f"};
    static const char *const bad[] = {
        "/", "cron", "/cron/", "//cron", "/a//b", "/a b", "/a\"b", "/<b>", "/a?b", "http://x/y",
    };

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct page *page = NULL;

        assert_int_equal(page_new(good[i], &page, NULL), RC_OK);
        page_free(page);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct page *page = NULL;
        struct error err = {0};

        assert_int_equal(page_new(bad[i], &page, &err), RC_INVALID);
        assert_non_null(strstr(err.text, bad[i]));
        assert_null(page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_what_was_packed),
        cmocka_unit_test(the_document_names_files_that_are_there),
        cmocka_unit_test(packing_is_undone_by_unpacking),
        cmocka_unit_test(a_text_ends_where_it_ends),
        cmocka_unit_test(gzip_is_sent_to_those_who_take_it),
        cmocka_unit_test(a_path_that_would_not_do_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
