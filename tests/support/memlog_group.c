/*
 * Groups: eager rebalances with the range assignor, sessions, static members, as Kafka's classic protocol has them.
 *
 * A rebalance begins when a member joins, leaves or outlives its session. Each living member gives up what
 * it has at its next poll and joins again; a silent one holds it up until its session is over. Then a new
 * generation begins, and each member is told its part. A static member that comes back while it is still
 * remembered takes its old place without a rebalance, and fences its former self.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <regex.h>

#include "support/memlog_state.h"

struct group *memlog_group(struct memlog *m, const char *name)
{
    for (size_t i = 0; i < m->group_count; i++)
        if (strcmp(m->groups[i]->name, name) == 0)
            return m->groups[i];
    m->groups = array_grow(m->groups, m->group_count, &m->group_capacity, sizeof *m->groups);
    m->groups[m->group_count] = xcalloc(1, sizeof **m->groups);
    m->groups[m->group_count]->name = xstrdup(name);
    return m->groups[m->group_count++];
}

static void free_texts(char **texts)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++)
        free(texts[i]);
    free(texts);
}

static char **copy_texts(char *const *texts)
{
    size_t count = 0;
    char **copy;

    while (texts[count] != NULL)
        count++;
    copy = xcalloc(count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = xstrdup(texts[i]);
    return copy;
}

static void free_member(struct member *member)
{
    if (member->consumer != NULL)
        member->consumer->member = NULL;
    free(member->instance);
    free_texts(member->topics);
    free(member);
}

void memlog_free_groups(struct memlog *m)
{
    for (size_t i = 0; i < m->group_count; i++) {
        for (size_t n = 0; n < m->groups[i]->count; n++)
            free_member(m->groups[i]->members[n]);
        free(m->groups[i]->members);
        free(m->groups[i]->name);
        free(m->groups[i]);
    }
    free(m->groups);
}

static void begin_rebalance(struct group *g)
{
    g->is_rebalancing = true;
    for (size_t i = 0; i < g->count; i++) {
        g->members[i]->has_joined = false;
        g->members[i]->has_news = false;
    }
}

static bool matches(char *const *topics, const char *name)
{
    for (size_t i = 0; topics[i] != NULL; i++) {
        regex_t pattern;
        bool found;

        if (topics[i][0] != '^') {
            if (strcmp(topics[i], name) == 0)
                return true;
            continue;
        }
        if (regcomp(&pattern, topics[i], REG_EXTENDED | REG_NOSUB) != 0)
            abort();
        found = regexec(&pattern, name, 0, NULL, 0) == 0;
        regfree(&pattern);
        if (found)
            return true;
    }
    return false;
}

void memlog_topics_changed(struct memlog *m)
{
    for (size_t i = 0; i < m->group_count; i++)
        for (size_t n = 0; n < m->groups[i]->count; n++)
            for (size_t t = 0; m->groups[i]->members[n]->topics[t] != NULL; t++)
                if (m->groups[i]->members[n]->topics[t][0] == '^')
                    begin_rebalance(m->groups[i]);
}

/* --- joining and leaving --- */

static int by_instance(const void *a, const void *b)
{
    return strcmp((*(struct member *const *)a)->instance, (*(struct member *const *)b)->instance);
}

static struct member *add_member(struct group *g, const struct mem_consumer *c, long id)
{
    struct member *member = xcalloc(1, sizeof *member);

    member->instance =
        c->is_static ? xstrdup(c->bus->instance) : xasprintf("%s#%08ld", c->bus->instance, id);
    member->is_static = c->is_static;
    member->topics = copy_texts(c->topics);
    g->members = array_grow(g->members, g->count, &g->capacity, sizeof *g->members);
    g->members[g->count++] = member;
    qsort(g->members, g->count, sizeof *g->members, by_instance);
    begin_rebalance(g);
    return member;
}

static struct member *find_static(const struct group *g, const char *instance)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->members[i]->is_static && strcmp(g->members[i]->instance, instance) == 0)
            return g->members[i];
    return NULL;
}

void memlog_join(struct mem_consumer *c)
{
    struct memlog *m = c->bus->log;
    struct member *member = c->is_static ? find_static(c->group, c->bus->instance) : NULL;
    long id = ++m->last_member_id;

    if (member == NULL)
        member = add_member(c->group, c, id);
    else if (!c->group->is_rebalancing)
        member->has_news = true; /* its old place */
    if (member->consumer != NULL) {
        member->consumer->is_fenced = true;
        member->consumer->member = NULL;
    }
    member->id = id;
    member->consumer = c;
    member->is_frozen = false;
    member->session = c->bus->session;
    c->member = member;
}

