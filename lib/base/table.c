#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum { COLUMNS_MAX = 16, GAP = 2 };

struct table {
    size_t columns;
    bool is_right[COLUMNS_MAX];
    char **cells; /* row by row, headers first; owned */
    size_t count, capacity;
    size_t widths[COLUMNS_MAX];
};

/* --- how wide a character is --- */

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* The blocks that matter: combining marks take no column, East Asian characters and emoji two. */
static size_t char_width(uint32_t c)
{
    static const struct range none[] = {{0x300, 0x36f},   {0x483, 0x489},   {0x591, 0x5bd},
                                        {0x610, 0x61a},   {0x64b, 0x65f},   {0x1ab0, 0x1aff},
                                        {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x20d0, 0x20ff},
                                        {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
    static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                        {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                        {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
                                        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

    if (is_in(none, ARRAY_LEN(none), c))
        return 0;
    return is_in(wide, ARRAY_LEN(wide), c) ? 2 : 1;
}

/* The character at `at`, which is valid UTF-8; moves past it. */
static uint32_t next_char(const char **at)
{
    const uint8_t *b = (const uint8_t *)*at;
    size_t len = b[0] < 0x80 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    uint32_t c = len == 1 ? b[0] : b[0] & (0x7fu >> len);

    for (size_t i = 1; i < len; i++)
        c = c << 6 | (b[i] & 0x3fu);
    *at += len;
    return c;
}

static size_t shown_width(const char *text)
{
    size_t width = 0;

    while (*text != '\0')
        width += char_width(next_char(&text));
    return width;
}

/* --- texts as they are shown --- */

static bool is_control(const char *at)
{
    uint8_t c = (uint8_t)*at;

    return c < ' ' || c == 0x7f || (c == 0xc2 && (uint8_t)at[1] < 0xa0);
}

/* What turns the direction of text, or shows nothing and can hide something: never a part of what is meant to be read. */
static bool is_format(uint32_t c)
{
    static const struct range format[] = {
        {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200b}, {0x200e, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
    };

    return is_in(format, ARRAY_LEN(format), c);
}

/* The character at *at, if it is such a one: escaped, and passed. */
static bool add_format(struct buf *out, const char **at)
{
    const char *after = *at;
    uint32_t c = next_char(&after);

    if (!is_format(c))
        return false;
    buf_printf(out, "\\u%04x", c);
    *at = after - 1; /* the caller's loop takes the last byte */
    return true;
}

char *table_shown(const char *text)
{
    SCOPED_BUF clean = {0};
    struct buf out = {0};

    utf8_escape(&clean, text, strlen(text));
    for (const char *at = buf_text(&clean); *at != '\0'; at++)
        if (((uint8_t)*at & 0xc0) == 0xc0 && add_format(&out, &at))
            continue;
        else if (*at == '\n' || *at == '\t')
            buf_add_text(&out, *at == '\n' ? "\\n" : "\\t");
        else if (is_control(at))
            buf_printf(&out, "\\x%02x", (uint8_t)*at == 0xc2 ? (uint8_t) * ++at : (uint8_t)*at);
        else
            buf_add_char(&out, *at);
    return buf_take(&out);
}

char *table_shown_lines(const char *text)
{
    struct buf out = {0};

    for (;;) {
        size_t len = strcspn(text, "\n");
        SCOPED(text) char *line = xasprintf("%.*s", (int)len, text);
        SCOPED(text) char *shown = table_shown(line);

        buf_add_text(&out, shown);
        if (text[len] == '\0')
            return buf_take(&out);
        buf_add_char(&out, '\n');
        text += len + 1;
    }
}

size_t table_width(const char *text)
{
    SCOPED(text) char *copy = table_shown(text);

    return shown_width(copy);
}

/* --- tables --- */

static void add_cell(struct table *t, size_t column, const char *text)
{
    char *cell = table_shown(text);

    t->cells = array_grow(t->cells, t->count, &t->capacity, sizeof(char *));
    t->cells[t->count++] = cell;
    t->widths[column] = MAX(t->widths[column], shown_width(cell));
}

void table_add_row(struct table *t, const char *const *cells)
{
    for (size_t i = 0; i < t->columns; i++) {
        add_cell(t, i, *cells == NULL ? "" : *cells);
        cells += *cells == NULL ? 0 : 1;
    }
}

struct table *table_make(const char *const *headers)
{
    struct table *t = xcalloc(1, sizeof *t);

    for (; headers[t->columns] != NULL && t->columns < COLUMNS_MAX; t->columns++) {
        const char *header = headers[t->columns];

        t->is_right[t->columns] = *header == '>';
        add_cell(t, t->columns, *header == '>' ? header + 1 : header);
    }
    return t;
}

void table_free(struct table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->count; i++)
        free(t->cells[i]);
    free(t->cells);
    free(t);
}

size_t table_rows(const struct table *t)
{
    return t->count / t->columns - 1;
}

static void add_blanks(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_add_char(out, ' ');
}

/* At most `width` columns of it; a cut is marked. */
static void add_cut(struct buf *out, const char *text, size_t width)
{
    size_t left = width - 1;
    const char *at = text;

    if (shown_width(text) <= width) {
        buf_add_text(out, text);
        return;
    }
    while (*at != '\0') {
        const char *next = at;
        size_t wide = char_width(next_char(&next));

        if (wide > left)
            break;
        left -= wide;
        at = next;
    }
    buf_add(out, text, (size_t)(at - text));
    buf_add_text(out, "…");
}

static void write_cell(const struct table *t, size_t column, const char *cell, struct buf *out)
{
    size_t blanks = t->widths[column] - shown_width(cell);

    add_blanks(out, t->is_right[column] ? blanks : 0);
    buf_add_text(out, cell);
    add_blanks(out, (t->is_right[column] ? 0 : blanks) + GAP);
}

void table_write(const struct table *t, size_t width, struct buf *out)
{
    size_t before = 0; /* the last column begins there */
    size_t last = t->columns - 1;

    for (size_t i = 0; i < last; i++)
        before += t->widths[i] + GAP;
    for (size_t i = 0; i < t->count; i++) {
        size_t column = i % t->columns;

        if (column < last) {
            write_cell(t, column, t->cells[i], out);
            continue;
        }
        if (t->is_right[last])
            add_blanks(out, t->widths[last] - shown_width(t->cells[i]));
        add_cut(out, t->cells[i], width > before + 1 ? width - before : SIZE_MAX);
        while (out->len > 0 && out->data[out->len - 1] == ' ')
            out->data[--out->len] = '\0';
        buf_add_char(out, '\n');
    }
}
