#include "cli/shared/point.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"

enum { SHOWN_MAX = 72 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* How far back the character begins whose middle may be at `at`: a cut is made before it. Bytes that are no UTF-8 are cut anywhere. */
static size_t cut_back(const char *text, size_t at)
{
    size_t back = 0;

    while (back < 3 && back < at && is_continuation(text[at - back]))
        back++;
    return is_continuation(text[at - back]) ? 0 : back;
}

void point_clean(struct error *err)
{
    SCOPED_BUF text = {0};

    for (const char *at = err->text; *at != '\0'; at++) {
        if (iscntrl((unsigned char)*at))
            buf_printf(&text, "\\x%02x", (unsigned char)*at);
        else
            buf_add_char(&text, *at);
    }
    (void)snprintf(err->text, sizeof err->text, "%s", buf_text(&text));
}

/* Tabs and control characters would move the mark. */
static void add_shown(struct buf *out, const char *text, size_t len)
{
    SCOPED_BUF shown = {0};
    SCOPED(text) char *text_shown = NULL;

    for (size_t i = 0; i < len; i++)
        buf_add_char(&shown, (char)(iscntrl((unsigned char)text[i]) ? ' ' : text[i]));
    text_shown = table_shown(buf_text(&shown));
    buf_add_text(out, text_shown);
}

void point_at(struct error *err, const char *expression)
{
    size_t len = strlen(expression), at, from = 0, shown;
    SCOPED_BUF before = {0};
    SCOPED_BUF after = {0};
    SCOPED(text) char *text = NULL;

    point_clean(err);
    if (err->column < 1 || (size_t)err->column > len + 1)
        return;
    at = (size_t)err->column - 1;
    if (len > SHOWN_MAX && at > SHOWN_MAX / 2)
        from = at - SHOWN_MAX / 2;
    from -= cut_back(expression, from);
    shown = MIN(len - from, SHOWN_MAX);
    shown -= cut_back(expression, from + shown);
    buf_add_text(&before, from > 0 ? "..." : "");
    add_shown(&before, expression + from, at - from);
    add_shown(&after, expression + at, from + shown - at);
    buf_add_text(&after, from + shown < len ? "..." : "");
    text = xasprintf("%s\n  %s%s\n  %*s^", err->text, buf_text(&before), buf_text(&after),
                     (int)table_width(buf_text(&before)), "");
    (void)snprintf(err->text, sizeof err->text, "%s", text);
}
