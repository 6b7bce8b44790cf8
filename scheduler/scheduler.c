#include "scheduler/scheduler.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "bus/topics.h"
#include "cron/zoneset.h"
#include "scheduler/hearing.h"
#include "scheduler/instance.h"
#include "scheduler/reaper.h"
#include "scheduler/restore.h"
#include "scheduler/turn.h"

enum {
    EVENTS_A_ROUND = 10000,
    BUSY_WAIT_MS = 1,   /* other handles have something, and only one of them can be waited for */
    IDLE_WAIT_MS = 250, /* how late a request to stop may be seen */
    BEGIN_MS = 45000,   /* of init_transactions: an older transaction may have to end first */
    WATCHDOG_SECONDS = 60,
    CLOSE_SECONDS = 15,
};
static const usec_t TELL_EVERY = 60 * USEC_PER_SEC;
/* On a busy machine as many as that take longer, and a turn is due. */
static const usec_t READ_FOR = 25 * USEC_PER_MS;

struct scheduler {
    struct scheduler_env env;
    struct names names;
    struct core_env core_env;
    struct bus_admin *admin;
    struct bus_txn *txn;
    struct bus_consumer *consumer, *committed, *uncommitted;
    struct ends *ends, *hearing_ends;
    struct ownership ownership;
    struct queues queues;
    struct restore restore;
    struct reaper reaper;
    struct hearing hearing;
    struct turns turns;
    struct tzdata tzdata;
    usec_t tell_at; /* monotonic: the next line of figures */
};

static void read_machine_clock(struct moment *ret)
{
    *ret = (struct moment){.real = clock_realtime(), .mono = clock_monotonic()};
}

static usec_t mono_of(const struct scheduler *s)
{
    struct moment now;

    s->env.read_clock(&now);
    return now.mono;
}

/* --- making and ending --- */

static enum rc make_consumers(struct scheduler *s, struct error *err)
{
    const char *const subscribed[] = {s->names.commands, NULL};
    const char *const state[] = {s->names.state, NULL};
    const char *const assigned[] = {s->names.status, s->names.heartbeats, NULL};
    const struct bus_consumer_config committed = {.warm = state, .isolation = BUS_COMMITTED};
    const struct bus_consumer_config uncommitted = {.warm = state, .isolation = BUS_UNCOMMITTED};
    const struct bus_consumer_config member = {.group = s->names.group,
                                               .static_member = true,
                                               .topics = subscribed,
                                               .warm = assigned,
                                               .isolation = BUS_COMMITTED};

    TRY(bus_consumer_new(s->env.bus, &committed, &s->committed, err));
    TRY(bus_consumer_new(s->env.bus, &uncommitted, &s->uncommitted, err));
    TRY(ends_new(s->env.bus, &s->ends, err));
    TRY(ends_new(s->env.bus, &s->hearing_ends, err));
    return bus_consumer_new(s->env.bus, &member, &s->consumer, err);
}

static enum rc make_producer(struct scheduler *s, struct error *err)
{
    const char *const fixed[] = {s->names.state, s->names.status, s->names.tasks, s->names.control,
                                 s->names.commands};
    size_t count = ARRAY_LEN(fixed) + s->queues.count;
    const char **topics = xcalloc(count, sizeof *topics);
    enum rc rc;

    memcpy(topics, fixed, sizeof fixed);
    if (s->queues.count > 0)
        memcpy(topics + ARRAY_LEN(fixed), s->queues.queues, s->queues.count * sizeof *topics);
    rc = bus_txn_new(s->env.bus, topics, count, BEGIN_MS, &s->txn, err);
    free(topics);
    return rc;
}

static void wire(struct scheduler *s)
{
    s->ownership.consumer = s->consumer;
    restore_init(&s->restore, &s->ownership, s->committed, s->admin);
    reaper_init(&s->reaper, &s->ownership);
    s->reaper.bus = s->env.bus;
    s->reaper.ends = s->ends;
    s->reaper.uncommitted = s->uncommitted;
    s->reaper.admin = s->admin;
    hearing_init(&s->hearing, &s->ownership);
    s->hearing.ends = s->hearing_ends;
    turns_init(&s->turns, &s->ownership);
    s->turns.txn = s->txn;
    s->turns.queues = &s->queues;
    s->turns.tzdata = &s->tzdata;
    s->tzdata = (struct tzdata){.ownership = &s->ownership, .env = &s->core_env};
    s->turns.read_clock = s->env.read_clock;
}

static enum rc connect_to(struct scheduler *s, struct error *err)
{
    TRY(bus_admin_new(s->env.bus, &s->admin, err));
    TRY(topics_check(s->admin, s->env.prefix, s->env.partitions, err));
    queues_init(&s->queues, s->admin, s->env.prefix, s->env.partitions);
    TRY(queues_load(&s->queues, mono_of(s), err));
    TRY(make_producer(s, err)); /* first of all it ends what an earlier self has left */
    return make_consumers(s, err);
}

