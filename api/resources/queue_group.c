#include "api/resources/queue_group.h"

void queue_group_put(struct json *j, const struct broker_group *g)
{
    json_key(j, "group");
    json_open_object(j);
    json_add_text(j, "name", g->name);
    if (g->members >= 0)
        json_add_int(j, "members", g->members);
    if (g->lag >= 0)
        json_add_int(j, "lag", g->lag);
    json_close_object(j);
}
