/*
 * queue_group.h - "group": who reads a queue, as far as the broker has told.
 */
#ifndef API_RESOURCES_QUEUE_GROUP_H
#define API_RESOURCES_QUEUE_GROUP_H

#include "api/broker/broker.h"
#include "base/json.h"

void queue_group_put(struct json *j, const struct broker_group *g);

#endif
