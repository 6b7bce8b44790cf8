#include "store/skip.h"

#include <stdlib.h>

#include "store/pg.h"

static const char position_sql[] =
    "SELECT next_offset, stands IS NULL AND next_offset > $3::bigint AND EXISTS"
    " (SELECT FROM skipped_range r WHERE r.topic = k.topic AND r.part = k.part"
    " AND from_offset < to_offset AND to_offset = $3::bigint)"
    " FROM kafka_offset k WHERE topic = $1 AND part = $2::int FOR UPDATE OF k";
static const char note_sql[] =
    "INSERT INTO skipped_range (topic, part, from_offset, to_offset, reason, skipped_by)"
    " VALUES ($1, $2::int, $3::bigint, $4::bigint, $5, $6) ON CONFLICT DO NOTHING";
/* Into the tables of a rebuild; in the live ones it does nothing. */
static const char carry_sql[] =
    "INSERT INTO skipped_range SELECT * FROM cronobs.skipped_range ON CONFLICT DO NOTHING";
static const char move_sql[] =
    "UPDATE kafka_offset SET next_offset = $3::bigint, epoch = epoch + 1, stands = NULL"
    " WHERE topic = $1 AND part = $2::int";

static enum rc read_position(struct store *s, const struct skip *skip, const char *part,
                             const char *to, struct skip_effect *ret, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    const char *params[] = {skip->topic, part, to};

    TRY(pg_query_text(s, position_sql, params, 3, &r, err));
    if (PQntuples(r) == 0)
        return error_set(err, RC_NOT_FOUND, "the tables know nothing of %s[%d]", skip->topic,
                         (int)skip->part);
    ret->from = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    ret->is_repeated = *PQgetvalue(r, 0, 1) == 't';
    return RC_OK;
}

static enum rc skip_inside(struct store *s, const struct skip *skip, struct skip_effect *ret,
                           struct error *err)
{
    SCOPED(pg_result) PGresult *noted = NULL;
    SCOPED(pg_result) PGresult *moved = NULL;
    SCOPED(text) char *part = xasprintf("%d", (int)skip->part);
    SCOPED(text) char *to = xasprintf("%jd", (intmax_t)skip->to);
    SCOPED(text) char *from = NULL;

    TRY(read_position(s, skip, part, to, ret, err));
    if (ret->is_repeated)
        return RC_OK;
    from = xasprintf("%jd", (intmax_t)ret->from);
    if (ret->from != skip->to) {
        const char *note[] = {skip->topic, part, from, to, skip->reason, skip->by};

        TRY(pg_query_text(s, note_sql, note, 6, &noted, err));
    }
    return pg_query_text(s, move_sql, (const char *[]){skip->topic, part, to}, 3, &moved, err);
}

enum rc store_skip(struct store *s, const struct skip *skip, struct skip_effect *ret,
                   struct error *err)
{
    struct error ignored;
    enum rc rc;

    TRY(pg_exec(s, "BEGIN", err));
    rc = skip_inside(s, skip, ret, err);
    if (rc == RC_OK)
        return pg_exec(s, "COMMIT", err);
    (void)!pg_exec(s, "ROLLBACK", &ignored);
    return rc;
}

enum rc store_read_skipped(struct store *s, struct arena *memory, struct skipped_range **ret,
                           size_t *ret_count, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_exec(s, carry_sql, err));
    TRY(pg_query(s,
                 "SELECT topic, part, from_offset, to_offset FROM skipped_range"
                 " WHERE from_offset < to_offset ORDER BY topic COLLATE \"C\", part, from_offset",
                 &r, err));
    *ret_count = (size_t)PQntuples(r);
    *ret = arena_alloc(memory, (*ret_count + 1) * sizeof **ret);
    for (int i = 0; i < PQntuples(r); i++)
        (*ret)[i] = (struct skipped_range){
            .topic = arena_strdup(memory, PQgetvalue(r, i, 0)),
            .part = (int32_t)strtol(PQgetvalue(r, i, 1), NULL, 10),
            .from = strtoll(PQgetvalue(r, i, 2), NULL, 10),
            .to = strtoll(PQgetvalue(r, i, 3), NULL, 10),
        };
    return RC_OK;
}
