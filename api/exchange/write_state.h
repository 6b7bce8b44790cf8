/*
 * write_state.h - inside write: a command on its way, and what it is answered.
 */
#ifndef API_EXCHANGE_WRITE_STATE_H
#define API_EXCHANGE_WRITE_STATE_H

#include "api/exchange/write.h"

struct write {
    struct api *api;
    struct http_exchange *x;
    struct command *command;
    struct conditions conditions;
    write_make_fn make;            /* NULL: the command does not depend on the task */
    struct bytes request;          /* with make */
    const struct error *objection; /* NULL: none */
    const char *key;               /* Idempotency-Key; NULL: none */
    struct uuid key_id;
    uint8_t digest[SHA256_SIZE]; /* of the request */
    enum key_state known;        /* what this process remembers */
    int wait_s;
    int tries;
    const struct command_view *outcome; /* while it is read what was sent before */
    bool has_made_queue;                /* or tried to */
    struct bytes frame;                 /* in the exchange's memory */
    uint32_t absent;                    /* of what a task sets off: chain_check.h */
};

/* Is its body known? Of a change that was asked for before, only what came of it is. */
bool write_is_made(const struct write *w);

void write_name_command(struct write *w); /* in the answer's head */

/* What came of it: not known yet, accepted, rejected. */
void write_answer_pending(struct write *w);
void write_answer_accepted(struct write *w, const struct command_view *v);
void write_answer_rejected(struct write *w, const struct command_view *v);

#endif
