#include "scheduler/body.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cron/zoneset.h"
#include "model/pack.h"
#include "model/spec_timeline.h"
#include "model/tables.h"

enum {
    UNPACKED_MAX = 1 << 20, /* bytes of a core: what some two thousand tasks need */
    TIMELINE_BYTES = 512,   /* one takes about so much, */
    RULE_GROWTH = 4,        /* and its calendars so many times what they take packed */
};

/* What many tasks say alike. */
struct terms {
    struct bodies *in;
    struct terms *next, *before; /* in bodies.all */
    struct zoneset
        *zones; /* a reference: those it was made under, or others that are the same to it */
    struct unpacked *unpacked;
    uint32_t refs, len;
    bool is_stale;
    bool has_own; /* timelines: each task of them has one of its own */
    char packed[];
};

struct unpacked {
    struct unpacked *next, **owner; /* NULL: it is gone */
    struct task_spec spec;          /* of terms: without what is a task's own */
    const char *topic;              /* terms alone have it */
    struct timeline *timeline;      /* NULL: nobody has asked */
};

/* What hardly two tasks say alike. */
static const struct field own_fields[] = {
    {.name = "key", .type = FIELD_TEXT, .offset = offsetof(struct task_spec, key)},
    {.name = "title", .type = FIELD_TEXT, .offset = offsetof(struct task_spec, title)},
    {.name = "description", .type = FIELD_TEXT, .offset = offsetof(struct task_spec, description)},
    {.name = "labels", .type = FIELD_PAIRS, .offset = offsetof(struct task_spec, labels)},
    {.name = "payload", .type = FIELD_BYTES, .offset = offsetof(struct task_spec, payload)},
    {.name = NULL},
};
static const struct record_type own_type = {.fields = own_fields};

/* --- all of a core --- */

void bodies_init(struct bodies *in, const struct core_env *env)
{
    *in = (struct bodies){.env = env, .memory = arena_new(0)};
}

static void cool(struct bodies *in)
{
    for (struct unpacked *u = in->first; u != NULL; u = u->next) {
        if (u->owner != NULL)
            *u->owner = NULL;
        timeline_free(u->timeline);
    }
    in->first = NULL;
    in->weight = 0;
    arena_reset(in->memory);
}

void bodies_cool(struct bodies *in)
{
    if (in->weight > UNPACKED_MAX)
        cool(in);
}

void bodies_clear(struct bodies *in)
{
    cool(in);
    map_clear(&in->terms);
    arena_free(in->memory);
    buf_clear(&in->packing);
}

static struct unpacked *unpacked_new(struct bodies *in, struct unpacked **owner)
{
    struct unpacked *u = arena_alloc(in->memory, sizeof *u);

    u->next = in->first;
    u->owner = owner;
    in->first = *owner = u;
    in->weight += sizeof *u;
    return u;
}

static void let_go(struct unpacked *u)
{
    if (u != NULL)
        u->owner = NULL;
}

/* --- terms --- */

static struct uuid key_of(const char *packed, size_t len)
{
    uint64_t halves[2] = {fnv1a(packed, len, 0), fnv1a(packed, len, 1)};
    struct uuid key;

    memcpy(key.b, halves, sizeof key.b);
    return key;
}

static struct terms *terms_new(struct bodies *in, const struct task_spec *spec)
{
    size_t len = in->packing.len;
    struct terms *t = xcalloc(1, sizeof *t + len);

    t->in = in;
    t->zones = zoneset_ref(in->env->zones);
    t->refs = 1;
    t->len = (uint32_t)len;
    t->has_own = spec_timeline_is_own(spec);
    memcpy(t->packed, in->packing.data, len);
    t->next = in->all;
    if (t->next != NULL)
        t->next->before = t;
    in->all = t;
    map_put(&in->terms, key_of(t->packed, len), t);
    return t;
}

/* What many may say alike: the spec, and nothing in place of its own. */
static void pack_shared(struct bodies *in, const struct task_spec *spec)
{
    static const struct task_spec nothing;
    struct task_spec shared = *spec;

    buf_reset(&in->packing);
    record_pack(&own_type, &nothing, &in->packing);
    record_unpack(&own_type, in->packing.data, in->memory, &shared);
    buf_reset(&in->packing);
    record_pack(&task_spec_type, &shared, &in->packing);
}

/* Two that say different things under one key do not share: the newer one has the place. */
static struct terms *terms_of(struct bodies *in, const struct task_spec *spec)
{
    struct terms *t;

    pack_shared(in, spec);
    t = map_find(&in->terms, key_of(in->packing.data, in->packing.len));
    if (t == NULL || t->zones != in->env->zones ||
        !bytes_equal((struct bytes){t->packed, t->len}, buf_bytes(&in->packing)))
        return terms_new(in, spec);
    t->refs++;
    return t;
}

static void terms_free(struct terms *t)
{
    struct uuid key;

    if (--t->refs > 0)
        return;
    key = key_of(t->packed, t->len);
    if (map_find(&t->in->terms, key) == t)
        (void)map_remove(&t->in->terms, key);
    if (t->before != NULL)
        t->before->next = t->next;
    else
        t->in->all = t->next;
    if (t->next != NULL)
        t->next->before = t->before;
    let_go(t->unpacked);
    zoneset_free(t->zones);
    free(t);
}

