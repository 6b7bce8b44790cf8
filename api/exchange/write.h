/*
 * write.h - a command on its way: into the log, and, if the caller waits, to its outcome.
 *
 * Reads the request's header fields: Idempotency-Key, If-Match, If-None-Match, Prefer. Answers
 * 202 with Location once the log has the command; with `Prefer: wait=N` 200 or 201 or the
 * refusal, as soon as the projection shows the outcome. Whether the task exists is the
 * scheduler's business: nothing is looked up here. A task that is saved is answered with what its
 * schedules have to say as well (schedule_notes.h).
 */
#ifndef API_EXCHANGE_WRITE_H
#define API_EXCHANGE_WRITE_H

#include "api/exchange/answer.h"

/* The command is the caller's but for command_id, actor and expected_revision; it lives in
   http_memory(x). */
void write_command(struct api *api, struct http_exchange *x, struct command *command);

#endif
