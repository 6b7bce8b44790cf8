#include "api/resources/plain_log.h"

/* ECMA-48 also has its introducers as one character, U+0080 to U+009F; in UTF-8 it begins with this byte. */
#define C1_LEAD 0xc2

static enum ansi_state after_escape(unsigned char c)
{
    if (c == '[')
        return ANSI_CONTROL;
    if (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_')
        return ANSI_STRING;
    return c >= ' ' && c <= '/' ? ANSI_INTERMEDIATE : ANSI_NONE;
}

/* Where a sequence goes with its next character; *belongs: it is a part of it. */
static enum ansi_state go_on(enum ansi_state state, unsigned char c, bool *belongs)
{
    *belongs = true;
    if (state == ANSI_STRING)
        return c == '\a' ? ANSI_NONE : c == '\033' ? ANSI_STRING_ESCAPE : ANSI_STRING;
    if (c == '\033') /* it ends what was before */
        return ANSI_ESCAPE;
    *belongs = c >= ' ' && c <= '~';
    if (!*belongs)
        return ANSI_NONE;
    if (state == ANSI_ESCAPE || state == ANSI_STRING_ESCAPE)
        return after_escape(c);
    if (state == ANSI_INTERMEDIATE)
        return c <= '/' ? ANSI_INTERMEDIATE : ANSI_NONE;
    return c >= '@' ? ANSI_NONE : ANSI_CONTROL;
}

/* ANSI_NONE: the two bytes introduce nothing. */
static enum ansi_state introduced_by(const unsigned char *at)
{
    bool is_c1 = at[0] == C1_LEAD && at[1] >= 0x80 && at[1] <= 0x9f;

    return is_c1 ? after_escape((unsigned char)(at[1] - 0x40)) : ANSI_NONE;
}

static bool ends_string(const unsigned char *at)
{
    return at[0] == C1_LEAD && at[1] == 0x9c;
}

static void add_without_sequences(enum ansi_state *state, const char *text, struct buf *out)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool belongs = false;

        if (*state == ANSI_STRING && ends_string(at)) {
            *state = ANSI_NONE;
            at++;
            continue;
        }
        if (*state != ANSI_NONE)
            *state = go_on(*state, *at, &belongs);
        if (belongs)
            continue;
        if (*at == '\033') {
            *state = ANSI_ESCAPE;
        } else if (introduced_by(at) != ANSI_NONE) {
            *state = introduced_by(at);
            at++;
        } else {
            buf_add_char(out, (char)*at);
        }
    }
}

static int stream_of(char letter)
{
    return letter == 'O' ? 1 : letter == 'E' ? 2 : 0;
}

static void end_line(struct plain_log *p, struct buf *out)
{
    if (p->last != 0)
        buf_add_char(out, '\n');
    p->last = 0;
}

void plain_log_add(struct plain_log *p, char stream, const char *message, bool is_unfinished,
                   struct buf *out)
{
    int index = stream_of(stream);
    struct plain_stream *s = &p->streams[index];
    bool goes_on = s->is_open;

    s->is_open = is_unfinished;
    if (p->last != index + 1)
        end_line(p, out);
    if (goes_on && p->last == 0 && *message == '\0')
        return; /* the end of a line that was ended already */
    if (p->keeps_ansi)
        buf_add_text(out, message);
    else
        add_without_sequences(&s->state, message, out);
    p->last = index + 1;
    if (is_unfinished)
        return;
    s->state = ANSI_NONE;
    end_line(p, out);
}

void plain_log_end(struct plain_log *p, struct buf *out)
{
    end_line(p, out);
    *p = (struct plain_log){.keeps_ansi = p->keeps_ansi};
}
