#include "store/positions.h"

#include <stdlib.h>
#include <string.h>

#include "store/params.h"

/* clang-format off */
#define AT(member) offsetof(struct offset_row, member)
static const struct column offset_columns[] = {
    {"topic",        COLUMN_TEXT, AT(topic),        GROUP_KEY,  false},
    {"part",         COLUMN_INT,  AT(part),         GROUP_KEY,  false},
    {"first_offset", COLUMN_LONG, AT(first_offset), GROUP_REST, false},
    {"next_offset",  COLUMN_LONG, AT(next_offset),  GROUP_REST, false},
    {"epoch",        COLUMN_LONG, AT(epoch),        GROUP_REST, false},
    {.name = NULL},
};
#undef AT
static const struct row_type offset_type = {"kafka_offset", offset_columns, sizeof(struct offset_row)};

static const char claim_sql[] =
    "INSERT INTO kafka_offset AS k (topic, part, next_offset, epoch, owner, well_at)"
    " SELECT topic, part, 0, 1, $3::text, now() FROM unnest($1::text[], $2::int4[]) u(topic, part) ORDER BY topic, part"
    " ON CONFLICT (topic, part) DO UPDATE SET epoch = k.epoch + 1, owner = excluded.owner, well_at = coalesce(k.well_at, now())"
    " RETURNING topic, part, next_offset, epoch";

/* Rows are locked in one order; then those whose epoch and position are still the expected ones advance. */
static const char advance_sql[] =
    "WITH u AS (SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[], $5::int8[]) u(topic, part, first_offset, next_offset, epoch)),"
    " locked AS (SELECT k.topic, k.part FROM kafka_offset k JOIN u USING (topic, part) ORDER BY k.topic, k.part FOR UPDATE OF k)"
    " UPDATE kafka_offset k SET next_offset = u.next_offset, stands = NULL FROM locked JOIN u USING (topic, part)"
    " WHERE k.topic = locked.topic AND k.part = locked.part AND k.epoch = u.epoch AND k.next_offset = u.first_offset AND u.next_offset > u.first_offset";

static const char lost_sql[] = "INSERT INTO lost_range (topic, part, from_offset, to_offset) VALUES ($1::text, $2::int4, $3::int8, $4::int8)"
                               " ON CONFLICT DO NOTHING";
static const char stand_sql[] = "UPDATE kafka_offset SET stands = $3::text WHERE topic = $1::text AND part = $2::int4 AND epoch = $4::int8";
static const char well_sql[] =
    "WITH u AS (SELECT * FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[], $5::int8[]) u(topic, part, first_offset, next_offset, epoch)),"
    " locked AS (SELECT k.topic, k.part FROM kafka_offset k JOIN u USING (topic, part, epoch) WHERE k.stands IS NULL ORDER BY k.topic, k.part FOR UPDATE OF k)"
    " UPDATE kafka_offset k SET well_at = now() FROM locked WHERE k.topic = locked.topic AND k.part = locked.part";
/* clang-format on */

enum rc positions_prepare(struct store *s, struct error *err)
{
    TRY(pg_prepare(s, "claim", claim_sql, err));
    TRY(pg_prepare(s, "advance", advance_sql, err));
    TRY(pg_prepare(s, "lost", lost_sql, err));
    TRY(pg_prepare(s, "stand", stand_sql, err));
    return pg_prepare(s, "well", well_sql, err);
}

/* --- taking them over --- */

static struct offset_row *find_offset(struct offset_row *rows, size_t count, struct bytes topic,
                                      struct bytes part)
{
    uint32_t number = 0;

    memcpy(&number, part.data, MIN(part.len, sizeof number));
    for (size_t i = 0; i < count; i++)
        if ((uint32_t)rows[i].part == be32toh(number) &&
            bytes_equal(bytes_of(rows[i].topic), topic))
            return &rows[i];
    return NULL;
}

static enum rc take_claim(const PGresult *r, int i, struct offset_row *rows, size_t count,
                          struct error *err)
{
    struct offset_row *row = find_offset(rows, count, pg_value(r, i, 0), pg_value(r, i, 1));