enum rc scheduler_new(const struct scheduler_env *env, struct scheduler **ret, struct error *err)
{
    SCOPED(scheduler) struct scheduler *s = xcalloc(1, sizeof *s);

    s->env = *env;
    if (s->env.read_clock == NULL)
        s->env.read_clock = read_machine_clock;
    names_init(&s->names, env->prefix);
    s->core_env = (struct core_env){.prefix = env->prefix,
                                    .partitions = env->partitions,
                                    .instance = env->instance,
                                    .zones = zoneset_new(env->zoneinfo),
                                    .queue_exists = queues_exist,
                                    .ctx = &s->queues,
                                    .cancel_grace_ms = env->cancel_grace_ms};
    ownership_init(&s->ownership, &s->core_env, &s->names);
    TRY(connect_to(s, err));
    wire(s);
    s->tell_at = mono_of(s) + TELL_EVERY;
    *ret = TAKE(s);
    return RC_OK;
}

static void tell_figures(const struct scheduler *s)
{
    const struct turn_counters *c = &s->turns.counters;
    size_t tasks = 0, open = 0;

    for (int p = 0; p < s->env.partitions; p++) {
        const struct owned *owned = &s->ownership.of[p];

        tasks += owned->phase == PHASE_READY ? core_task_count(owned->core) : 0;
        open += owned->phase == PHASE_READY ? core_open_count(owned->core) : 0;
    }
    log_info(
        "figures",
        "turns=%ld aborts=%ld reaps=%ld records=%ld fired=%ld skipped=%ld missed=%ld gaps=%ld "
        "commands=%ld chains_cut=%ld statuses=%ld deadlines=%ld turn_avg_us=%lld turn_max_us=%lld "
        "partitions=%d tasks=%zu open=%zu unreadable=%ju",
        c->turns, c->aborts, s->reaper.count, c->records, c->decided.fired, c->decided.skipped,
        c->decided.missed, c->decided.gaps, c->decided.commands, c->decided.cut,
        c->decided.statuses, c->decided.deadlines,
        (long long)(c->turns > 0 ? c->commit_sum / c->turns : 0), (long long)c->commit_max,
        ownership_count(&s->ownership, PHASE_READY, PHASE_READY), tasks, open,
        (uintmax_t)s->ownership.unreadable.all);
}

void scheduler_free(struct scheduler *s)
{
    if (s == NULL)
        return;
    if (s->consumer != NULL)
        tell_figures(s);
    turns_clear(&s->turns);
    reaper_clear(&s->reaper);
    hearing_clear(&s->hearing);
    restore_clear(&s->restore);
    ownership_clear(&s->ownership);
    queues_clear(&s->queues);
    bus_consumer_free(s->consumer); /* a static member does not leave: it comes back */
    bus_consumer_free(s->committed);
    bus_consumer_free(s->uncommitted);
    ends_free(s->ends);
    ends_free(s->hearing_ends);
    bus_txn_free(s->txn);
    bus_admin_free(s->admin);
    zoneset_free(s->core_env.zones);
    names_clear(&s->names);
    free(s);
}

/* --- one round --- */

static int wait_ms(const struct scheduler *s, int max_wait_ms)
{
    struct moment now;
    usec_t wait;

    if (restore_is_busy(&s->restore) || reaper_is_busy(&s->reaper) || queues_is_wanted(&s->queues))
        max_wait_ms = MIN(max_wait_ms, BUSY_WAIT_MS);
    s->env.read_clock(&now);
    wait = turns_wait(&s->turns, now);
    if (wait / USEC_PER_MS >= max_wait_ms)
        return max_wait_ms;
    /* up, not down: never early, and no spinning */
    return (int)((wait + USEC_PER_MS - 1) / USEC_PER_MS);
}

static enum rc take_events(struct scheduler *s, int max_wait_ms, struct error *err)
{
    struct bus_event e;
    usec_t now, end;

    bus_poll(s->consumer, wait_ms(s, max_wait_ms), &e);
    now = mono_of(s);
    end = now + READ_FOR;
    for (int i = 0; i < EVENTS_A_ROUND && now < end && e.kind != BUS_NOTHING; i++) {
        TRY(ownership_take(&s->ownership, &e, now, err));
        bus_poll(s->consumer, 0, &e);
        now = mono_of(s);
    }
    return e.kind == BUS_NOTHING ? RC_OK : ownership_take(&s->ownership, &e, now, err);
}

static enum rc take_answers(struct scheduler *s, usec_t mono, struct error *err)
{
    struct bus_answer answer;

