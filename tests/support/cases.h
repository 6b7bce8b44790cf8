/*
 * cases.h - the cases that every SDK replays, read by C's tests: sdk/conformance/cases.md.
 */
#ifndef SUPPORT_CASES_H
#define SUPPORT_CASES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"

/* A file of sdk/conformance; the caller's. */
static inline json_t *cases_load(const char *name)
{
    SCOPED_BUF path = {0};
    json_error_t error = {.text = ""};
    json_t *file;

    buf_printf(&path, "%s/sdk/conformance/%s", COBS_SOURCE_DIR, name);
    file = json_load_file(buf_text(&path), JSON_ALLOW_NUL, &error);
    if (file == NULL)
        fail_msg("%s: line %d: %s", buf_text(&path), error.line, error.text);
    return file;
}

static inline const char *case_text(const json_t *c, const char *name)
{
    const char *text = json_string_value(json_object_get(c, name));

    return text == NULL ? "" : text;
}

/* The other languages have it alone. */
static inline bool case_is_for_others(const json_t *c)
{
    return json_object_get(json_object_get(c, "not"), "c") != NULL;
}

/* Calls `check` with each case of a family that C replays; there are some. */
static inline void each_case(const json_t *file, const char *family, void (*check)(const json_t *c))
{
    const json_t *list = json_object_get(file, family);
    size_t checked = 0;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);

        if (case_is_for_others(c))
            continue;
        check(c);
        checked++;
    }
    assert_true(checked > 2);
}

/* Appends the bytes of a hexadecimal text of so many digits. */
static inline void add_hex(struct buf *out, const char *digits, size_t count)
{
    assert_int_equal(count % 2, 0);
    for (size_t i = 0; i < count; i += 2) {
        const char pair[] = {digits[i], digits[i + 1], '\0'};
        char *end;

        buf_add_char(out, (char)strtol(pair, &end, 16));
        assert_int_equal(*end, '\0');
    }
}

#endif
