/*
 * body.h - what a revision says: its spec, its timeline, the topic of its queue.
 *
 * Immutable, but for who has it: the task while it is the newest, and each open execution that was made under it, since a
 * further attempt is sent as the first one was. Once it is not the newest any more and still has some, it has a record of its
 * own in `state`.
 *
 * There may be a million. So a body is packed (model/pack.h), and what many tasks say alike, its terms, is kept once for all of them:
 * everything but key, title, description, labels and payload. It is unpacked when somebody asks, and stays so until
 * bodies_cool finds that too much is. A timeline is read by the zones there were when the body was made, whenever that is; it is the
 * terms' own unless it depends on the task.
 */
#ifndef SCHEDULER_BODY_H
#define SCHEDULER_BODY_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "cron/timeline.h"
#include "model/records.h"
#include "scheduler/core.h"

struct bodies { /* all of a core */
    const struct core_env *env;
    struct map terms;       /* by a hash of what they say: the newest that say it */
    struct terms *all;      /* a list: older ones, by other zones, have bodies too */
    struct arena *memory;   /* of what is unpacked */
    struct unpacked *first; /* a list of it */
    size_t weight;          /* bytes it takes, about */
    struct buf packing;     /* one at a time */
};

struct body {
    struct terms *terms;       /* a reference */
    struct unpacked *unpacked; /* NULL: nobody has asked for a while */
    int32_t refs;
    int32_t since; /* the revision that brought it */
    bool is_kept;  /* in that record */
    char packed[]; /* the task's id, if its timeline depends on it; what is its own */
};

void bodies_init(struct bodies *in, const struct core_env *env);
void bodies_clear(struct bodies *in); /* when all bodies are gone */

/* Where more is unpacked than a few thousand need, all of it is dropped: specs, topics and timelines that bodies have told. */
void bodies_cool(struct bodies *in);

/* The zones of these names, sorted, have other clocks in env->zones: what names none of them goes by the new ones from now on; count 0:
   no zone has. */
void bodies_rezone(struct bodies *in, const char *const *names, size_t count);
bool body_is_stale(const struct body *b); /* it goes by the clocks of before */

/* RC_INVALID: a schedule that cannot be parsed, or none of several ever fires. The reference is the caller's. */
MUST_CHECK enum rc body_new(struct bodies *in, struct uuid task, const struct task_spec *spec,
                            struct body **ret, struct error *err);
/* Whatever its schedules are. */
struct body *body_pack(struct bodies *in, struct uuid task, const struct task_spec *spec);
MUST_CHECK enum rc body_check(struct body *b, struct error *err); /* what body_new would say */
struct body *body_keep(struct body *b);                           /* one reference more */
void body_free(struct body *b);                                   /* one less; NULL is fine */

/* These live until bodies_cool: a plan may keep them as long as it lives. */
const struct task_spec *body_spec(struct body *b);
const char *body_topic(struct body *b);
/* NULL: its zone is gone (only of deleted tasks, after a restore) */
const struct timeline *body_timeline(struct body *b);

DEFINE_SCOPED(body, struct body, body_free)

#endif
