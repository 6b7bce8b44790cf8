#include "store/rebuild.h"

#include <stdlib.h>

#include "base/fault.h"
#include "store/pg.h"
#include "store/schema.h"

/* One number for the whole product; advisory locks belong to a database, so installations do not meet. */
#define REBUILD_LOCK "7163374281050"

/* What hangs on the live tables and would not be on the rebuilt ones, before those are made. */
static const char others_sql[] =
    "WITH t AS (SELECT oid, relname FROM pg_class WHERE relnamespace = 'cronobs'::regnamespace),"
    " made AS (SELECT relname FROM pg_class WHERE relnamespace = 'cronobs_rebuild'::regnamespace)"
    " SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' WHEN 'i' THEN 'index ' WHEN 'I' THEN 'index '"
    "        WHEN 'S' THEN 'sequence ' ELSE 'table ' END || c.oid::regclass FROM pg_class c"
    " WHERE c.relnamespace = 'cronobs'::regnamespace AND NOT c.relispartition AND c.relkind IN ('r','p','v','m','f','S','i','I')"
    "   AND c.relname NOT IN (SELECT relname FROM made)"
    " UNION SELECT 'view ' || v.oid::regclass FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid JOIN pg_class v ON v.oid = w.ev_class"
    "   JOIN t ON t.oid = d.refobjid WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass"
    "   AND v.relnamespace <> 'cronobs'::regnamespace"
    " UNION SELECT 'foreign key ' || k.conname || ' of ' || k.conrelid::regclass FROM pg_constraint k JOIN t ON t.oid = k.confrelid"
    " UNION SELECT 'trigger ' || g.tgname || ' of ' || g.tgrelid::regclass FROM pg_trigger g JOIN t ON t.oid = g.tgrelid WHERE NOT g.tgisinternal"
    " UNION SELECT 'publication ' || p.pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid JOIN t ON t.oid = r.prrelid"
    " UNION SELECT 'publication ' || p.pubname FROM pg_publication_namespace r JOIN pg_publication p ON p.oid = r.pnpubid"
    "   WHERE r.pnnspid = 'cronobs'::regnamespace"
    " UNION SELECT 'policy ' || y.polname || ' of ' || y.polrelid::regclass FROM pg_policy y JOIN t ON t.oid = y.polrelid"
    " UNION SELECT 'rights on column ' || a.attname || ' of ' || a.attrelid::regclass FROM pg_attribute a JOIN t ON t.oid = a.attrelid"
    "   JOIN pg_class c ON c.oid = t.oid WHERE a.attacl IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute m JOIN pg_class n ON n.oid = m.attrelid"
    "   WHERE n.relnamespace = 'cronobs_rebuild'::regnamespace AND n.relname = c.relname AND m.attname = a.attname AND m.attacl::text = a.attacl::text)"
    " UNION SELECT 'function ' || f.oid::regprocedure FROM pg_proc f WHERE f.pronamespace = 'cronobs'::regnamespace AND NOT EXISTS"
    "   (SELECT FROM pg_proc m WHERE m.pronamespace = 'cronobs_rebuild'::regnamespace AND m.proname = f.proname AND m.pronargs = f.pronargs)"
    " UNION SELECT i.identity FROM (SELECT oid, 'pg_proc'::regclass AS class FROM pg_proc WHERE pronamespace = 'cronobs'::regnamespace"
    "   UNION ALL SELECT oid, 'pg_type'::regclass FROM pg_type WHERE typnamespace = 'cronobs'::regnamespace) o"
    "   JOIN pg_depend d ON d.refclassid = o.class AND d.refobjid = o.oid AND d.deptype = 'n',"
    "   LATERAL (SELECT n.type || ' ' || n.identity AS identity FROM pg_identify_object(d.classid, d.objid, d.objsubid) n"
    "     WHERE n.identity !~ '(^| on |^for )cronobs\\.') i"
    " ORDER BY 1";

/* Rights that were given by hand: on the schema, on tables and views, and on those to come (leaves get theirs from these). */
static const char grants_sql[] =
    "DO $$ DECLARE g record; BEGIN FOR g IN"
    " SELECT format('GRANT %s ON SCHEMA cronobs_rebuild TO %s%s', a.privilege_type,"
    "   CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS sql"
    "   FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'cronobs' AND a.grantee <> n.nspowner"
    " UNION ALL SELECT format('GRANT %s ON cronobs_rebuild.%I TO %s%s', a.privilege_type, c.relname,"
    "   CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)"
    "   FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'cronobs'::regnamespace AND c.relkind IN ('r', 'p', 'v')"
    "   AND NOT c.relispartition AND a.grantee <> c.relowner"
    " UNION ALL SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA cronobs_rebuild GRANT %s ON TABLES TO %s', d.defaclrole::regrole,"
    "   a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)"
    "   FROM pg_default_acl d, aclexplode(d.defaclacl) a WHERE d.defaclnamespace = 'cronobs'::regnamespace AND d.defaclobjtype = 'r'"
    " LOOP EXECUTE g.sql; END LOOP; END $$";