static const char *topic_of_queue(const struct bodies *in, const char *queue)
{
    static const char middle[] = "executions.";
    size_t before = strlen(in->env->prefix), after = strlen(queue);
    char *topic = arena_alloc(in->memory, before + sizeof middle + after);

    memcpy(topic, in->env->prefix, before);
    memcpy(topic + before, middle, sizeof middle - 1);
    memcpy(topic + before + sizeof middle - 1, queue, after);
    return topic;
}

static struct unpacked *unpack_terms(struct terms *t)
{
    struct unpacked *u = t->unpacked;

    if (u != NULL)
        return u;
    u = unpacked_new(t->in, &t->unpacked);
    record_unpack(&task_spec_type, t->packed, t->in->memory, &u->spec);
    u->topic = topic_of_queue(t->in, u->spec.queue);
    t->in->weight += t->len;
    return u;
}

/* --- other rules for zones --- */

static int order_names(const void *name, const void *one)
{
    return strcmp(name, *(const char *const *)one);
}

static bool has_name(const char *zone, const char *const *names, size_t count)
{
    return zone != NULL && bsearch(zone, names, count, sizeof *names, order_names) != NULL;
}

static bool names_one_of(struct terms *t, const char *const *names, size_t count)
{
    const struct task_spec *spec = &unpack_terms(t)->spec;
    SCOPED(timeline) struct timeline *timeline = NULL;

    if (spec->window != NULL && has_name(spec->window->zone, names, count))
        return true;
    if (spec_timeline(spec, UUID_NIL, t->zones, &timeline, NULL) != RC_OK)
        return false;
    for (size_t i = 0; i < timeline_schedules(timeline); i++)
        if (has_name(schedule_zone(timeline_schedule(timeline, i)), names, count))
            return true;
    return false;
}

void bodies_rezone(struct bodies *in, const char *const *names, size_t count)
{
    for (struct terms *t = in->all; t != NULL; bodies_cool(in), t = t->next) {
        t->is_stale = t->is_stale || (count > 0 && names_one_of(t, names, count));
        if (t->is_stale)
            continue;
        zoneset_free(t->zones);
        t->zones = zoneset_ref(in->env->zones);
    }
}

bool body_is_stale(const struct body *b)
{
    return b->terms->is_stale;
}

/* --- bodies --- */

struct body *body_pack(struct bodies *in, struct uuid task, const struct task_spec *spec)
{
    struct terms *terms = terms_of(in, spec);
    struct body *b;

    buf_reset(&in->packing);
    if (terms->has_own)
        buf_add(&in->packing, task.b, sizeof task.b);
    record_pack(&own_type, spec, &in->packing);
    b = xcalloc(1, offsetof(struct body, packed) + in->packing.len);
    b->terms = terms;
    b->refs = 1;
    memcpy(b->packed, in->packing.data, in->packing.len);
    return b;
}

struct body *body_keep(struct body *b)
{
    b->refs++;
    return b;
}

void body_free(struct body *b)
{
    if (b == NULL || --b->refs > 0)
        return;
    let_go(b->unpacked);
    terms_free(b->terms);
    free(b);
}

static struct unpacked *unpack(struct body *b)
{
    struct terms *t = b->terms;
    struct unpacked *u = b->unpacked;

    if (u != NULL)
        return u;
    u = unpacked_new(t->in, &b->unpacked);
    u->spec = unpack_terms(t)->spec;
    record_unpack(&own_type, b->packed + (t->has_own ? sizeof(struct uuid) : 0), t->in->memory,
                  &u->spec);
    t->in->weight += u->spec.labels.count * sizeof *u->spec.labels.items;
    return u;
}

const struct task_spec *body_spec(struct body *b)
{
    return &unpack(b)->spec;
}

const char *body_topic(struct body *b)
{
    return unpack_terms(b->terms)->topic;
}

static enum rc read_timeline(struct body *b, const struct timeline **ret, struct error *err)
{
    struct terms *t = b->terms;
    struct unpacked *u = t->has_own ? unpack(b) : unpack_terms(t);
    struct uuid task = UUID_NIL;

    if (u->timeline == NULL) {
        if (t->has_own)
            memcpy(task.b, b->packed, sizeof task.b);
        TRY(spec_timeline(&u->spec, task, t->zones, &u->timeline, err));
        t->in->weight += TIMELINE_BYTES + RULE_GROWTH * (size_t)t->len;
    }
    *ret = u->timeline;
    return RC_OK;
}

enum rc body_check(struct body *b, struct error *err)
{
    const struct timeline *timeline;

    return read_timeline(b, &timeline, err);
}

const struct timeline *body_timeline(struct body *b)
{
    const struct timeline *timeline = NULL;

    return read_timeline(b, &timeline, NULL) == RC_OK ? timeline : NULL;
}

enum rc body_new(struct bodies *in, struct uuid task, const struct task_spec *spec,
                 struct body **ret, struct error *err)
{
    SCOPED(body) struct body *b = body_pack(in, task, spec);

    TRY(body_check(b, err));
    *ret = TAKE(b);
    return RC_OK;
}
