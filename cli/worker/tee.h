/*
 * tee.h - what a command prints, printed once more on one of our own descriptors, byte for byte.
 *
 * A write happens only when poll has said that there is room, and takes no more than a pipe then has: it never waits. While something
 * waits the command's pipe is not read, so that a reader who is slow slows the command down, as without us.
 */
#ifndef CLI_WORKER_TEE_H
#define CLI_WORKER_TEE_H

#include <poll.h>

#include "base/buf.h"

struct tee {
    int fd; /* -1: nowhere */
    struct buf waiting;
    size_t written; /* of `waiting` */
};

void tee_clear(struct tee *t);
void tee_take(struct tee *t, const char *bytes, size_t len);
bool tee_is_busy(const struct tee *t);
struct pollfd tee_watch(const struct tee *t);
/* Poll has said so. False: nobody reads there any more, and what waits is dropped. */
bool tee_write(struct tee *t);

#endif
