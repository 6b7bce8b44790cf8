/*
 * uuid.h - identities (docs/design: "Identity"; test vectors in schemas/README.md).
 *
 * Every id but workers' event and incarnation ids is computed, so the same thing has the same id on
 * every node and in every replay. Pure, but for uuid_random.
 */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/error.h"

struct uuid {
    uint8_t b[16];
};

enum { UUID_TEXT = 37 }; /* 36 characters and a NUL */

extern const struct uuid UUID_NIL;
extern const struct uuid CRONOBS_NAMESPACE; /* the printed constant of schemas/README.md */

bool uuid_equal(struct uuid a, struct uuid b);
bool uuid_is_nil(struct uuid id);
int uuid_order(struct uuid a, struct uuid b); /* <0, 0, >0: byte order = PostgreSQL's order */
int uuid_version(struct uuid id);
struct uuid uuid_random(void);                            /* version 4 */
struct uuid uuid_named(struct uuid ns, const char *name); /* version 5, SHA-1 */
/* 8-4-4-4-12, any case */
MUST_CHECK enum rc uuid_from_text(const char *text, struct uuid *ret, struct error *err);
const char *uuid_to_text(struct uuid id, char text[UUID_TEXT]); /* lower case; returns text */

struct uuid project_id_of(const char *project_key); /* v5(namespace, "project/" key) */
struct uuid task_id_of(const char *project_key, const char *key); /* v5(project_id, "task/" key) */
/* kind: "instant" (nonce ""), "command" (nonce = text of the command id), "external" (random nonce). Version 8. */
struct uuid execution_id_of(struct uuid task, usec_t scheduled_at, const char *kind,
                            const char *nonce);
/* What a command makes for that instant: kind "command". */
struct uuid commanded_execution_id_of(struct uuid task, usec_t scheduled_at, struct uuid command);
/* the scheduler's events: v5(execution, "<attempt>/<STATUS>") */
struct uuid event_id_of(struct uuid execution, int attempt, const char *status);
/* Of the command by which the end of an execution sets a task off. */
struct uuid chain_command_id_of(struct uuid task, struct uuid parent_execution);
/* What all commands under one Idempotency-Key share. */
struct uuid idempotent_command_id_of(struct uuid task, const char *actor, const char *key);
/* The command itself: that id with the first bytes of a digest of the request in its bytes 8-15. Version 8. */
struct uuid keyed_command_id_of(struct uuid key_id, const uint8_t digest[8]);
bool commands_share_key(struct uuid a, struct uuid b); /* false for random ids */
int64_t execution_id_ms(struct uuid execution);        /* Unix ms of scheduled_at, from bytes 0-5 */

#endif
