#include "api/exchange/page.h"

#include "api/exchange/view.h"

void answer_rows(struct http_exchange *x, const struct row_type *type, const struct read_page *page,
                 const char *next)
{
    struct buf body = {0};
    struct json j = answer_open_list(&body);

    for (size_t i = 0; i < page->count; i++)
        view_object(&j, type, (const char *)page->rows + i * type->size, NULL);
    answer_close_list(&j, next);
    answer_json(x, 200, &body);
}

enum rc read_number_cursor(struct http_exchange *x, enum cursor_kind kind, int64_t *ret,
                           struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "cursor");

    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, kind, text, err));
    *ret = cursor_int(&cursor);
    return cursor_end(&cursor, err);
}

void write_number_cursor(enum cursor_kind kind, int64_t value, struct buf *out)
{
    SCOPED_CURSOR cursor = {0};

    cursor_begin(&cursor, kind);
    cursor_put_int(&cursor, value);
    cursor_text(&cursor, out);
}

void answer_list_error(struct http_exchange *x, const struct error *err)
{
    if (text_starts(err->text, "cursor:") || text_starts(err->text, "after:"))
        problem_answer(x, PROBLEM_BAD_CURSOR, err);
    else
        answer_error(x, err);
}
