#include "cli/worker/progress.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

/* "40", "40.5", "40%", "40 %" at the start of a word; *at goes behind it. -1: there is none. */
static int take_percent(const char **at)
{
    const char *p = *at;
    int value = 0;

    if (*p < '0' || *p > '9')
        return -1;
    for (; *p >= '0' && *p <= '9' && value <= 100; p++)
        value = value * 10 + (*p - '0');
    if (*p == '.' && p[1] >= '0' && p[1] <= '9')
        p += 1 + strspn(p + 1, "0123456789");
    if (*skip_blanks(p) == '%')
        p = skip_blanks(p) + 1;
    if (value > 100 || (*p != '\0' && !is_blank(*p)))
        return -1;
    *at = p;
    return value;
}

static void end_line(struct progress *p)
{
    const char *at;

    while (p->len > 0 && is_blank(p->line[p->len - 1]))
        p->len--;
    p->line[p->len] = '\0';
    p->len = 0;
    at = skip_blanks(p->line);
    if (*at == '\0')
        return;
    p->percent = take_percent(&at);
    at = skip_blanks(at);
    memcpy(p->message, at, strlen(at) + 1);
    p->has_news = true;
}

void progress_take(struct progress *p, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == '\n')
            end_line(p);
        else if (p->len < PROGRESS_LINE_MAX && bytes[i] != '\0')
            p->line[p->len++] = bytes[i];
}

void progress_end(struct progress *p)
{
    end_line(p);
}

bool progress_next(struct progress *p, int *ret_percent, const char **ret_message)
{
    if (!p->has_news)
        return false;
    p->has_news = false;
    *ret_percent = p->percent;
    *ret_message = p->message;
    return true;
}
