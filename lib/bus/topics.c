#include "bus/topics.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/nearest.h"

#define DAY_MS       (INT64_C(86400) * 1000)
#define KNOWN_WITHIN (60 * USEC_PER_SEC)

/* clang-format off */
const struct topic_rule topic_rules[] = {
    {.name = "commands", .is_partitioned = true, .must_keep = true, .cleanup_policy = "delete", .retention_ms = -1, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "task id", .written_by = "API, command line; scheduler", .records = "Command"},
    {.name = "tasks", .is_partitioned = true, .cleanup_policy = "delete", .retention_ms = -1, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "task id", .written_by = "scheduler", .records = "TaskRevision, CommandOutcome, ScheduleGap"},
    {.name = "executions.", .is_partitioned = true, .is_queue = true, .cleanup_policy = "delete", .retention_ms = -1, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "task id", .written_by = "scheduler", .records = "ExecutionCreated"},
    {.name = "status", .is_partitioned = true, .cleanup_policy = "delete", .retention_ms = -1, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "task id", .written_by = "workers, scheduler", .records = "ExecutionStatus"},
    {.name = "heartbeats", .is_partitioned = true, .cleanup_policy = "delete", .retention_ms = DAY_MS, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "task id", .written_by = "workers", .records = "Heartbeat"},
    {.name = "logs", .is_partitioned = true, .cleanup_policy = "delete", .retention_ms = 400 * DAY_MS, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "execution id", .written_by = "workers", .records = "LogBatch"},
    {.name = "control", .cleanup_policy = "delete", .retention_ms = 7 * DAY_MS, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "execution id", .written_by = "scheduler", .records = "ExecutionSignal"},
    {.name = "state", .is_partitioned = true, .cleanup_policy = "compact", .retention_ms = -1, .max_message_bytes = MESSAGE_BYTES_MAX,
     .key = "see docs/kafka.md", .written_by = "scheduler", .records = "TaskState, RunState, OpenExecution, Watermark"},
    {.name = NULL},
};
/* clang-format on */

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool fits_rule(const struct topic_rule *rule, const char *topic)
{
    return rule->is_queue ? text_starts(topic, rule->name) && topic[strlen(rule->name)] != '\0'
                          : strcmp(topic, rule->name) == 0;
}

enum rc topic_check_name(const char *topic, struct error *err)
{
    struct nearest near = nearest_to(topic);
    SCOPED_BUF all = {0};

    for (const struct topic_rule *rule = topic_rules; rule->name != NULL; rule++) {
        if (fits_rule(rule, topic))
            return RC_OK;
        nearest_try(&near, rule->name);
        buf_printf(&all, "%s%s%s", all.len == 0 ? "" : ", ", rule->name,
                   rule->is_queue ? "QUEUE" : "");
    }
    (void)error_set(err, RC_INVALID, "'%.100s' is none of %s", topic, buf_text(&all));
    return near.name == NULL ? RC_INVALID : error_hint(err, "did you mean %s?", near.name);
}

enum rc queue_check_name(const char *queue, struct error *err)
{
    size_t len = queue == NULL ? 0 : strlen(queue);

    if (len == 0 || strchr(LETTERS, queue[0]) == NULL)
        return error_set(err, RC_INVALID, "queue '%.40s' must begin with a-z or 0-9",
                         len == 0 ? "" : queue);
    if (len > QUEUE_NAME_MAX)
        return error_set(err, RC_INVALID, "queue '%.40s...' has %zu characters, the limit is %d",
                         queue, len, QUEUE_NAME_MAX);
    for (const char *at = queue; *at != '\0'; at++)
        if (strchr(LETTERS, *at) == NULL && strchr("._-", *at) == NULL)
            return error_set(err, RC_INVALID, "queue '%.40s' has '%c': only a-z 0-9 . _ - go",
                             queue, *at);
    return RC_OK;
}

/* --- what should be --- */

/* One replica may be away, and what is acknowledged is still on two. */
static int min_insync_of(int replication)
{
    return MAX(replication - 1, 1);
}

