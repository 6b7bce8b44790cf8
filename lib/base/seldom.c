#include "base/seldom.h"

#include <stdlib.h>
#include <string.h>

struct seldom_place {
    char *topic;
    int partition;
    usec_t next; /* before then nothing is told */
    uint64_t left_out;
};

void seldom_clear(struct seldom *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->places[i].topic);
    free(s->places);
    *s = (struct seldom){0};
}

static struct seldom_place *place_of(struct seldom *s, const char *topic, int partition, usec_t now)
{
    struct seldom_place *place;

    for (size_t i = 0; i < s->count; i++)
        if (s->places[i].partition == partition && strcmp(s->places[i].topic, topic) == 0)
            return &s->places[i];
    s->places = array_grow(s->places, s->count, &s->capacity, sizeof *s->places);
    place = &s->places[s->count++];
    *place = (struct seldom_place){xstrdup(topic), partition, now, 0};
    return place;
}

bool seldom_is_due(struct seldom *s, const char *topic, int partition, usec_t now,
                   uint64_t *ret_left_out)
{
    struct seldom_place *place = place_of(s, topic, partition, now);

    s->all++;
    if (now < place->next) {
        place->left_out++;
        return false;
    }
    *ret_left_out = place->left_out;
    place->left_out = 0;
    place->next = now + USEC_PER_MIN;
    return true;
}
