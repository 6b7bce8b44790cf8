/*
 * scan.h - on the broker's thread: one look at queues and partitions, and what stood still
 * since the last one.
 */
#ifndef API_BROKER_SCAN_H
#define API_BROKER_SCAN_H

#include "api/broker/broker.h"
#include "bus/ends.h"
#include "bus/topics.h"

struct scan_place {
    int64_t stable; /* the last stable offset while something is behind it; -1: all can be read */
    usec_t since;   /* monotonic: so it is since */
    int misses;     /* looks in a row that it has not answered */
};

struct scan_owner {
    usec_t since; /* monotonic: nobody has it since; 0: somebody has */
};

struct scan_group { /* of the workers of a queue */
    char *queue, *name;
    int members; /* -1: not known */
    int64_t lag;
    usec_t at; /* monotonic: of the last answer; 0: none */
};

struct scan_mark { /* the newest Watermark of a partition */
    usec_t due, written_at;
    char *tzdata, *writer;
    bool is_known;
};

struct scan {
    const struct broker_config *config;
    struct bus *bus;
    struct bus_admin *admin;
    struct ends *ends;
    /* struct scan_place by topic and partition, struct scan_owner by group too: of all that were ever seen */
    struct map places, owners;
    bool is_whole;              /* groups, watermarks, retentions are wanted, too */
    struct scan_group **groups; /* each on its own: they are tokens of questions */
    size_t group_count, group_capacity, next_group;
    struct bus_consumer *tails;          /* of state; NULL: not yet */
    struct scan_mark *marks;             /* [partitions] */
    struct broker_retention *retentions; /* texts are the rules' */
    size_t retention_count;
    usec_t retentions_at; /* monotonic: when they are read again */
    bool is_checked, is_wrong;
    usec_t missing_since, tell_at; /* monotonic: topics are missing; 0: not */
};

MUST_CHECK enum rc scan_open(struct scan *s, struct error *err);
void scan_clear(struct scan *s);

/* Everything anew; the view is the caller's (broker_view_free). */
struct broker_view *scan_look(struct scan *s, usec_t now);
void broker_view_free(struct broker_view *view); /* NULL is fine */

/* Pure: an observation of one partition of `topic` (without the prefix). Answers how long something has been seen behind a
   last stable offset that does not move; 0: nothing is there, or it was seen for the first time. */
usec_t scan_note(struct scan *s, const char *topic, const struct ends_answer *seen, usec_t now);

/* owners.c: fills view->unowned. */
void scan_look_at_owners(struct scan *s, struct broker_view *view);
void scan_clear_owners(struct scan *s);

/* groups.c: fills view->groups; takes an answer about one of them, true if it is. */
void scan_look_at_groups(struct scan *s, struct broker_view *view);
bool scan_take_group(struct scan *s, const struct broker_view *view,
                     const struct bus_answer *answer);
void scan_clear_groups(struct scan *s);

/* marks.c: fills view->watermarks; view->retentions. */
void scan_look_at_marks(struct scan *s, struct broker_view *view);
void scan_look_at_retentions(struct scan *s, struct broker_view *view);
void scan_clear_marks(struct scan *s);

/* How far a group is behind in a queue: ends less what it has stored. -1: not known. Pure. */
int64_t scan_lag(const struct broker_view *view, const char *topic,
                 const struct bus_answer *stored);

/* Pure: what the members of the group `answer->token`, "scheduler" or "consumer", have; adds to view->unowned, which has room. */
void scan_take_members(struct scan *s, struct broker_view *view, const struct bus_answer *answer);

/* Pure: whether somebody has a partition. Answers for how long nobody has been seen to have it; 0: somebody has, or it was seen
   for the first time. */
usec_t scan_note_owner(struct scan *s, const struct broker_unowned *place, bool is_owned,
                       usec_t now);

#endif
