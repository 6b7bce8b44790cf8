/*
 * Topics and tables: looked at, made, checked, rebuilt.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/table.h"
#include "bus/topics.h"
#include "cli/services/options.h"
#include "cli/shared/instant.h"
#include "cli/shared/local_zone.h"
#include "cli/shared/subcommand.h"
#include "consumer/past.h"
#include "consumer/rebuild.h"
#include "consumer/skip.h"
#include "cron/zoneset.h"
#include "scheduler/skip.h"

/* --- topics --- */

#define AT(member) offsetof(struct topics_options, member)

const struct setting topics_options[] = {
    {
        .name = "queue",
        .type = SETTING_TEXTS,
        .offset = AT(queues),
        .min = 1,
        .max = 65536,
        .only_flag = true,
        .argument = "NAME",
        .help = "A queue that must be there; may be repeated. Without any: default.",
    },
    {
        .name = "state.segment",
        .type = SETTING_DURATION,
        .offset = AT(state_segment_ms),
        .max = INT64_C(7) * 86400 * 1000,
        .only_flag = true,
        .help =
            "Length of the segments of the scheduler's state, which are compacted when they are "
            "complete; without it the broker decides.",
    },
    {.name = NULL},
};

#undef AT

static const char *remedy_name(enum topic_remedy remedy)
{
    static const char *const names[] = {
        [TOPIC_CREATE] = "create",
        [TOPIC_ALTER] = "alter",
        [TOPIC_ADVICE] = "your choice",
        [TOPIC_IMPOSSIBLE] = "impossible",
    };

    return names[remedy];
}

static void print_plan(FILE *out, const struct topics_plan *plan)
{
    SCOPED(table) struct table *t = table_new("TOPIC", "REMEDY", "WHAT");
    SCOPED_BUF text = {0};

    if (plan->count == 0) {
        (void)fputs("all topics are as they should be\n", out);
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct topic_difference *d = &plan->items[i];

        table_add(t, d->wanted.name, remedy_name(d->remedy), d->what);
    }
    table_write(t, 0, &text);
    (void)fputs(buf_text(&text), out);
}

static struct topics_wanted wanted_of(const struct call *call)
{
    static const char *const fallback[] = {"default"};
    const struct topics_options *options = call->values[0];
    bool has_queues = options->queues.count > 0;

    return (struct topics_wanted){.prefix = call->common.topic_prefix,
                                  .partitions = call->common.partitions,
                                  .replication = call->common.replication,
                                  .state_segment_ms = options->state_segment_ms,
                                  .queues = has_queues ? options->queues.items : fallback,
                                  .queue_count = has_queues ? options->queues.count : 1};
}

/* Before anybody is asked. */
static enum rc check_queues(const struct topics_wanted *wanted, struct error *err)
{
    for (size_t i = 0; i < wanted->queue_count; i++)
        if (queue_check_name(wanted->queues[i], err) != RC_OK)
            return error_prefix(err, "--queue");
    return RC_OK;
}

static enum rc plan_topics(struct call *call, bool apply, struct error *err)
{
    const struct bus_config config = {.brokers = call->common.brokers,
                                      .instance = "cronobs-topics"};
    const struct topics_wanted wanted = wanted_of(call);
    SCOPED(bus) struct bus *bus = NULL;
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    struct topics_plan plan = {0};

    TRY(check_queues(&wanted, err));
    TRY(bus_kafka_new(&config, &bus, err));
    TRY(bus_admin_new(bus, &admin, err));
    TRY(topics_plan(admin, &wanted, call->memory, &plan, err));
    print_plan(call->out, &plan);
    if (!apply || plan.count == 0)
        return RC_OK;
    TRY(topics_apply(admin, &plan, err));
    (void)fputs("done\n", call->out);
    return RC_OK;
}

enum rc run_topics_plan(struct call *call, struct error *err)
{
    return plan_topics(call, false, err);
}

enum rc run_topics_apply(struct call *call, struct error *err)
{
    return plan_topics(call, true, err);
}

/* --- what a person decides --- */

#define AT(member) offsetof(struct skip_options, member)

const struct setting skip_options[] = {
    {
        .name = "actor",
        .type = SETTING_TEXT,
        .offset = AT(by),
        .min = 1,
        .max = 200,
        .only_flag = true,
        .argument = "NAME",
        .help = "Who decides it; without it the user's name.",
    },
    {
        .name = "reason",
        .type = SETTING_TEXT,
        .offset = AT(reason),
        .min = 1,
        .max = 4096,
        .only_flag = true,
        .argument = "TEXT",
        .help =
            "Why; must be given. It is kept beside the range; for TOPIC state, where none is kept, it is printed.",
    },
    {.name = NULL},
};

#undef AT

static enum rc number_of(const char *text, const char *what, int64_t max, int64_t *ret,
                         struct error *err)
{
    char *end;

    errno = 0;
    *ret = strtoll(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || *ret > max)
        return error_set(err, RC_INVALID, "%s: '%s' is not a number from 0 to %" PRId64, what, text,
                         max);
    return RC_OK;
}

static enum rc skip_of(const struct call *call, struct skip *ret, struct error *err)
{
    const struct skip_options *options = call->values[0];
    const char *const *operands = call->operands.items;
    const char *user = getenv("USER");
    int64_t part, to;

