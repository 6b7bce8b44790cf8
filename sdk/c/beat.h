/*
 * beat.h - the signs of life of one job: when the next is due, and what it says. Pure; under the lock of the mailbox.
 *
 * One at a time is on its way, so that none heap up while the brokers are away (the last word waits for none); one that gets
 * lost is not repeated, but what is known of the progress is in the next. No clock: ticks are arguments.
 */
#ifndef SDK_BEAT_H
#define SDK_BEAT_H

#include "base/util.h"
#include "model/records.h"

enum {
    BEAT_MIN_MS = 1000, /* whatever an execution asks for */
    BEAT_MAX_MS = 86400 * 1000,
    BEAT_NEWS_US = 1000 * 1000, /* progress is told so often */
};

struct beat {
    usec_t every;            /* 0: only when there is news */
    struct opt_int progress; /* percent */
    char *message;           /* NULL: none */
    bool has_news, is_fresh; /* is_fresh: it was never sent */
    int in_flight;           /* one, and the last one beside it */
    usec_t next_at, news_at; /* not before */
    usec_t told_at;          /* when the brokers had the last one; at first when it began */
    usec_t lost_after;       /* 0: nobody asks for them */
};

/* asked_ms: the execution's heartbeat_ms; own_ms: the worker's. 0: none. */
void beat_init(struct beat *b, int64_t asked_ms, int64_t own_ms);
void beat_clear(struct beat *b);
void beat_start(struct beat *b, usec_t tick); /* from now on */
/* Takes `message` over; progress not set: what was said last stays. */
void beat_note(struct beat *b, struct opt_int progress, char *message);
/* The tick at which one is due; USEC_MAX: none. The last word is not held back. */
usec_t beat_wake(const struct beat *b, bool is_ending);
void beat_sent(struct beat *b, usec_t tick);
void beat_answered(struct beat *b, bool is_delivered);
void beat_told(struct beat *b, usec_t tick); /* the brokers have it */
/* They have had none for three times as long as is asked for. */
bool beat_is_lost(const struct beat *b, usec_t tick);

#endif
