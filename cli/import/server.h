/*
 * server.h - the part of an import that talks to the API.
 */
#ifndef CLI_IMPORT_SERVER_H
#define CLI_IMPORT_SERVER_H

#include "crontab/import.h"

struct import_server;

extern const struct crontab_words import_options; /* what the ways out call the options */

MUST_CHECK enum rc import_server_new(const char *url, struct import_server **ret,
                                     struct error *err);
void import_server_free(struct import_server *s); /* NULL is fine */

/* Which tasks the source has: lines are NEW or KNOWN then, others vanished. */
MUST_CHECK enum rc import_ask(struct import_server *s, struct import *i, struct error *err);

/* Puts the task of one line, deletes one vanished task: what became of it stands there. RC_RETRY: the server is away. */
MUST_CHECK enum rc import_put(struct import_server *s, struct import *i, size_t line,
                              struct error *err);
MUST_CHECK enum rc import_delete(struct import_server *s, struct import *i, size_t vanished,
                                 struct error *err);

/* All of them, several at once: each waits for a scheduler. */
MUST_CHECK enum rc import_put_all(const char *url, struct import *i, struct error *err);
MUST_CHECK enum rc import_delete_all(const char *url, struct import *i, struct error *err);

DEFINE_SCOPED(import_server, struct import_server, import_server_free)

#endif
