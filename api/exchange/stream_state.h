/*
 * stream_state.h - inside streams: who listens, and to what; for streams.c and stream_logs.c.
 */
#ifndef API_EXCHANGE_STREAM_STATE_H
#define API_EXCHANGE_STREAM_STATE_H

#include "api/exchange/streams.h"
#include "store/read_log_ends.h"

struct heard_topic { /* of one client */
    struct topic topic;
    bool is_changed;   /* and not told yet */
    usec_t not_before; /* monotonic: when it may be told again */
    uint64_t beat;     /* of an execution: what was known of its progress; 0: nothing */
    /* of a log: */
    struct log_writer_row writer; /* as far as its log is known; task_id nil: it has not begun */
    int64_t line;                 /* the next one that is told */
    bool is_behind;               /* there are lines */
    bool is_doubtful;             /* there may be: its partition was read on */
};

struct stream_client {
    struct streams *all;
    struct http_exchange *x;
    struct stream_client *next, **link;
    struct heard_topic *topics;
    size_t count, turn; /* turn: of its logs, whose lines are read next */
    usec_t spoke_at;    /* monotonic */
    bool is_greeted;
};

struct streams {
    struct streams_config config;
    struct changes *changes;
    struct loop_timer *tick;
    struct stream_client *first, *turn; /* turn: whose lines are read next; NULL: the first's */
    struct streams_stats stats;
    struct uuid boot;
    bool was_ready, is_ended;
    /* stream_beats.c */
    struct arena *beat_memory; /* of one read */
    bool beats_moved, is_asking_beats;
    /* stream_logs.c */
    struct arena *line_memory, *end_memory; /* of one read */
    /* Whose lines are read, as far as was known of them then, and from which one on. */
    struct log_writer_row reading_writer;
    int64_t reading_from;
    bool is_reading, is_asking, is_pumping;
};

/* --- streams.c --- */

/* False when it had too much waiting: it is told so, and gone. */
bool stream_say(struct stream_client *client, const char *event, const struct buf *data);

/* --- stream_beats.c --- */

/* Asks how far the executions are that somebody listens to, if signs of life have come since; an execution has changed when it
   is further. */
void stream_beats_ask(struct streams *s);

/* --- stream_logs.c --- */

/* Lines may have come, in some partitions or everywhere. */
void stream_logs_moved(struct streams *s, const struct change_set *set, bool everywhere);
/* Asks whether they have, where that is in doubt. */
void stream_logs_ask(struct streams *s);
/* The client has room: reads on if it is behind. */
void stream_logs_room(struct stream_client *client);
void stream_logs_clear(struct streams *s);

#endif
