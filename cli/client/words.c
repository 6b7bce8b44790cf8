#include "cli/client/words.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/nearest.h"

/* A symbol that only a newer writer's unknown ones read as is none that can be asked for. */
static bool is_meant(const struct enum_type *type, int value)
{
    return value != type->fallback || strcmp(type->symbols[value], "UNKNOWN") != 0;
}

static enum rc refuse(const struct words *words, const char *word, struct error *err)
{
    struct nearest near = nearest_to(word);
    SCOPED_BUF list = {0};

    for (int i = 0; i < words->type->count; i++) {
        if (!is_meant(words->type, i))
            continue;
        nearest_try(&near, words->type->symbols[i]);
        buf_printf(&list, "%s%s", list.len == 0 ? "" : ", ", words->type->symbols[i]);
    }
    if (words->group != NULL) {
        nearest_try(&near, words->group);
        buf_printf(&list, ", %s", words->group);
    }
    (void)error_set(err, RC_INVALID, "%s: '%.60s' is not one of %s", words->option, word,
                    buf_text(&list));
    return near.name == NULL ? RC_INVALID : error_hint(err, "did you mean %s?", near.name);
}

static enum rc check_word(const struct words *words, const char *word, struct error *err)
{
    int value;

    if (words->group != NULL && strcasecmp(word, words->group) == 0)
        return RC_OK;
    if (enum_find(words->type, word, true, &value, NULL) == RC_OK && is_meant(words->type, value))
        return RC_OK;
    return refuse(words, word, err);
}

enum rc words_check(const struct words *words, const char *text, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char *at = text;

    while (at != NULL) {
        size_t len = words->is_list ? strcspn(at, ",") : strlen(at);

        TRY(check_word(words, arena_strndup(memory, at, len), err));
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return RC_OK;
}