static struct bus_topic topic_of(const struct topics_wanted *w, const struct topic_rule *rule,
                                 const char *name)
{
    return (struct bus_topic){
        .name = name,
        .partitions = rule->is_partitioned ? w->partitions : 1,
        .replication = w->replication,
        .cleanup_policy = rule->cleanup_policy,
        .retention_ms = rule->retention_ms,
        .timestamp_type = "LogAppendTime",
        .min_insync = w->replication == 0 ? 0 : min_insync_of(w->replication),
        .max_message_bytes = rule->max_message_bytes,
        .segment_ms = strcmp(rule->cleanup_policy, "compact") == 0 ? w->state_segment_ms : 0,
    };
}

/* --- what differs --- */

struct comparison { /* of one topic */
    const struct topics_wanted *w;
    const struct topic_rule *rule;
    const struct bus_topic *is, *wanted;
    struct buf what;
    enum topic_remedy remedy;
    bool breaks_promise;
};

static void differ(struct comparison *c, enum topic_remedy remedy, bool breaks_promise)
{
    c->remedy = MAX(c->remedy, remedy);
    c->breaks_promise = c->breaks_promise || breaks_promise;
}

static void compare_number(struct comparison *c, const char *name, int64_t is, int64_t wanted,
                           enum topic_remedy remedy)
{
    if (is == wanted)
        return;
    buf_printf(&c->what, "%s%s is %lld, not %lld", c->what.len > 0 ? "; " : "", name, (long long)is,
               (long long)wanted);
    differ(c, remedy, remedy == TOPIC_IMPOSSIBLE);
}

static void compare_text(struct comparison *c, const char *name, const char *is, const char *wanted)
{
    if (strcmp(is, wanted) == 0)
        return;
    buf_printf(&c->what, "%s%s is %s, not %s", c->what.len > 0 ? "; " : "", name, is, wanted);
    differ(c, TOPIC_ALTER, true);
}

static void compare(struct comparison *c)
{
    const struct bus_topic *is = c->is, *wanted = c->wanted;

    compare_number(c, "partitions", is->partitions, wanted->partitions, TOPIC_IMPOSSIBLE);
    compare_text(c, "message.timestamp.type", is->timestamp_type, wanted->timestamp_type);
    compare_text(c, "cleanup.policy", is->cleanup_policy, wanted->cleanup_policy);
    if (strcmp(wanted->cleanup_policy, "delete") == 0) {
        compare_number(c, "retention.ms", is->retention_ms, wanted->retention_ms, TOPIC_ALTER);
        if (c->rule->must_keep && is->retention_ms != wanted->retention_ms)
            differ(c, TOPIC_ALTER, true);
    }
    compare_number(c, "max.message.bytes", is->max_message_bytes, wanted->max_message_bytes,
                   TOPIC_ALTER);
    if (wanted->segment_ms > 0)
        compare_number(c, "segment.ms", is->segment_ms, wanted->segment_ms, TOPIC_ALTER);
    if (is->replication < wanted->replication)
        compare_number(c, "replication", is->replication, wanted->replication, TOPIC_ADVICE);
    /* by the replicas that it has: with as many as it should have, nothing could be written */
    compare_number(c, "min.insync.replicas", is->min_insync, min_insync_of(is->replication),
                   TOPIC_ALTER);
}

/* A queue of another shape is no queue: nothing is ever written to it. */
static bool is_unused(const struct comparison *c)
{
    return c->rule->is_queue && c->remedy == TOPIC_IMPOSSIBLE;
}

struct planning {
    struct bus_admin *admin;
    const struct topics_wanted *w;
    struct arena *memory;
    struct topics_plan *plan;
    size_t capacity;
};

static void add(struct planning *p, const struct topic_difference *difference)
{
    struct topics_plan *plan = p->plan;

    if (plan->count == p->capacity) {
        size_t grown = MAX(p->capacity * 2, 16);
        struct topic_difference *items = arena_alloc(p->memory, grown * sizeof *items);

        if (plan->count > 0)
            memcpy(items, plan->items, plan->count * sizeof *items);
        plan->items = items;
        p->capacity = grown;
    }
    plan->items[plan->count++] = *difference;
}

static enum rc plan_topic(struct planning *p, const struct topic_rule *rule, const char *name,
                          struct error *err)
{
    struct bus_topic is, wanted = topic_of(p->w, rule, name);
    struct comparison c = {.w = p->w, .rule = rule, .is = &is, .wanted = &wanted};
    enum rc rc = bus_topic_read(p->admin, name, p->memory, &is, err);