    TRY(number_of(operands[1], "PARTITION", call->common.partitions - 1, &part, err));
    TRY(number_of(operands[2], "OFFSET", INT64_MAX - 1, &to, err));
    if (options->reason == NULL || options->reason[strspn(options->reason, " \t")] == '\0')
        return error_set(err, RC_INVALID, "--reason: say why");
    *ret = (struct skip){operands[0], (int32_t)part, to, options->reason,
                         options->by != NULL ? options->by : user};
    if (!skip_concerns_tables(ret->topic) && !skip_concerns_scheduler(ret->topic))
        return error_set(
            err, RC_INVALID,
            "TOPIC: '%s' is read by neither scheduler nor tables (names go without the "
            "prefix)",
            ret->topic);
    return RC_OK;
}

/* Of the scheduler's state alone no range is kept: what was printed then is all that tells. */
static void print_decision(const struct skip *skip, FILE *out)
{
    (void)fprintf(out, "decided by %s: %s\n", skip->by == NULL ? "somebody" : skip->by,
                  skip->reason);
}

enum rc run_topics_skip(struct call *call, struct error *err)
{
    const struct bus_config config = {.brokers = call->common.brokers,
                                      .instance = "cronobs-topics"};
    SCOPED(bus) struct bus *bus = NULL;
    struct skip skip;
    struct bus_position to;
    bool is_repeated = false;

    TRY(skip_of(call, &skip, err));
    to = (struct bus_position){skip.topic, skip.part, skip.to};
    TRY(bus_kafka_new(&config, &bus, err));
    TRY(skip_check_end(bus, call->common.topic_prefix, &to, err));
    if (skip_concerns_tables(skip.topic))
        TRY(skip_in_tables(call->common.database, &skip, &is_repeated, call->out, err));
    if (skip_concerns_scheduler(skip.topic))
        TRY(skip_in_state(bus, call->common.topic_prefix, &to, is_repeated, call->out, err));
    if (!skip_concerns_tables(skip.topic))
        print_decision(&skip, call->out);
    return RC_OK;
}

/* --- tables --- */

#define AT(member) offsetof(struct db_options, member)

const struct setting verify_options[] = {
    {
        .name = "expect",
        .type = SETTING_TEXT,
        .offset = AT(expect),
        .min = 1,
        .max = 64,
        .only_flag = true,
        .argument = "DIGEST",
        .help = "The total that must come out, else the exit code is 1.",
    },
    {.name = NULL},
};

const struct setting rebuild_options[] = {
    {
        .name = "accept.loss",
        .type = SETTING_BOOL,
        .offset = AT(accept_loss),
        .only_flag = true,
        .help = "Go on when the topics hold less than the tables do.",
    },
    {
        .name = "batch",
        .type = SETTING_INT,
        .offset = AT(batch_records),
        .max = 1000000,
        .only_flag = true,
        .help = "Records in one transaction of a rebuild; without it 20,000.",
    },
    {
        .name = "expect",
        .type = SETTING_TEXT,
        .offset = AT(expect),
        .min = 1,
        .max = 64,
        .only_flag = true,
        .argument = "DIGEST",
        .help = "The total that must come out, else the exit code is 1.",
    },
    {
        .name = "schema",
        .type = SETTING_TEXT,
        .offset = AT(schema),
        .min = 1,
        .max = 63,
        .only_flag = true,
        .argument = "NAME",
        .help = "With --until: where; without it cronobs_at_<that instant>.",
    },
    {
        .name = "until",
        .type = SETTING_TEXT,
        .offset = AT(until),
        .min = 1,
        .max = 64,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Build the tables as they were then, beside the live ones: RFC 3339, or as in "
                "'2026-11-25 08:00' or -2h.",
    },
    {.name = NULL},
};

enum rc run_db_migrate(struct call *call, struct error *err)
{
    const struct db_config config = {.database = call->common.database};

    return db_migrate(&config, call->out, err);
}

enum rc run_db_verify(struct call *call, struct error *err)
{
    const struct db_options *options = call->values[0];
    const struct db_config config = {.database = call->common.database,
                                     .schema = call->common.database_schema,
                                     .expect = options->expect};

    return db_verify(&config, call->out, err);
}

/* On the wall clock of this machine, as everywhere. */
static enum rc read_until(struct call *call, struct db_config *config, struct error *err)
{
    const struct db_options *options = call->values[0];
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    struct tz_value zone;

    config->schema = options->schema;
    if (options->until == NULL)
        return RC_OK;
    if (instant_is_wall(options->until))
        TRY(local_zone(zones, &zone, err));
    else
        TRY(tz_value_read("UTC", zones, &zone, err));
    if (instant_parse(options->until, zone.zone, clock_realtime(), &config->until, err) != RC_OK)
        return error_prefix(err, "--until");
    return RC_OK;
}

enum rc run_db_drop(struct call *call, struct error *err)
{
    struct db_config config = {.database = call->common.database,
                               .schema = call->operands.items[0]};

    return past_drop(&config, call->out, err);
}

enum rc run_db_rebuild(struct call *call, struct error *err)
{
    const struct db_options *options = call->values[0];
    struct db_config config = {.database = call->common.database,
                               .brokers = call->common.brokers,
                               .topic_prefix = call->common.topic_prefix,
                               .partitions = call->common.partitions,
                               .expect = options->expect,
                               .batch_records = options->batch_records,
                               .accept_loss = options->accept_loss};

    TRY(read_until(call, &config, err));
    return db_rebuild(&config, call->out, err);
}
