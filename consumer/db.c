#include "consumer/db.h"

#include "consumer/digest_text.h"
#include "store/migrate.h"
#include "store/search_index.h"

static enum rc open_as(const struct db_config *config, enum store_role role, struct store **ret,
                       struct error *err)
{
    const struct store_config c = {
        .database = config->database, .application = "cronobs db", .role = role};

    return store_open(&c, ret, err);
}

/* --- migrate --- */

static void say_applied(void *ctx, int version, const char *name)
{
    (void)fprintf(ctx, "applied %04d_%s\n", version, name);
}

/* Not having it is no failure: finding tasks by a part of their name takes longer, that is all. */
static void make_search_index(struct store *s, FILE *out)
{
    SCOPED(text) char *why = store_search_index(s);

    if (why != NULL)
        (void)fprintf(
            out,
            "tasks are searched without an index, which needs the extension pg_trgm: %s\n"
            "once a superuser has run CREATE EXTENSION pg_trgm in this database, migrate again\n",
            why);
}

enum rc db_migrate(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(store) struct store *s = NULL;
    enum rc rc = open_as(config, STORE_AS_LOGIN, &s, err);

    if (rc == RC_NOT_FOUND) {
        TRY(store_create_database(config->database, err));
        (void)fprintf(out, "created the database\n");
        rc = open_as(config, STORE_AS_LOGIN, &s, err);
    }
    TRY(rc);
    TRY(store_migrate(s, say_applied, out, err));
    make_search_index(s, out);
    (void)fprintf(out, "the tables are up to date\n");
    return RC_OK;
}

/* --- verify --- */

enum rc db_verify(const struct db_config *config, FILE *out, struct error *err)
{
    SCOPED(store) struct store *s = NULL;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct store_digest d;
    const struct store_config c = {
        .database = config->database, .schema = config->schema, .application = "cronobs db"};

    TRY(store_open(&c, &s, err));
    TRY(store_check_schema(s, err));
    TRY(store_digest_read(s, memory, &d, err));
    digest_print(&d, out);
    return digest_expect(&d, config->expect, err);
}
