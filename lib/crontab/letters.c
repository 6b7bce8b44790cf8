#include "crontab/letters.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/records.h"

static const struct pair false_blanks[] = {
    {"\xc2\xa0", "a no-break space"},         {"\xc2\xad", "a soft hyphen"},
    {"\xe2\x80\x82", "an en space"},          {"\xe2\x80\x83", "an em space"},
    {"\xe2\x80\x89", "a thin space"},         {"\xe2\x80\x8b", "a zero-width space"},
    {"\xe2\x80\xaf", "a no-break space"},     {"\xe2\x81\xa0", "a word joiner"},
    {"\xe3\x80\x80", "an ideographic space"}, {"\xef\xbb\xbf", "a byte order mark"},
};

const char *find_false_blank(const char *text, const char **ret_name)
{
    const char *first = NULL;

    for (size_t i = 0; i < ARRAY_LEN(false_blanks); i++) {
        const char *at = strstr(text, false_blanks[i].name);

        if (at == NULL || (first != NULL && first < at))
            continue;
        first = at;
        *ret_name = false_blanks[i].value;
    }
    return first;
}
