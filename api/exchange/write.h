/*
 * write.h - a command on its way: into the log, and, if the caller waits, to its outcome.
 *
 * Reads the request's header fields: Idempotency-Key, If-Match, If-None-Match, Prefer. Answers
 * 202 with Location once the log has the command; with `Prefer: wait=N` 200 or 201 or the
 * refusal, as soon as the projection shows the outcome. Whether the task exists is the
 * scheduler's business: nothing is looked up here. A task that is saved is answered with what its
 * schedules have to say as well (schedule_notes.h).
 *
 * A change depends on what the task is: that is read from the tables, and the command expects the revision that was read. The
 * scheduler refuses it when there is another one by then, and the change is made anew of that. So a change waits for its outcome,
 * `Prefer` or not, for 10 s.
 */
#ifndef API_EXCHANGE_WRITE_H
#define API_EXCHANGE_WRITE_H

#include "api/exchange/answer.h"
#include "api/exchange/conditions.h"

/* The command is the caller's but for command_id, actor and expected_revision; it lives in
   http_memory(x). */
void write_command(struct api *api, struct http_exchange *x, struct command *command);

/* The same, unless the tables speak against it (objection->rc is not RC_OK): then that is answered, or, if the same request was
   sent before, what came of it. */
void write_command_unless(struct api *api, struct http_exchange *x, struct command *command,
                          const struct error *objection);

/*
 * For a dry run: reads the header fields as a write would, and sends nothing. The command gets the id that it would have: that of
 * the Idempotency-Key; nil without one, since nobody knows it before. RC_INVALID: a field is wrong.
 */
MUST_CHECK enum rc write_rehearse(struct http_exchange *x, struct command *command,
                                  struct conditions *ret, struct error *err);

/* Fills the command's body for the task as it is. RC_INVALID: what would come of it is wrong. */
typedef enum rc (*write_make_fn)(struct api *api, struct http_exchange *x,
                                 const struct task_row *task, struct command *command,
                                 struct error *err);

/* `request`: what is asked for, equal for equal requests. Both live in http_memory(x). */
void write_change(struct api *api, struct http_exchange *x, struct command *command,
                  struct bytes request, write_make_fn make);

/* What a refusal of such a command means in HTTP; err: why, and the way out. */
enum problem_kind write_refusal(enum command_kind kind, const struct command_view *v,
                                const struct conditions *conditions, struct error *err);

/* Nothing is sent: no revision has such a tag; the task is at another revision (0: there is none). */
void write_answer_no_match(struct http_exchange *x, const struct conditions *conditions);
void write_answer_stale(struct http_exchange *x, const struct conditions *conditions,
                        int32_t revision);

#endif
