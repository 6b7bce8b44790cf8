/*
 * owners.c - which partitions nobody works on, by the groups of scheduler and projection: what is due there is not fired, what is
 * written there not stored. A group that does not answer says nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "api/broker/scan.h"
#include "base/clock.h"
#include "base/log.h"

#define UNOWNED_AFTER USEC_PER_MIN

enum { ASK_MS = 3000 };

/* Also the tokens of the questions. */
static char scheduler[] = "scheduler", consumer[] = "consumer";

static struct scan_owner *owner_of(struct scan *s, const struct broker_unowned *place)
{
    for (size_t i = 0; i < s->owner_count; i++)
        if (s->owners[i].group == place->group && s->owners[i].partition == place->partition &&
            strcmp(s->owners[i].topic, place->topic) == 0)
            return &s->owners[i];
    s->owners = array_grow(s->owners, s->owner_count, &s->owner_capacity, sizeof *s->owners);
    s->owners[s->owner_count] = (struct scan_owner){
        .group = place->group, .topic = xstrdup(place->topic), .partition = place->partition};
    return &s->owners[s->owner_count++];
}

usec_t scan_note_owner(struct scan *s, const struct broker_unowned *place, bool is_owned,
                       usec_t now)
{
    struct scan_owner *o = owner_of(s, place);

    if (is_owned)
        o->since = 0;
    else if (o->since == 0)
        o->since = now;
    return is_owned ? 0 : now - o->since;
}

static bool is_owned(const struct bus_answer *answer, const char *topic, int partition)
{
    for (size_t i = 0; i < answer->owned_count; i++)
        if (answer->owned[i].partition == partition && strcmp(answer->owned[i].topic, topic) == 0)
            return true;
    return false;
}

static void note(struct scan *s, struct broker_view *view, const struct bus_answer *answer,
                 struct broker_unowned place)
{
    SCOPED(text) char *topic = xasprintf("%s%s", s->config->prefix, place.topic);

    place.since_us = scan_note_owner(s, &place, is_owned(answer, topic, place.partition), view->at);
    if (place.since_us >= UNOWNED_AFTER)
        view->unowned[view->unowned_count++] = place;
}

/* Of the topic that both read: who has which partition of it has the others of that number, too. */
static void take_owners(const struct scan *s, struct broker_view *view,
                        const struct bus_answer *answer)
{
    SCOPED(text) char *topic = xasprintf("%scommands", s->config->prefix);

    for (size_t i = 0; i < answer->owned_count; i++) {
        const struct bus_position *o = &answer->owned[i];
        const char *instance = answer->members[o->offset];

        if (strcmp(o->topic, topic) != 0 || instance == NULL ||
            view->owner_count == 2 * (size_t)s->config->partitions)
            continue;
        view->owners[view->owner_count++] =
            (struct broker_owner){.group = answer->token,
                                  .instance = arena_strdup(view->memory, instance),
                                  .partition = o->partition};
    }
}

/* The scheduler is given the commands' partitions, the projection those of all topics but the scheduler's own. */
static void take_group(struct scan *s, struct broker_view *view, const struct bus_answer *answer)
{
    const char *group = answer->token;

    for (size_t i = 0; i < view->place_count; i++) {
        const char *topic = view->places[i].topic;
        struct broker_unowned place = {
            .group = group, .topic = topic, .partition = view->places[i].partition};

        if (group == scheduler ? strcmp(topic, "commands") == 0 : strcmp(topic, "state") != 0)
            note(s, view, answer, place);
    }
}

static void ask(struct scan *s, char *group)
{
    SCOPED(text) char *name = NULL;
    size_t len = strlen(s->config->prefix);

    while (len > 0 && s->config->prefix[len - 1] == '.')
        len--;
    name = xasprintf("%.*s-%s", (int)len, s->config->prefix, group);
    /* as they call themselves under an empty prefix */
    bus_ask_members(s->admin, name + (len == 0 && group == scheduler), group);
}

void scan_look_at_owners(struct scan *s, struct broker_view *view)
{
    usec_t until = clock_monotonic() + ASK_MS * USEC_PER_MS;
    struct bus_answer answer;
    int open = 2;

    view->unowned = arena_alloc(view->memory, (2 * view->place_count + 1) * sizeof *view->unowned);
    view->owners =
        arena_alloc(view->memory, 2 * (size_t)s->config->partitions * sizeof *view->owners);
    ask(s, scheduler);
    ask(s, consumer);
    while (open > 0 && clock_monotonic() < until) {
        if (!bus_admin_poll(s->admin, 100, &answer) || scan_take_group(s, view, &answer) ||
            answer.kind != BUS_ANSWER_MEMBERS)
            continue;
        open--;
        if (answer.rc == RC_OK) {
            take_group(s, view, &answer);
            take_owners(s, view, &answer);
        } else {
            log_debug("kafka", "%s", answer.err.text);
        }
    }
}

void scan_clear_owners(struct scan *s)
{
    for (size_t i = 0; i < s->owner_count; i++)
        free(s->owners[i].topic);
    free(s->owners);
}
