/*
 * database.h - a PostgreSQL database of the test's own, on the server that CRONOBS_TEST_DATABASE names.
 */
#ifndef SUPPORT_DATABASE_H
#define SUPPORT_DATABASE_H

#include "store/store.h"

/* of the environment; without one the program ends with an error */
const char *database_server(void);

/* Makes a database, dropping one of an earlier call; migrated unless told not to. Returns its connection string. */
const char *database_create(bool migrated);
const char *database_address(void); /* of the database made last */
void database_drop(void);

struct store *database_open(enum store_role role); /* of the database made last */
/* one value as text, "" for NULL; as the owner of all; valid for ever */
const char *database_scalar(const char *sql);
void database_exec(const char *sql);

#endif
