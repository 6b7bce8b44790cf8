/*
 * shell_command.h - the payload that `cronobs work --shell` runs: content type SHELL_CONTENT_TYPE, a JSON object
 *
 *     {"command": "pg_dump -Fc shop | gzip", "stdin": "...", "env": {"PGHOST": "db"}, "shell": "/bin/bash"}
 *
 * of which only `command` is required. Pure.
 */
#ifndef PAYLOAD_SHELL_COMMAND_H
#define PAYLOAD_SHELL_COMMAND_H

#include "base/arena.h"
#include "base/error.h"
#include "model/records.h"

#define SHELL_CONTENT_TYPE "application/vnd.cronobs.command+json"

struct shell_command {
    const char *command, *shell; /* run as: shell -c command */
    struct bytes input;
    struct pairs env;
};

/* RC_INVALID says what is wrong with the payload, in words for the history. Everything lives in `memory`. */
MUST_CHECK enum rc shell_command_parse(const char *content_type, struct bytes payload,
                                       struct arena *memory, struct shell_command *ret,
                                       struct error *err);

/* What is saved as such a payload is one that can be run, else each run would fail: RC_INVALID is about the member "/payload" of
   whatever holds it. Payloads of other types are fine; content_type NULL: so is this one. */
MUST_CHECK enum rc shell_command_check(const char *content_type, struct bytes payload,
                                       struct error *err);

#endif