    if (row == NULL)
        return error_set(err, RC_FATAL, "could not claim positions: an unknown one came back");
    TRY(value_get(&offset_columns[3], pg_value(r, i, 2), NULL, row, err));
    row->first_offset = row->next_offset;
    return value_get(&offset_columns[4], pg_value(r, i, 3), NULL, row, err);
}

enum rc store_claim(struct store *s, const char *owner, struct offset_row *rows, size_t count,
                    struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED_PARAMS p = {.count = 0};

    params_add_rows(&p, &offset_type, GROUP_KEY, rows, count);
    params_add(&p, COLUMN_TEXT, &owner);
    TRY(pg_run(s, "claim", p.items, p.count, &r, err));
    if ((size_t)PQntuples(r) != count)
        return error_set(err, RC_FATAL, "could not claim positions: %d rows instead of %zu",
                         PQntuples(r), count);
    for (int i = 0; i < PQntuples(r); i++)
        TRY(take_claim(r, i, rows, count, err));
    return RC_OK;
}

/* --- the transaction that moves them --- */

static enum rc advance(struct store *s, const struct offset_row *rows, size_t count,
                       struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED_PARAMS p = {.count = 0};
    size_t expected = 0;

    for (size_t i = 0; i < count; i++)
        expected += rows[i].next_offset > rows[i].first_offset;
    params_add_rows(&p, &offset_type, 0, rows, count);
    TRY(pg_run(s, "advance", p.items, p.count, &r, err));
    if (strtoul(PQcmdTuples(r), NULL, 10) != expected)
        return error_set(err, RC_FENCED,
                         "another consumer owns some of these positions now (%s of %zu are ours)",
                         PQcmdTuples(r), expected);
    return RC_OK;
}

enum rc store_begin(struct store *s, const struct offset_row *rows, size_t count, struct error *err)
{
    TRY(pg_exec(s, "BEGIN", err));
    return count == 0 ? RC_OK : advance(s, rows, count, err);
}

enum rc store_commit(struct store *s, struct error *err)
{
    return pg_exec(s, "COMMIT", err);
}

void store_rollback(struct store *s)
{
    struct error ignored;

    if (PQtransactionStatus(s->conn) == PQTRANS_IDLE || PQstatus(s->conn) == CONNECTION_BAD)
        return;
    (void)!pg_exec(s, "ROLLBACK", &ignored); /* a lost connection rolls back by itself */
}

/* --- what is known of them --- */

static enum rc record_lost(struct store *s, const struct offset_row *row, int64_t to,
                           struct error *err)
{
    struct offset_row moved = *row;
    SCOPED_PARAMS p = {.count = 0};

    moved.first_offset = row->next_offset;
    moved.next_offset = to;
    TRY(store_begin(s, &moved, 1, err));
    params_add(&p, COLUMN_TEXT, &row->topic);
    params_add(&p, COLUMN_INT, &row->part);
    params_add(&p, COLUMN_LONG, &row->next_offset);
    params_add(&p, COLUMN_LONG, &to);
    TRY(params_run(s, "lost", &p, err));
    return store_commit(s, err);
}

enum rc store_skip_lost(struct store *s, struct offset_row *row, int64_t to, struct error *err)
{
    enum rc rc = record_lost(s, row, to, err);

    if (rc != RC_OK) {
        store_rollback(s);
        return rc;
    }
    row->first_offset = row->next_offset = to;
    return RC_OK;
}

enum rc store_note_standing(struct store *s, const struct offset_row *row, const char *why,
                            struct error *err)
{
    SCOPED_PARAMS p = {.count = 0};

    params_add(&p, COLUMN_TEXT, &row->topic);
    params_add(&p, COLUMN_INT, &row->part);
    params_add(&p, COLUMN_TEXT, &why);
    params_add(&p, COLUMN_LONG, &row->epoch);
    return params_run(s, "stand", &p, err);
}

enum rc store_note_well(struct store *s, const struct offset_row *rows, size_t count,
                        struct error *err)
{
    SCOPED_PARAMS p = {.count = 0};

    params_add_rows(&p, &offset_type, 0, rows, count);
    return params_run(s, "well", &p, err);
}