static void remove_member(struct group *g, size_t at)
{
    free_member(g->members[at]);
    memmove(&g->members[at], &g->members[at + 1], (g->count - at - 1) * sizeof(struct member *));
    g->count--;
    begin_rebalance(g);
}

void memlog_leave(struct mem_consumer *c, bool at_once)
{
    struct member *member = c->member;

    c->member = NULL;
    if (member == NULL)
        return;
    member->consumer = NULL;
    member->silent_since = c->bus->log->now;
    for (size_t i = 0; at_once && !member->is_static && i < c->group->count; i++)
        if (c->group->members[i] == member) {
            remove_member(c->group, i);
            return;
        }
}

static bool is_silent(const struct member *member)
{
    return member->consumer == NULL || member->is_frozen;
}

void memlog_end_sessions(struct memlog *m)
{
    for (size_t i = 0; i < m->group_count; i++)
        for (size_t n = m->groups[i]->count; n-- > 0;) {
            const struct member *member = m->groups[i]->members[n];

            if (is_silent(member) && m->now - member->silent_since > member->session)
                remove_member(m->groups[i], n);
        }
}

static void set_frozen(struct memlog *m, const char *instance, bool is_frozen)
{
    for (size_t i = 0; i < m->group_count; i++)
        for (size_t n = 0; n < m->groups[i]->count; n++) {
            struct member *member = m->groups[i]->members[n];

            if (member->consumer == NULL || strcmp(member->consumer->bus->instance, instance) != 0)
                continue;
            member->is_frozen = is_frozen;
            member->silent_since = m->now;
        }
}

void memlog_freeze(struct memlog *m, const char *instance)
{
    set_frozen(m, instance, true);
}

void memlog_thaw(struct memlog *m, const char *instance)
{
    set_frozen(m, instance, false);
}

/* --- rebalancing --- */

static bool all_have_joined(const struct group *g)
{
    for (size_t i = 0; i < g->count; i++)
        if (!g->members[i]->has_joined)
            return false;
    return true;
}

static void give_up(struct mem_consumer *c, bool lost, struct bus_event *ret)
{
    *ret = (struct bus_event){.kind = BUS_REVOKED, .lost = lost, .topic = ""};
    memlog_set_positions(c, NULL, 0);
    c->metadata_id = 0;
}

/* Consecutive partitions of each topic to each member, the first ones get one more. */
static size_t range_of(const struct mem_consumer *c, const struct topic *t, int *ret_first)
{
    const struct group *g = c->group;
    int members = 0, place = -1, share, rest;

    for (size_t i = 0; i < g->count; i++) {
        if (!matches(g->members[i]->topics, t->shape.name))
            continue;
        if (g->members[i] == c->member)
            place = members;
        members++;
    }
    if (place < 0)
        return 0;
    share = t->shape.partitions / members;
    rest = t->shape.partitions % members;
    *ret_first = place * share + MIN(place, rest);
    return (size_t)(share + (place < rest ? 1 : 0));
}

static void tell_assignment(struct mem_consumer *c, struct bus_event *ret)
{
    const struct memlog *m = c->bus->log;
    size_t count = 0;

    for (size_t i = 0; i < m->topic_count; i++) {
        int first = 0;
        size_t share = range_of(c, m->topics[i], &first);

        c->shown = xrealloc(c->shown, count + share + 1, sizeof *c->shown);
        for (size_t n = 0; n < share; n++)
            c->shown[count++] = (struct bus_position){.topic = m->topics[i]->shape.name,
                                                      .partition = first + (int)n};
    }
    c->metadata_id = c->member->id;
    c->metadata_generation = c->group->generation;
    *ret = (struct bus_event){
        .kind = BUS_ASSIGNED, .topic = "", .positions = c->shown, .position_count = count};
}

bool memlog_group_news(struct mem_consumer *c, struct bus_event *ret)
{
    struct group *g = c->group;
    bool had = c->metadata_id != 0;

    if (c->member == NULL) { /* its session is over: it joins again as somebody new */
        memlog_join(c);
        if (had) {
            give_up(c, true, ret);
            return true;
        }
    }
    if (g->is_rebalancing && !c->member->has_joined) {
        c->member->has_joined = true;
        if (had) {
            give_up(c, false, ret);
            return true;
        }
    }
    if (g->is_rebalancing && all_have_joined(g)) {
        g->is_rebalancing = false;
        g->generation++;
        for (size_t i = 0; i < g->count; i++)
            g->members[i]->has_news = true;
    }
    if (!c->member->has_news)
        return false;
    c->member->has_news = false;
    tell_assignment(c, ret);
    return true;
}

bool memlog_is_current(const struct mem_consumer *c)
{
    return c->metadata_id != 0 && c->member != NULL && c->member->id == c->metadata_id &&
           c->metadata_generation == c->group->generation;
}