    while (bus_admin_poll(s->admin, 0, &answer)) {
        if (answer.kind == BUS_ANSWER_STABLE_OFFSETS)
            TRY(restore_answer(&s->restore, &answer, mono, err));
        else if (answer.kind == BUS_ANSWER_MEMBERS)
            reaper_answer(&s->reaper, &answer, mono);
        else
            queues_answer(&s->queues, &answer, mono);
    }
    return RC_OK;
}

static enum rc take_turn(struct scheduler *s, struct error *err)
{
    struct moment now;

    s->env.read_clock(&now);
    turns_look(&s->turns, now);
    hearing_step(&s->hearing, now);
    if (turns_wait(&s->turns, now) > 0) {
        bus_txn_serve(s->txn);
        return RC_OK;
    }
    return turns_step(&s->turns, err);
}

enum rc scheduler_step(struct scheduler *s, int max_wait_ms, struct error *err)
{
    usec_t mono;

    TRY(take_events(s, max_wait_ms, err));
    mono = mono_of(s);
    TRY(take_answers(s, mono, err));
    TRY(restore_step(&s->restore, mono, err));
    reaper_step(&s->reaper, mono);
    tzdata_step(&s->tzdata, mono);
    TRY(take_turn(s, err));
    queues_step(&s->queues, mono);
    if (mono >= s->tell_at) {
        s->tell_at = mono + TELL_EVERY;
        tell_figures(s);
    }
    return RC_OK;
}

/* --- the program --- */

static void on_notice(void *ctx UNUSED, bool fatal, const char *text)
{
    log_line(fatal ? LOG_ERROR : LOG_WARN, "kafka says", "text=\"%s\"", text);
}

/* In a service nothing is to be corrected by hand when the broker is away: start again. */
static enum rc restart_on(enum rc rc, struct error *err)
{
    if (rc != RC_RETRY && rc != RC_NOT_FOUND && rc != RC_CONFLICT)
        return rc;
    if (err != NULL)
        err->rc = RC_FATAL;
    return RC_FATAL;
}

static bool goes_on(void *ctx)
{
    const volatile sig_atomic_t *const *stop = ctx;

    watchdog_reset(2 * WATCHDOG_SECONDS);
    return !**stop;
}

/* Each topic is asked for, with a time-out of its own: that can take longer than anything that comes after it. */
static enum rc begin(const struct scheduler_env *env, const volatile sig_atomic_t *stop,
                     struct scheduler **ret, struct error *err)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    enum rc rc;

    watchdog_reset(2 * WATCHDOG_SECONDS);
    rc = scheduler_new(env, ret, err);
    if (rc != RC_NOT_FOUND)
        return rc;
    TRY(bus_admin_new(env->bus, &admin, err));
    TRY(topics_wait(admin, env->prefix, env->partitions, goes_on, &stop, err));
    return scheduler_new(env, ret, err);
}

static enum rc run_on(struct bus *bus, const struct scheduler_config *config, const char *instance,
                      const volatile sig_atomic_t *stop, struct error *err)
{
    const struct scheduler_env env = {.bus = bus,
                                      .prefix = config->topic_prefix,
                                      .instance = instance,
                                      .partitions = config->partitions,
                                      .transaction_timeout_ms = config->transaction_timeout_ms,
                                      .cancel_grace_ms = config->cancel_grace_ms};
    SCOPED(scheduler) struct scheduler *s = NULL;
    enum rc rc;

    TRY(begin(&env, stop, &s, err));
    log_info("scheduler started", "instance=%s partitions=%d prefix=%s", instance,
             config->partitions, config->topic_prefix);
    do {
        watchdog_reset(WATCHDOG_SECONDS);
        rc = scheduler_step(s, IDLE_WAIT_MS, err);
    } while (rc == RC_OK && !*stop);
    watchdog_reset(CLOSE_SECONDS);
    return rc;
}

static char *default_instance(void)
{
    char host[256] = "";

    (void)gethostname(host, sizeof host - 1);
    return xasprintf("%s-1", host[0] == '\0' ? "localhost" : host);
}

enum rc scheduler_run(const struct scheduler_config *config, const volatile sig_atomic_t *stop,
                      struct error *err)
{
    SCOPED(text)
    char *instance = config->instance == NULL ? default_instance() : xstrdup(config->instance);
    const struct bus_config bus_config = {
        .brokers = config->brokers,
        .instance = instance,
        .session_timeout_ms = (int)config->session_timeout_ms,
        .transaction_timeout_ms = (int)config->transaction_timeout_ms,
        .on_notice = on_notice,
    };
    SCOPED(bus) struct bus *bus = NULL;
    enum rc rc;
    int lock;

    TRY(instance_lock(config->state_dir, instance, &lock, err));
    TRY(bus_kafka_new(&bus_config, &bus, err));
    rc = restart_on(run_on(bus, config, instance, stop, err), err);
    watchdog_reset(0);
    (void)close(lock);
    return rc;
}
