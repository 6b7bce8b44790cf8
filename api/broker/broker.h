/*
 * broker.h - what the API knows about the broker: queues, ends of partitions, partitions that
 * stand still.
 *
 * Questions to the broker block, so a thread of its own asks them: every few seconds while
 * somebody looks, else twice a minute. It shares nothing but two lists under a lock: requests one
 * way, answers the other.
 */
#ifndef API_BROKER_BROKER_H
#define API_BROKER_BROKER_H

#include "base/arena.h"
#include "base/map.h"
#include "loop/loop.h"

struct broker;

struct broker_config {
    const char *brokers, *prefix;
    int partitions;
    int queues_max;       /* there may be, for broker_make_queue to make one more */
    int replication;      /* of queues that are made; 0: the brokers' default */
    usec_t stalled_after; /* 2 x transaction.timeout */
    /* The topics break a promise: nothing may be written. Called on the loop's thread, once. */
    void (*on_wrong)(void *ctx, const struct error *err);
    void *ctx;
};

struct broker_place {
    const char *topic; /* without the prefix */
    int partition;
    int64_t end;         /* last stable offset: what a reader of committed records can reach */
    usec_t stalled_us;   /* how long it has stood still below the high watermark; 0: it does not */
    bool is_unreachable; /* nobody leads it, its broker is away, or it lacks replicas in sync */
};

struct broker_unowned {        /* a partition that no member of its group has */
    const char *group, *topic; /* "scheduler" or "consumer"; without the prefix */
    int partition;
    usec_t since_us; /* for how long */
};

struct broker_owner {             /* who works on a partition: its instance */
    const char *group, *instance; /* "scheduler" or "consumer" */
    int partition;
};

/* The workers of a queue, as they call it unless they are told otherwise. */
struct broker_group {
    const char *name;
    int members; /* -1: not known */
    int64_t lag; /* offsets, marks of transactions among them; -1: not known */
};

struct broker_watermark { /* how far a scheduler has decided */
    int partition;
    usec_t due, written_at; /* decided up to there; when it said so, on the broker's clock */
    const char *tzdata, *writer;
};

struct broker_retention {       /* of a topic, as it is set there */
    const char *topic, *policy; /* without the prefix */
    int64_t ms;                 /* -1: for ever */
};

struct broker_view {      /* as of `at` */
    struct arena *memory; /* all of it */
    usec_t at;            /* monotonic */
    /* rc RC_OK, or why the broker could not be asked: the rest is then older or empty */
    struct error err;
    const char **queues; /* sorted */
    size_t queue_count;
    struct broker_place *places;
    size_t place_count;
    struct map index;               /* of places, for broker_view_find */
    struct broker_unowned *unowned; /* for a minute or longer */
    size_t unowned_count;
    struct broker_owner *owners; /* as far as they are known */
    size_t owner_count;
    /* These only while somebody asks for the whole (broker_look_whole), and as far as they are known by then. */
    struct broker_group *groups; /* one for each of `queues`; NULL: none is known */
    struct broker_watermark *watermarks;
    size_t watermark_count;
    struct broker_retention *retentions;
    size_t retention_count;
    bool is_partial; /* not all partitions have answered */
    bool is_checked; /* the topics are as they have to be */
};

MUST_CHECK enum rc broker_new(struct loop *loop, const struct broker_config *config,
                              struct broker **ret, struct error *err);
/* Waits for the question under way; requests are answered with RC_RETRY. NULL is fine. */
void broker_free(struct broker *b);

/* The newest view; NULL before the first. Borrowed until the loop's next turn. */
const struct broker_view *broker_view(const struct broker *b);
/* The same for somebody who wants it fresh: keeps it so for a minute. */
const struct broker_view *broker_look(struct broker *b);
/* The same, and what costs more to find out: who reads the queues, what the schedulers have decided. */
const struct broker_view *broker_look_whole(struct broker *b);

/* Of a view's places one; NULL: there is none. After they were listed, broker_view_index makes it possible. */
void broker_view_index(struct broker_view *view);
struct broker_place *broker_view_find(const struct broker_view *view, const char *topic,
                                      int partition);

bool broker_has_queue(const struct broker_view *view, const char *queue);

/* Makes the queue's topic unless it is there; RC_CONFLICT: there are too many. */
typedef void (*broker_made_fn)(void *ctx, const struct error *err); /* err->rc RC_OK: it is there */
void broker_make_queue(struct broker *b, const char *queue, broker_made_fn fn, void *ctx);

DEFINE_SCOPED(broker, struct broker, broker_free)

#endif
