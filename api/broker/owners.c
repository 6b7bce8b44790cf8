/*
 * owners.c - which partitions nobody works on, by the groups of scheduler and projection: what is due there is not fired, what is
 * written there not stored. A group that does not answer says nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "api/broker/places.h"
#include "api/broker/scan.h"
#include "base/clock.h"
#include "base/log.h"

#define UNOWNED_AFTER USEC_PER_MIN

enum { ASK_MS = 3000 };

/* Also the tokens of the questions. */
static char scheduler[] = "scheduler", consumer[] = "consumer";

static struct scan_owner *owner_of(struct scan *s, const struct broker_unowned *place)
{
    struct uuid id = uuid_named(place_id(place->topic, place->partition), place->group);
    struct scan_owner *known = map_find(&s->owners, id);

    if (known != NULL)
        return known;
    known = xcalloc(1, sizeof *known);
    map_put(&s->owners, id, known);
    return known;
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

/* What the members of a group have, by topic (without the prefix) and partition. */
static void index_owned(const struct scan *s, const struct bus_answer *answer, struct map *ret)
{
    static char owned[] = "owned";
    size_t len = strlen(s->config->prefix);

    for (size_t i = 0; i < answer->owned_count; i++)
        if (text_starts(answer->owned[i].topic, s->config->prefix))
            map_put(ret, place_id(answer->owned[i].topic + len, answer->owned[i].partition), owned);
}

static void note(struct scan *s, struct broker_view *view, const struct map *owned,
                 struct broker_unowned place)
{
    bool is_owned = map_find(owned, place_id(place.topic, place.partition)) != NULL;

    place.since_us = scan_note_owner(s, &place, is_owned, view->at);
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

/*
 * The scheduler is given the commands' partitions, the projection those of all topics but the scheduler's own. Heartbeats are no
 * place of the view: nobody depends on their ends.
 */
void scan_take_members(struct scan *s, struct broker_view *view, const struct bus_answer *answer)
{
    const char *group = answer->token;
    bool is_scheduler = strcmp(group, scheduler) == 0;
    struct map owned = {0};

    index_owned(s, answer, &owned);
    for (size_t i = 0; i < view->place_count; i++) {
        const char *topic = view->places[i].topic;
        struct broker_unowned place = {
            .group = group, .topic = topic, .partition = view->places[i].partition};

        if (is_scheduler ? strcmp(topic, "commands") == 0 : strcmp(topic, "state") != 0)
            note(s, view, &owned, place);
    }
    for (int p = 0; !is_scheduler && p < s->config->partitions; p++)
        note(s, view, &owned,
             (struct broker_unowned){.group = group, .topic = "heartbeats", .partition = p});
    map_clear(&owned);
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

    view->unowned =
        arena_alloc(view->memory, (2 * view->place_count + (size_t)s->config->partitions) *
                                      sizeof *view->unowned);
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
            scan_take_members(s, view, &answer);
            take_owners(s, view, &answer);
        } else {
            log_debug("kafka", "%s", answer.err.text);
        }
    }
}

void scan_clear_owners(struct scan *s)
{
    size_t at = 0;

    for (void *owner; (owner = map_each(&s->owners, &at)) != NULL;)
        free(owner);
    map_clear(&s->owners);
}