    if (rc == RC_NOT_FOUND) {
        add(p, &(struct topic_difference){.remedy = TOPIC_CREATE,
                                          .breaks_promise = true,
                                          .what = "does not exist",
                                          .wanted = wanted});
        return RC_OK;
    }
    TRY(rc);
    compare(&c);
    if (c.what.len > 0) {
        wanted.replication = MAX(wanted.replication, is.replication);
        wanted.min_insync = min_insync_of(is.replication);
        add(p, &(struct topic_difference){.remedy = c.remedy,
                                          .breaks_promise = c.breaks_promise && !is_unused(&c),
                                          .what = arena_strdup(p->memory, c.what.data),
                                          .partitions = is.partitions,
                                          .wanted = wanted});
    }
    buf_clear(&c.what);
    return RC_OK;
}

static bool contains(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static enum rc plan_queues(struct planning *p, const struct topic_rule *rule, struct error *err)
{
    const char *prefix = arena_printf(p->memory, "%s%s", p->w->prefix, rule->name);
    const char **names;
    size_t count;

    TRY(bus_topic_list(p->admin, prefix, p->memory, &names, &count, err));
    for (size_t i = 0; i < count; i++)
        TRY(plan_topic(p, rule, names[i], err));
    for (size_t i = 0; i < p->w->queue_count; i++) {
        const char *name = arena_printf(p->memory, "%s%s", prefix, p->w->queues[i]);

        TRY(queue_check_name(p->w->queues[i], err));
        if (!contains(names, count, name))
            TRY(plan_topic(p, rule, name, err));
    }
    return RC_OK;
}

enum rc topics_plan(struct bus_admin *a, const struct topics_wanted *wanted, struct arena *memory,
                    struct topics_plan *ret, struct error *err)
{
    struct topics_plan plan = {0};
    struct planning p = {.admin = a, .w = wanted, .memory = memory, .plan = &plan};

    for (const struct topic_rule *rule = topic_rules; rule->name != NULL; rule++) {
        if (rule->is_queue)
            TRY(plan_queues(&p, rule, err));
        else
            TRY(plan_topic(&p, rule, arena_printf(memory, "%s%s", wanted->prefix, rule->name),
                           err));
    }
    *ret = plan;
    return RC_OK;
}

/* --- mending --- */

static enum rc refuse(const struct topic_difference *d, struct error *err)
{
    (void)error_set(err, RC_INVALID, "topic %s: %s", d->wanted.name, d->what);
    if (err == NULL)
        return RC_INVALID;
    if (d->remedy == TOPIC_IMPOSSIBLE && !d->breaks_promise)
        (void)snprintf(err->hint, sizeof err->hint,
                       "it is not used as it is: delete it, then run cronobs topics apply again");
    else if (d->remedy == TOPIC_IMPOSSIBLE)
        (void)snprintf(err->hint, sizeof err->hint,
                       "the number of partitions can never change: set partitions = %d, or use "
                       "another topic.prefix; cronobs topics plan shows all",
                       d->partitions);
    else
        (void)snprintf(err->hint, sizeof err->hint, "run: cronobs topics apply");
    return RC_INVALID;
}

static bool is_so(const struct bus_topic *is, const struct bus_topic *wanted)
{
    return strcmp(is->timestamp_type, wanted->timestamp_type) == 0 &&
           strcmp(is->cleanup_policy, wanted->cleanup_policy) == 0;
}

/* A broker answers "done" before it knows the change itself: whoever asks at once would not see it. */
static enum rc wait_until_so(struct bus_admin *a, const struct bus_topic *wanted,
                             int *ret_replication, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct timespec pause = {.tv_nsec = 5000000};
    usec_t deadline = clock_monotonic() + KNOWN_WITHIN;
    struct bus_topic is;
    enum rc rc = bus_topic_read(a, wanted->name, memory, &is, err);

    while (rc == RC_NOT_FOUND || (rc == RC_OK && !is_so(&is, wanted))) {
        if (clock_monotonic() > deadline)
            return error_set(err, RC_RETRY, "could not see topic %s as it was made", wanted->name);
        (void)nanosleep(&pause, NULL);
        arena_reset(memory);
        rc = bus_topic_read(a, wanted->name, memory, &is, err);
    }
    if (rc == RC_OK)
        *ret_replication = is.replication;
    return rc;
}

/* Made with the brokers' replication, which is known only now. */
static enum rc finish_new(struct bus_admin *a, const struct bus_topic *wanted, struct error *err)
{
    struct bus_topic topic = *wanted;

    TRY(wait_until_so(a, wanted, &topic.replication, err));
    topic.min_insync = min_insync_of(topic.replication);
    return topic.min_insync == wanted->min_insync ? RC_OK : bus_topic_alter(a, &topic, err);
}

enum rc topics_apply(struct bus_admin *a, const struct topics_plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].remedy == TOPIC_IMPOSSIBLE)
            return refuse(&plan->items[i], err);
    for (size_t i = 0; i < plan->count; i++) {
        const struct topic_difference *d = &plan->items[i];

        if (d->remedy == TOPIC_CREATE) {
            enum rc rc = bus_topic_create(a, &d->wanted, err);

            if (rc != RC_CONFLICT) /* another one was first: the next plan tells whether it fits */
                TRY(rc);
        } else if (d->remedy == TOPIC_ALTER) {
            TRY(bus_topic_alter(a, &d->wanted, err));
        }
    }
    for (size_t i = 0; i < plan->count; i++)
        if (plan->items[i].remedy != TOPIC_ADVICE)
            TRY(finish_new(a, &plan->items[i].wanted, err));
    return RC_OK;
}

