/*
 * record_json.h - any record as JSON, by its table: member names are the names on the wire.
 *
 * Optional fields that are absent are left out. Instants are RFC 3339 in UTC, local times the same without
 * an offset, durations integers in milliseconds, enumerations their symbols, labels an object. Bytes stand
 * under their name as text if they are UTF-8 without NUL, else under "<name>_base64". The body of a command
 * is an object beside "kind": {"kind": "TRIGGER_TASK", "body": {"ignore_overlap": false}}.
 */
#ifndef MODEL_RECORD_JSON_H
#define MODEL_RECORD_JSON_H

#include "base/json.h"
#include "model/tables.h"

/* The record as one object. */
void record_to_json(struct json *j, const struct record_type *type, const void *record);

/* Its members only, into an object that is open. */
void record_members_to_json(struct json *j, const struct record_type *type, const void *record);

/* Bytes alone, as above. */
void bytes_to_json(struct json *j, const char *name, struct bytes bytes);

/* One field of it, key and value; nothing when it is absent. */
void record_field_to_json(struct json *j, const struct field *field, const void *record);

#endif
