#include "scheduler/names.h"

#include <stdlib.h>
#include <string.h>

void names_init(struct names *n, const char *prefix)
{
    size_t len = strlen(prefix);

    while (len > 0 && prefix[len - 1] == '.')
        len--;
    *n = (struct names){
        .commands = xasprintf("%scommands", prefix),
        .tasks = xasprintf("%stasks", prefix),
        .status = xasprintf("%sstatus", prefix),
        .heartbeats = xasprintf("%sheartbeats", prefix),
        .state = xasprintf("%sstate", prefix),
        .control = xasprintf("%scontrol", prefix),
        .group = xasprintf("%.*s%sscheduler", (int)len, prefix, len > 0 ? "-" : ""),
    };
}

void names_clear(struct names *n)
{
    free(n->commands);
    free(n->tasks);
    free(n->status);
    free(n->heartbeats);
    free(n->state);
    free(n->control);
    free(n->group);
    *n = (struct names){0};
}