/* A leaf for each that the live tables have, if ensure_partition still makes such: its name ends in the month or the week. */
static const char leaves_sql[] =
    "SELECT cronobs_rebuild.ensure_partition(p.relname::text, to_timestamp(substring(c.relname FROM '[0-9]+$'),"
    "         CASE length(substring(c.relname FROM '[0-9]+$')) WHEN 6 THEN 'YYYYMM' ELSE 'YYYYMMDD' END))"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent"
    " WHERE c.relnamespace = 'cronobs'::regnamespace AND c.relkind = 'r'"
    "   AND to_timestamp(left(substring(c.relname FROM '[0-9]+$'), 6), 'YYYYMM') BETWEEN '2000-01-01' AND now() + interval '119 months'"
    " ORDER BY c.relname";

static const char carry_logs_sql[] =
    "BEGIN ISOLATION LEVEL REPEATABLE READ;"
    "INSERT INTO cronobs_rebuild.kafka_offset SELECT * FROM cronobs.kafka_offset WHERE topic = 'logs';"
    "INSERT INTO cronobs_rebuild.lost_range SELECT * FROM cronobs.lost_range WHERE topic = 'logs';"
    "INSERT INTO cronobs_rebuild.log_writer SELECT * FROM cronobs.log_writer;"
    "INSERT INTO cronobs_rebuild.log_batch SELECT * FROM cronobs.log_batch;"
    "INSERT INTO cronobs_rebuild.dead_letter SELECT * FROM cronobs.dead_letter WHERE topic = 'logs';"
    "COMMIT";

/* Writers take the table ROW EXCLUSIVE with the first statement of a batch, and with a claim. A rebuild that went away without
   a word is thrown out after a minute. */
static const char freeze_sql[] =
    "BEGIN; SET LOCAL lock_timeout = '90s'; SET LOCAL idle_in_transaction_session_timeout = '60s';"
    "LOCK TABLE cronobs.kafka_offset IN EXCLUSIVE MODE";

/* What does not follow from the topics comes along; positions get an epoch that nobody has. */
static const char keep_sql[] =
    "INSERT INTO cronobs_rebuild.kafka_offset AS n (topic, part, next_offset, epoch, owner)"
    " SELECT topic, part, CASE topic WHEN 'heartbeats' THEN next_offset ELSE 0 END, epoch, owner FROM cronobs.kafka_offset"
    " ON CONFLICT (topic, part) DO UPDATE SET epoch = greatest(n.epoch, excluded.epoch);"
    "UPDATE cronobs_rebuild.kafka_offset SET epoch = epoch + 1, owner = 'rebuild';"
    "INSERT INTO cronobs_rebuild.execution_heartbeat SELECT * FROM cronobs.execution_heartbeat"
    " WHERE execution_id BETWEEN cronobs.uuid_floor('2000-01-01') AND cronobs.uuid_floor(now() + interval '119 months');"
    "INSERT INTO cronobs_rebuild.dead_letter SELECT * FROM cronobs.dead_letter WHERE topic = 'heartbeats'";

/* "l.a = n.a AND l.b = n.b" over a table's key. */
static const char key_sql[] =
    "SELECT string_agg(format('l.%1$I = n.%1$I', a.attname), ' AND ') FROM pg_index x"
    " JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)"
    " WHERE x.indisprimary AND x.indrelid = ('cronobs.' || $1)::regclass";

enum rc store_rebuild_lock(struct store *s, struct error *err)
{
    SCOPED(pg_result) PGresult *r = NULL;

    TRY(pg_exec(s, "SET lock_timeout = '30s'", err)); /* of a reader that never ends */
    TRY(pg_query(s, "SELECT pg_try_advisory_lock(" REBUILD_LOCK ")", &r, err));
    if (*PQgetvalue(r, 0, 0) != 't')
        return error_set(err, RC_CONFLICT, "another rebuild is under way in this database");
    TRY(store_schema_drop(s, REPLACED_SCHEMA, err));
    return store_schema_drop(s, REBUILD_SCHEMA, err);
}

enum rc store_rebuild_check(struct store *s, struct error *err)
{
    enum { SHOWN = 5 };
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED_BUF names = {0};
    int count;