enum rc topics_check(struct bus_admin *a, const char *prefix, int partitions, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct topics_wanted wanted = {.prefix = prefix, .partitions = partitions};
    const struct topic_difference *missing = NULL;
    struct topics_plan plan;

    TRY(topics_plan(a, &wanted, memory, &plan, err));
    for (size_t i = 0; i < plan.count; i++) {
        if (plan.items[i].breaks_promise && plan.items[i].remedy != TOPIC_CREATE)
            return refuse(&plan.items[i], err);
        if (plan.items[i].remedy == TOPIC_CREATE && missing == NULL)
            missing = &plan.items[i];
    }
    if (missing == NULL)
        return RC_OK;
    (void)refuse(missing, err);
    if (err != NULL)
        err->rc = RC_NOT_FOUND;
    return RC_NOT_FOUND;
}

enum rc topics_wait(struct bus_admin *a, const char *prefix, int partitions,
                    topics_goes_on_fn goes_on, void *ctx, struct error *err)
{
    const struct timespec pause = {.tv_sec = 1};
    enum rc rc = topics_check(a, prefix, partitions, err);

    for (int waited = 0; rc == RC_NOT_FOUND && waited < TOPICS_PATIENCE; waited++) {
        if (!goes_on(ctx))
            return error_set(err, RC_RETRY, "stopped while it waited for topics");
        if (waited % 10 == 0)
            log_warn("waiting for topics", "why=\"%s\" waited_s=%d gives_up_after_s=%d",
                     err == NULL ? "" : err->text, waited, TOPICS_PATIENCE);
        (void)nanosleep(&pause, NULL);
        rc = topics_check(a, prefix, partitions, err);
    }
    if (rc == RC_NOT_FOUND && err != NULL)
        err->rc = RC_INVALID;
    return rc == RC_NOT_FOUND ? RC_INVALID : rc;
}

enum rc topics_create_queue(struct bus_admin *a, const char *prefix, int partitions,
                            int replication, const char *queue, struct error *err)
{
    const struct topics_wanted wanted = {
        .prefix = prefix, .partitions = partitions, .replication = replication};
    const struct topic_rule *rule = topic_rules;
    SCOPED(text) char *name = NULL;
    struct bus_topic topic;
    enum rc rc;

    TRY(queue_check_name(queue, err));
    while (!rule->is_queue)
        rule++;
    name = xasprintf("%s%s%s", prefix, rule->name, queue);
    topic = topic_of(&wanted, rule, name);
    rc = bus_topic_create(a, &topic, err);
    if (rc == RC_CONFLICT)
        return wait_until_so(a, &topic, &topic.replication, err);
    TRY(rc);
    return finish_new(a, &topic, err);
}
