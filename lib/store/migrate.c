#include "store/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "store/pg.h"
#include "store/sql_texts.h"

#define MIGRATION_LOCK "7163374281048"

static const char applied_sql[] =
    "SELECT version, checksum FROM %s.schema_migration ORDER BY version";

static void checksum_of(const char *text, char ret[SHA256_TEXT])
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t digest[SHA256_SIZE];

    sha256_add(sum, text, strlen(text));
    sha256_finish(sum, digest);
    (void)sha256_to_text(digest, ret);
}

/* The applied files, in order; NULL when there is not even a table of them. */
static enum rc read_applied(struct store *s, PGresult **ret, struct error *err)
{
    SCOPED(text)
    char *find =
        xasprintf("SELECT coalesce(to_regclass('%s.schema_migration')::text, '')", s->schema);
    SCOPED(text) char *read = xasprintf(applied_sql, s->schema);
    SCOPED(text) char *table = NULL;

    TRY(store_scalar(s, find, &table, err));
    if (*table == '\0')
        return RC_OK;
    return pg_query(s, read, ret, err);
}

/* The applied files must be the first ones of ours, unchanged. */
static enum rc compare(const PGresult *applied, int *ret_count, struct error *err)
{
    char checksum[SHA256_TEXT];
    int count = applied == NULL ? 0 : PQntuples(applied);

    if (count > sql_text_count)
        return error_set(
            err, RC_FATAL,
            "the database has %d migrations, this program knows %d: use a newer program", count,
            sql_text_count);
    for (int i = 0; i < count; i++) {
        checksum_of(sql_texts[i].text, checksum);
        if (strtol(PQgetvalue(applied, i, 0), NULL, 10) != sql_texts[i].number ||
            !text_equal(PQgetvalue(applied, i, 1), checksum))
            return error_set(
                err, RC_FATAL,
                "migration %04d_%s was applied in another form: an applied file is never edited",
                sql_texts[i].number, sql_texts[i].name);
    }
    *ret_count = count;
    return RC_OK;
}

static enum rc record(struct store *s, const struct sql_text *m, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED(text) char *number = xasprintf("%d", m->number);
    char checksum[SHA256_TEXT];
    const char *params[] = {number, m->name, checksum};

    checksum_of(m->text, checksum);
    return pg_query_text(
        s, "INSERT INTO schema_migration (version, name, checksum) VALUES ($1::int, $2, $3)",
        params, (int)ARRAY_LEN(params), &r, err);
}

static bool is_of_a_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The text with the schema's name in place of the live one, wherever that is a word. */
static void put_in_schema(struct buf *sql, const char *text, const char *schema)
{
    const size_t len = strlen(STORE_SCHEMA);
    const char *at = text, *found;

    while ((found = strstr(at, STORE_SCHEMA)) != NULL) {
        bool is_word = (found == text || !is_of_a_word(found[-1])) && !is_of_a_word(found[len]);

        buf_add(sql, at, (size_t)(found - at));
        buf_add_text(sql, is_word ? schema : STORE_SCHEMA);
        at = found + len;
    }
    buf_add_text(sql, at);
}

static enum rc apply_in_transaction(struct store *s, const struct sql_text *m, struct error *err)
{
    SCOPED_BUF sql = {0};

    put_in_schema(&sql, m->text, s->schema);
    TRY(pg_exec(s, "BEGIN", err));
    TRY(pg_exec(s, buf_text(&sql), err));
    TRY(pg_exec(s, "SET LOCAL ROLE cronobs_owner", err));
    TRY(record(s, m, err));
    return pg_exec(s, "COMMIT", err);
}

static enum rc apply(struct store *s, const struct sql_text *m, struct error *err)
{
    struct error ignored;

    if (apply_in_transaction(s, m, err) == RC_OK)
        return RC_OK;
    (void)!pg_exec(s, "ROLLBACK", &ignored);
    return error_prefix(err, "migration %04d_%s", m->number, m->name);
}

static enum rc apply_missing(struct store *s, migrated_fn applied, void *ctx, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    int count = 0;

    TRY(read_applied(s, &r, err));
    TRY(compare(r, &count, err));
    for (int i = count; i < sql_text_count; i++) {
        TRY(apply(s, &sql_texts[i], err));
        if (applied != NULL)
            applied(ctx, sql_texts[i].number, sql_texts[i].name);
    }
    return RC_OK;
}

enum rc store_migration_lock(struct store *s, struct error *err)
{
    return pg_exec(s, "SELECT pg_advisory_lock(" MIGRATION_LOCK ")", err);
}

void store_migration_unlock(struct store *s)
{
    struct error ignored;

    (void)!pg_exec(s, "SELECT pg_advisory_unlock(" MIGRATION_LOCK ")", &ignored);
}

enum rc store_migrate(struct store *s, migrated_fn applied, void *ctx, struct error *err)
{
    enum rc rc;

    TRY(store_migration_lock(s, err));
    rc = apply_missing(s, applied, ctx, err);
    store_migration_unlock(s);
    return rc;
}

enum rc store_check_schema(struct store *s, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    int count = 0;

    TRY(read_applied(s, &r, err));
    TRY(compare(r, &count, err));
    if (count == sql_text_count)
        return RC_OK;
    return error_set(err, RC_FATAL,
                     "the database has %d of %d migrations: run `cronobs db migrate`", count,
                     sql_text_count);
}
