/* Texts are cut and escaped as every SDK does it: sdk/conformance/texts.json. */
#include <stdint.h>

#include "c/text.h"
#include "model/limits.h"
#include "support/cases.h"

static json_t *file;

static int load(void **state UNUSED)
{
    file = cases_load("texts.json");
    return 0;
}

static int unload(void **state UNUSED)
{
    json_decref(file);
    return 0;
}

/* Hexadecimal words, each maybe with a count: "61*3 c3a9". */
static void add_words(struct buf *out, const char *words)
{
    for (const char *at = words; *at != '\0'; at += strspn(at, " ")) {
        size_t digits = strspn(at, "0123456789abcdef");
        char *end = NULL;
        long count = at[digits] == '*' ? strtol(at + digits + 1, &end, 10) : 1;

        for (long i = 0; i < count; i++)
            add_hex(out, at, digits);
        at = end != NULL ? end : at + digits;
    }
}

/* "t:text" or "h:words"; false: it is in UTF-16, which no text of C is. */
static bool read_text(const char *of, size_t len, struct buf *out)
{
    assert_true(len >= 2 && of[1] == ':');
    if (of[0] == 't')
        buf_add(out, of + 2, len - 2);
    else if (of[0] == 'h')
        add_words(out, of + 2);
    return of[0] != 'u';
}

static bool text_in(const json_t *value, struct buf *out)
{
    return read_text(json_string_value(value), json_string_length(value), out);
}

static void expect(const json_t *c, const json_t *value, struct bytes found)
{
    SCOPED_BUF expected = {0};

    assert_true(text_in(value, &expected));
    if (found.len != expected.len || memcmp(found.data, buf_text(&expected), found.len) != 0)
        fail_msg("%s: it is '%.60s'", case_text(c, "name"), (const char *)found.data);
}

/* --- lines --- */

static bool has_mark(const json_t *line, const char *mark)
{
    return strstr(json_string_value(json_array_get(line, 1)) ?: "", mark) != NULL;
}

static void check_line(const json_t *c)
{
    const json_t *lines = json_object_get(c, "is");
    SCOPED_BUF text = {0};
    size_t at = 0;

    if (!text_in(json_object_get(c, "of"), &text))
        return;
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        size_t len = text_piece(buf_text(&text) + at, text.len - at, TEXT_PIECE_MAX);
        SCOPED_BUF clean = {0};
        bool is_escaped = text_clean(&clean, buf_text(&text) + at, len);

        at += len;
        expect(c, json_array_get(line, 0), (struct bytes){buf_text(&clean), clean.len});
        assert_int_equal(is_escaped, has_mark(line, "escaped"));
        assert_int_equal(at < text.len, has_mark(line, "unfinished"));
    }
    assert_int_equal(at, text.len);
}

static void a_line_is_cut_and_escaped_as_everywhere(void **state UNUSED)
{
    each_case(file, "lines", check_line);
}

/* --- messages --- */

static void check_message(const json_t *c)
{
    SCOPED_BUF text = {0}, cut = {0};

    if (!text_in(json_object_get(c, "of"), &text))
        return;
    text_clean_cut(&cut, buf_text(&text), MESSAGE_MAX_BYTES);
    expect(c, json_object_get(c, "is"), (struct bytes){buf_text(&cut), cut.len});
}

static void a_message_is_cut_as_everywhere(void **state UNUSED)
{
    each_case(file, "messages", check_message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_cut_and_escaped_as_everywhere),
        cmocka_unit_test(a_message_is_cut_as_everywhere),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
