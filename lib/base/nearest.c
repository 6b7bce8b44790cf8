#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

enum { WORD_MAX = 64, PREFIX_MIN = 3, LETTERS_PER_SLIP = 3 };

static char plain(char c)
{
    return (char)(c == '_' || c == '.' || c == ' ' ? '-' : tolower((unsigned char)c));
}

static bool is_same(char a, char b)
{
    return plain(a) == plain(b);
}

/* of the table of distances: of the words up to the letter before the last, the last, this one */
struct rows {
    size_t before[WORD_MAX + 1], last[WORD_MAX + 1], now[WORD_MAX + 1];
};

static void fill_row(struct rows *r, const char *a, size_t i, const char *b, size_t b_len)
{
    r->now[0] = i;
    for (size_t k = 1; k <= b_len; k++) {
        size_t cost = is_same(a[i - 1], b[k - 1]) ? 0 : 1;

        r->now[k] = MIN(MIN(r->now[k - 1], r->last[k]) + 1, r->last[k - 1] + cost);
        if (i > 1 && k > 1 && is_same(a[i - 1], b[k - 2]) && is_same(a[i - 2], b[k - 1]))
            r->now[k] = MIN(r->now[k], r->before[k - 2] + 1);
    }
}

/* Slips that make one of the other. */
static size_t distance_of(const char *a, size_t a_len, const char *b, size_t b_len)
{
    struct rows r = {{0}, {0}, {0}};

    for (size_t k = 0; k <= b_len; k++)
        r.now[k] = k;
    for (size_t i = 1; i <= a_len; i++) {
        memcpy(r.before, r.last, sizeof r.before);
        memcpy(r.last, r.now, sizeof r.last);
        fill_row(&r, a, i, b, b_len);
    }
    return r.now[b_len];
}

static bool begins(const char *name, const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_same(name[i], word[i]))
            return false;
    return len >= PREFIX_MIN;
}

struct nearest nearest_to(const char *word)
{
    return (struct nearest){.word = word, .distance = SIZE_MAX};
}

void nearest_try(struct nearest *n, const char *name)
{
    size_t len = strlen(n->word), name_len = strlen(name), distance;
    size_t most = MAX(MAX(len, name_len) / LETTERS_PER_SLIP, (size_t)1);

    if (len == 0 || len > WORD_MAX || name_len > WORD_MAX)
        return;
    distance = distance_of(n->word, len, name, name_len);
    if (distance > most && name_len > len && begins(name, n->word, len))
        distance = MIN(most, len - 1);
    if (distance > most || distance >= MIN(len, name_len) || distance >= n->distance)
        return;
    n->name = name;
    n->distance = distance;
}

const char *nearest_of(const char *word, const char *const *names)
{
    struct nearest n = nearest_to(word);

    for (; *names != NULL; names++)
        nearest_try(&n, *names);
    return n.name;
}
