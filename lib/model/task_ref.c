#include "model/task_ref.h"

#include <string.h>

enum rc task_ref_parse(const char *text, struct arena *memory, struct task_ref *ret,
                       struct error *err)
{
    const char *tilde = strchr(text, '~');

    if (tilde != NULL && tilde > text && tilde[1] != '\0') {
        ret->project = arena_strndup(memory, text, (size_t)(tilde - text));
        ret->key = tilde + 1;
        ret->id = task_id_of(ret->project, ret->key);
        return RC_OK;
    }
    *ret = (struct task_ref){0};
    if (tilde == NULL && uuid_from_text(text, &ret->id, NULL) == RC_OK && !uuid_is_nil(ret->id))
        return RC_OK;
    error_set(err, RC_INVALID, "task: \"%.200s\" is neither a task id nor project~key", text);
    if (*text == '\0' || tilde != NULL || strchr(text, '/') != NULL)
        return error_hint(err, "write it as default~report, or as the task's id");
    return error_hint(err, "a task of the default project is default~%.80s", text);
}
