#include "support/database.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/migrate.h"
#include "support/broker.h"

static char *current; /* connection string of the database */
static char name[64];
static struct store *keeper; /* answers database_scalar */
static struct arena *texts;

const char *database_server(void)
{
    const char *server = getenv("CRONOBS_TEST_DATABASE");

    if (server == NULL || *server == '\0') {
        (void)fprintf(stderr,
                      "CRONOBS_TEST_DATABASE is not set: run this test through ./ops/test\n");
        exit(1);
    }
    return server;
}

static struct store *open_at(const char *database, enum store_role role)
{
    const struct store_config config = {.database = database, .application = "test", .role = role};
    struct store *s = NULL;

    MUST(store_open(&config, &s, &test_error));
    return s;
}

static void on_server(const char *format, const char *database)
{
    SCOPED(store) struct store *s = open_at(database_server(), STORE_AS_LOGIN);
    SCOPED(text)
    char *sql =
        xasprintf("%s %s%s", format, database, text_starts(format, "DROP") ? " WITH (FORCE)" : "");

    MUST(store_exec(s, sql, &test_error));
}

void database_drop(void)
{
    store_free(keeper);
    keeper = NULL;
    if (current == NULL)
        return;
    on_server("DROP DATABASE IF EXISTS", name);
    free(current);
    current = NULL;
    arena_free(texts);
    texts = NULL;
}

/* The later of two names wins, in a URI as in a list. */
static char *with_name(const char *server)
{
    if (strstr(server, "://") == NULL)
        return xasprintf("%s dbname=%s", server, name);
    return xasprintf("%s%cdbname=%s", server, strchr(server, '?') != NULL ? '&' : '?', name);
}

const char *database_create(bool migrated)
{
    static int count;

    database_drop();
    (void)snprintf(name, sizeof name, "cobs_test_%d_%d", (int)getpid(), count++);
    on_server("CREATE DATABASE", name);
    current = with_name(database_server());
    texts = arena_new(0);
    keeper = open_at(current, STORE_AS_LOGIN);
    if (migrated)
        MUST(store_migrate(keeper, NULL, NULL, &test_error));
    return current;
}

const char *database_address(void)
{
    return current;
}

struct store *database_open(enum store_role role)
{
    return open_at(current, role);
}

const char *database_scalar(const char *sql)
{
    SCOPED(text) char *value = NULL;

    MUST(store_scalar(keeper, sql, &value, &test_error));
    return arena_strdup(texts, value);
}

void database_exec(const char *sql)
{
    MUST(store_exec(keeper, sql, &test_error));
}