    TRY(pg_query(s, others_sql, &r, err));
    count = PQntuples(r);
    if (count == 0)
        return RC_OK;
    for (int i = 0; i < MIN(count, SHOWN); i++)
        buf_printf(&names, "%s%s", i > 0 ? ", " : "", PQgetvalue(r, i, 0));
    (void)error_set(err, RC_CONFLICT, "the rebuilt tables would be without what others made: %s%s",
                    buf_text(&names), count > SHOWN ? ", ..." : "");
    return error_hint(err, "drop it, rebuild, make it again");
}

enum rc store_rebuild_prepare(struct store *s, struct error *err)
{
    TRY(pg_exec(s, grants_sql, err));
    return pg_exec(s, leaves_sql, err);
}

/* Runs several statements that begin and commit a transaction. */
static enum rc run_transaction(struct store *s, const char *sql, struct error *err)
{
    struct error ignored;
    enum rc rc = pg_exec(s, sql, err);

    if (rc != RC_OK)
        (void)!pg_exec(s, "ROLLBACK", &ignored);
    return rc;
}

enum rc store_rebuild_carry_logs(struct store *s, struct error *err)
{
    return run_transaction(s, carry_logs_sql, err);
}

enum rc store_rebuild_freeze(struct store *s, struct error *err)
{
    return run_transaction(s, freeze_sql, err);
}

bool store_is_log_table(const char *name)
{
    return text_starts(name, "log_");
}

/* What an older release could not read, and was read again, is in its tables now: no row to miss. */
static const char understood_sql[] =
    "l.reason = 'newer schema' AND NOT EXISTS (SELECT FROM cronobs_rebuild.lost_range r"
    " WHERE r.topic = l.topic AND r.part = l.part AND l.kafka_offset < r.to_offset)";

static enum rc compare_table(struct store *s, const struct digest_table *t, struct table_loss *ret,
                             struct error *err)
{
    SCOPED(pg_result) PGresult *key = NULL;
    SCOPED(pg_result) PGresult *r = NULL;
    SCOPED(text) char *sql = NULL;

    TRY(pg_query_text(s, key_sql, &t->name, 1, &key, err));
    sql = xasprintf(
        "SELECT count(*) FILTER (WHERE n IS NULL AND NOT (%s)), count(*) FILTER (WHERE n::text <> l::text)"
        " FROM (SELECT * FROM cronobs.%s WHERE %s) l LEFT JOIN cronobs_rebuild.%s n ON %s",
        text_equal(t->name, "dead_letter") ? understood_sql : "false", t->name,
        *t->only == '\0' ? "true" : t->only, t->name, PQgetvalue(key, 0, 0));
    TRY(pg_query(s, sql, &r, err));
    ret->name = t->name;
    ret->missing = strtoll(PQgetvalue(r, 0, 0), NULL, 10);
    ret->changed = strtoll(PQgetvalue(r, 0, 1), NULL, 10);
    return RC_OK;
}

enum rc store_rebuild_compare(struct store *s, bool with_logs, struct arena *memory,
                              struct table_loss **ret, size_t *ret_count, struct error *err)
{
    const struct digest_table *t;
    size_t tables = 0, count = 0;

    while (store_digest_table(tables) != NULL)
        tables++;
    *ret = arena_alloc(memory, tables * sizeof **ret);
    for (size_t i = 0; i < tables; i++) {
        struct table_loss loss;

        t = store_digest_table(i);
        if (t->is_sum || (!with_logs && store_is_log_table(t->name)))
            continue;
        TRY(compare_table(s, t, &loss, err));
        if (loss.missing + loss.changed > 0)
            (*ret)[count++] = loss;
    }
    *ret_count = count;
    return RC_OK;
}

enum rc store_rebuild_swap(struct store *s, struct error *err)
{
    TRY(pg_exec(s, leaves_sql, err));
    TRY(pg_exec(s, keep_sql, err));
    TRY(store_schema_rename(s, STORE_SCHEMA, REPLACED_SCHEMA, err));
    TRY(store_schema_rename(s, REBUILD_SCHEMA, STORE_SCHEMA, err));
    fault_point("rebuild.swap");
    return pg_exec(s, "COMMIT", err);
}

static enum rc rename_and_commit(struct store *s, const char *name, struct error *err)
{
    TRY(pg_exec(s, "BEGIN", err));
    TRY(store_schema_rename(s, REBUILD_SCHEMA, name, err));
    return pg_exec(s, "COMMIT", err);
}

enum rc store_rebuild_keep_as(struct store *s, const char *name, struct error *err)
{
    struct error ignored;
    enum rc rc = rename_and_commit(s, name, err);

    if (rc != RC_OK)
        (void)!pg_exec(s, "ROLLBACK", &ignored);
    return rc;
}
