#include "api/broker/places.h"

struct uuid place_id(const char *topic, int partition)
{
    SCOPED(text) char *name = xasprintf("%d/%s", partition, topic);

    return uuid_named(CRONOBS_NAMESPACE, name);
}
