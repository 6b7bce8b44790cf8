/*
 * bind.h - request JSON into records, by the tables of model/tables.h: what the wire has no field
 * for is refused.
 *
 * The record is filled beforehand with what absent members mean; members that are there replace
 * it. Names, types and ranges are complaints with a JSON pointer; whether the values make sense
 * is model/spec.h's.
 */
#ifndef API_EXCHANGE_BIND_H
#define API_EXCHANGE_BIND_H

#include "base/arena.h"
#include "http/json_read.h"
#include "model/tables.h"

/* Bytes NAME may be given as NAME<suffix>, in base64. */
#define BIND_BASE64 "_base64"

/* Texts are borrowed from the document, all else lives in memory. */
MUST_CHECK enum rc bind_record(const struct json_node *object, const struct record_type *type,
                               struct arena *memory, void *record, struct error *err);

/* The same for the body of an action, which may also hold "reason". An empty request body is an
   empty object. */
MUST_CHECK enum rc bind_action(struct bytes body, const struct record_type *type,
                               struct arena *memory, void *record, const char **ret_reason,
                               struct error *err);

/* The spec of a task from JSON: as a request has it, or as the database keeps it. Owned by
   memory. */
MUST_CHECK enum rc bind_spec(struct bytes json, struct arena *memory, struct task_spec **ret,
                             struct error *err);

/* What a PutTask asked for, from the command as the database keeps it. Owned by memory. */
MUST_CHECK enum rc bind_put_body(struct bytes json, struct arena *memory, struct put_task *ret,
                                 struct error *err);

/* The type of a command's body, e.g. of COMMAND_PAUSE_TASK. */
const struct record_type *command_body_type(enum command_kind kind);

#endif
