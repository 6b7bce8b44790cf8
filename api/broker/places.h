/*
 * places.h - partitions of topics as keys of a map (base/map.h): of queues there may be thousands, and each has as many partitions
 * as the rest. Pure.
 */
#ifndef API_BROKER_PLACES_H
#define API_BROKER_PLACES_H

#include "base/map.h"

struct uuid place_id(const char *topic, int partition);

#endif
