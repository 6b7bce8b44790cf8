#include "http/json_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct json_doc *parsed(const char *text)
{
    struct json_doc *doc = NULL;

    assert_int_equal(json_doc_parse(bytes_of(text), &doc, NULL), RC_OK);
    return doc;
}

static void a_complaint_has_the_pointer_of_the_value(void **state UNUSED)
{
    SCOPED(json_doc) struct json_doc *doc = parsed("{\"a/b\": [1, {\"~\": \"x\"}]}");
    struct json_node root = json_doc_root(doc), array, object, text;
    struct error err;
    int64_t n;

    assert_true(json_node_member(&root, "a/b", &array));
    assert_int_equal(json_node_count(&array), 2);
    assert_true(json_node_item(&array, 1, &object));
    assert_true(json_node_member(&object, "~", &text));
    assert_int_equal(json_node_int(&text, 0, 9, &n, &err), RC_INVALID);
    assert_string_equal(err.pointer, "/a~1b/1/~0");
    assert_string_equal(err.text, "/a~1b/1/~0: a number is expected, not a text");
    assert_int_equal(json_node_text(&root, &(const char *){NULL}, &err), RC_INVALID);
    assert_string_equal(err.pointer, "");
    assert_string_equal(err.text, "a text is expected, not an object");
}

static void numbers_have_a_range_and_no_fraction(void **state UNUSED)
{
    SCOPED(json_doc) struct json_doc *doc = parsed("[5, 10, 1.5, -3]");
    struct json_node root = json_doc_root(doc), item;
    struct error err;
    int64_t n = 0;

    assert_true(json_node_item(&root, 0, &item));
    assert_int_equal(json_node_int(&item, 0, 9, &n, &err), RC_OK);
    assert_int_equal(n, 5);
    assert_true(json_node_item(&root, 1, &item));
    assert_int_equal(json_node_int(&item, 0, 9, &n, &err), RC_INVALID);
    assert_string_equal(err.text, "/1: 10 is outside 0 to 9");
    assert_true(json_node_item(&root, 2, &item));
    assert_int_equal(json_node_int(&item, 0, 9, &n, &err), RC_INVALID);
    assert_string_equal(err.text, "/2: a whole number is expected, not 1.5");
    assert_int_equal(n, 5); /* untouched on failure */
}

static void members_are_walked_in_order(void **state UNUSED)
{
    SCOPED(json_doc) struct json_doc *doc = parsed("{\"c\": 1, \"a\": true, \"b\": null}");
    struct json_node root = json_doc_root(doc), member;
    char names[8] = "";
    void *iter = NULL;

    while (json_node_next(&root, &iter, &member))
        strncat(names, member.name, 1);
    assert_string_equal(names, "cab");
}

static void what_is_no_json_is_refused_with_its_place(void **state UNUSED)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "empty"},
        {"{", "line 1"},
        {"{\"a\": 1, \"a\": 2}", "duplicate"},
        {"{\"a\": 01}", "line 1, column"},
        {"[1] x", "end of file expected"},
        {"{\"a\": \"\\u0000\"}", "\\u0000"},
        {"[\"\xff\"]", "decode byte"},
        {"\n\n  nope", "line 3"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "deeper"},
    };
    struct json_doc *doc = NULL;
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(json_doc_parse(bytes_of(cases[i].text), &doc, &err), RC_INVALID);
        if (strstr(err.text, cases[i].words) == NULL)
            fail_msg("%s: %s", cases[i].text, err.text);
    }
    assert_null(doc);
}

static void braces_in_texts_are_no_levels(void **state UNUSED)
{
    SCOPED(json_doc)
    struct json_doc *doc = parsed("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\", \"[\"]");

    assert_non_null(doc);
}

static void equal_values_may_have_their_members_in_any_order(void **state UNUSED)
{
    SCOPED(json_doc) struct json_doc *a = parsed("{\"x\": [1, 2], \"y\": null}");
    SCOPED(json_doc) struct json_doc *b = parsed("{\"y\":null,\"x\":[1,2]}");
    SCOPED(json_doc) struct json_doc *c = parsed("{\"y\":null,\"x\":[2,1]}");
    struct json_node left = json_doc_root(a), right = json_doc_root(b), other = json_doc_root(c);

    assert_true(json_node_equal(&left, &right));
    assert_false(json_node_equal(&left, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complaint_has_the_pointer_of_the_value),
        cmocka_unit_test(numbers_have_a_range_and_no_fraction),
        cmocka_unit_test(members_are_walked_in_order),
        cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
        cmocka_unit_test(braces_in_texts_are_no_levels),
        cmocka_unit_test(equal_values_may_have_their_members_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
