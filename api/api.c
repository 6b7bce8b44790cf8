/*
 * api.c - makes what context.h lists, runs the loop, and takes all of it down again in order.
 */
#include "api/api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "api/exchange/answer.h"
#include "api/exchange/kept.h"
#include "api/exchange/parked.h"
#include "api/exchange/streams.h"
#include "api/resources/assets.h"
#include "api/resources/forecast.h"
#include "api/resources/next_cache.h"
#include "api/resources/page.h"
#include "api/resources/population.h"
#include "api/resources/resources.h"
#include "api/resources/summary.h"
#include "api/resources/usual.h"
#include "api/routes.h"
#include "base/clock.h"
#include "base/log.h"
#include "http/host.h"
#include "store/read_executions.h"
#include "store/store.h"

#define TICK         (100 * USEC_PER_MS)
#define DRAIN        (500 * USEC_PER_MS) /* for answers that are under way at the end */
#define ZONES_EVERY  (60 * USEC_PER_SEC) /* a look at tzdata's version */
#define AFTER_WAIT_S 10                  /* of after_command without Prefer: wait */
#define AFTER_YOUNG  (60 * USEC_PER_SEC) /* an execution that is older was there, and may be gone */

enum { HOSTS_MAX = 32, FILES_KEPT = 200 };

struct program { /* the api and what only this file touches */
    struct api api;
    const volatile sig_atomic_t *stop;
    struct loop_timer *tick, *drained;
    struct connection { /* of the pool */
        struct program *program;
        int slot;
        struct loop_watch *watch;
    } connections[READ_CONNECTIONS_MAX];
    struct zoneset *old_zones; /* requests under way may still hold one of its zones */
    int64_t accept_failures;   /* told so far */
    usec_t accept_told;        /* monotonic: and not again before */
    usec_t zones_at;           /* monotonic: when tzdata is looked at next */
    struct arena *memory;
    const char *hosts[HOSTS_MAX + 1];
    struct error failure; /* rc RC_OK: none */
};

/* --- requests --- */

struct after {
    struct api *api;
    struct http_exchange *x;
    struct uuid command;
    usec_t until; /* monotonic */
};

static void wait_for_outcome(struct after *a);

/* Outcomes and executions are of different topics, which the tables follow each for itself. */
static void after_execution(void *ctx, const struct read_page *page)
{
    struct after *a = ctx;

    if (page->rc == RC_OK && page->count == 0 && clock_monotonic() < a->until)
        wait_for_outcome(a);
    else
        http_route(api_routes, API_COMMON_QUERY, a->x, a->api);
}

static bool made_lately(const struct command_view *outcome)
{
    return !uuid_is_nil(outcome->execution_id) &&
           execution_id_ms(outcome->execution_id) * USEC_PER_MS > clock_realtime() - AFTER_YOUNG;
}

static void after_outcome(void *ctx, const struct command_view *outcome, bool away)
{
    struct after *a = ctx;

    if (outcome == NULL)
        problem_answer_text(a->x, PROBLEM_UNAVAILABLE, "ask again",
                            "the outcome of the command is not in the database yet%s",
                            away ? ", which cannot be asked just now" : "");
    else if (made_lately(outcome))
        read_execution(a->api->reads, outcome->execution_id,
                       (struct read_reply){http_memory(a->x), after_execution, a});
    else
        http_route(api_routes, API_COMMON_QUERY, a->x, a->api);
}

static void wait_for_outcome(struct after *a)
{
    waiters_add(a->api->waiters, &(struct wait){.command = a->command,
                                                .timeout = a->until - clock_monotonic(),
                                                .x = a->x,
                                                .fn = after_outcome,
                                                .ctx = a});
}

/* A read that names a command waits until what came of it can be seen: its outcome, and the execution that it made. */
static void route_after(struct api *api, struct http_exchange *x, const char *command)
{
    struct after *a = arena_alloc(http_memory(x), sizeof *a);
    struct error err = {0};
    int wait_s = AFTER_WAIT_S;

    *a = (struct after){.api = api, .x = x};
    if (uuid_from_text(command, &a->command, &err) != RC_OK) {
        (void)error_prefix(&err, "after_command");
        answer_error(x, &err);
    } else if (prefer_wait(x, &wait_s, &err) != RC_OK) {
        answer_error(x, &err);
    } else if (!answer_parked_full(x, api)) {
        a->until = clock_monotonic() + wait_s * USEC_PER_SEC;
        wait_for_outcome(a);
    }
}

/*
 * A page of another site, or of another program on this machine, can send simple requests here. Browsers name the page in
 * Origin, and say in Sec-Fetch-Site whether it is ours; other programs send neither.
 */
static bool is_foreign(const struct http_exchange *x, const char *const *hosts)
{
    const char *origin = http_header_list(x, "Origin");
    const char *site = http_header_list(x, "Sec-Fetch-Site");

    if (site != NULL && strcasecmp(site, "same-origin") != 0 && strcasecmp(site, "none") != 0)
        return true;
    return origin != NULL && !origin_is_ours(origin, http_host(x), hosts);
}

static void answer_foreign(struct http_exchange *x)
{
    const char *origin = http_header(x, "Origin");

    problem_answer_text(
        x, PROBLEM_ORIGIN,
        "requests of web pages are taken from this server's own only; a page that "
        "comes through a proxy is named in api.hosts, with its scheme",
        "Origin: %.80s, Sec-Fetch-Site: %.20s is another site", origin != NULL ? origin : "none",
        http_header(x, "Sec-Fetch-Site") != NULL ? http_header(x, "Sec-Fetch-Site") : "none");
}

/* What is asked for when all is not well. */
static bool tells_how_we_are(const struct http_exchange *x)
{
    return text_has_word("/healthz /readyz /metrics", http_path(x));
}

/* What it is about, or would come to, it finds in the tables. */
static bool looks_before_it_writes(const struct http_exchange *x)
{
    static const char *const verbs[] = {":backfill", ":cancel", ":retry"};
    size_t len = strlen(http_path(x));

    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (len > strlen(verbs[i]) && text_equal(http_path(x) + len - strlen(verbs[i]), verbs[i]))
            return true;
    return http_method(x) == HTTP_PATCH || http_query(x, "dry_run") != NULL;
}

static void handle(struct http_exchange *x, void *ctx)
{
    struct program *p = ctx;
    bool is_read = http_method(x) == HTTP_GET || http_method(x) == HTTP_HEAD;
    bool reads_first = is_read || looks_before_it_writes(x);
    const char *after, *named = http_query(x, "after_command");
    struct error err = {0};

    if (http_header_single(x, "Cronobs-Command", &after, &err) != RC_OK) {
        answer_error(x, &err);
        return;
    }
    if (named != NULL)
        after = named;
    if (!is_read && is_foreign(x, p->hosts))
        answer_foreign(x);
    else if (!is_read && api_shows_the_past(&p->api))
        problem_answer_text(x, PROBLEM_METHOD, "ask the API of the live tables",
                            "the tables of schema %s are those of an instant: they are only read",
                            p->api.config->schema);
    else if (!tells_how_we_are(x) && answer_no_memory(x))
        return;
    else if (reads_first && after != NULL)
        route_after(&p->api, x, after);
    else
        http_route(api_routes, API_COMMON_QUERY, x, &p->api);
}

/* --- the loop's other callbacks --- */

static void on_slow(void *ctx, usec_t took)
{
    struct api *api = ctx;

    api->slow_callbacks++;
    log_warn("event loop was held up", "ms=%lld", (long long)(took / USEC_PER_MS));
}

static void on_database(void *ctx, int events UNUSED)
{
    struct connection *c = ctx;

    read_pool_ready(c->program->api.reads, c->slot, clock_monotonic());
}

static void watch_database(void *ctx, int slot, int fd, int wants)
{
    struct program *p = ctx;
    struct connection *c = &p->connections[slot];

    if (c->watch == NULL || loop_watch_fd(c->watch) != fd) {
        loop_watch_free(c->watch);
        c->watch = NULL;
    }
    if (fd < 0)
        return;
    c->program = p;
    c->slot = slot;
    if (c->watch == NULL)
        c->watch = loop_watch_new(p->api.loop, fd, on_database, c);
    loop_watch_set(c->watch, wants);
}

static void end(struct program *p)
{
    if (p->api.is_ending)
        return;
    p->api.is_ending = true;
    http_server_end(p->api.server);
    execution_commands_end(&p->api);
    waiters_end(p->api.waiters);
    streams_end(p->api.streams);
    loop_timer_start(p->drained, DRAIN);
}

static void look_at_zones(struct program *p, usec_t now)
{
    char version[TZDATA_VERSION_MAX];

    if (now < p->zones_at)
        return;
    p->zones_at = now + ZONES_EVERY;
    if (text_equal(zoneset_version_now(p->api.zones, version), zoneset_version(p->api.zones)))
        return;
    log_info("tzdata was changed", "from=%s to=%s", zoneset_version(p->api.zones), version);
    zoneset_free(p->old_zones);
    p->old_zones = p->api.zones;
    p->api.zones = zoneset_new(NULL);
    next_cache_clear(p->api.next);
}

/* Once a minute while it lasts. */
static void look_at_descriptors(struct program *p, usec_t now)
{
    const struct http_stats *stats = http_server_stats(p->api.server);

    if (stats->accept_failures == p->accept_failures || now < p->accept_told)
        return;
    log_error("connections could not be accepted: is the limit of open files too low?",
              "failures=%lld connections=%lld",
              (long long)(stats->accept_failures - p->accept_failures),
              (long long)stats->connections);
    p->accept_failures = stats->accept_failures;
    p->accept_told = now + USEC_PER_MIN;
}

static void on_tick(void *ctx)
{
    struct program *p = ctx;
    usec_t now = clock_monotonic();

    read_pool_step(p->api.reads, now);
    look_at_zones(p, now);
    look_at_descriptors(p, now);
    if (*p->stop != 0)
        end(p);
    loop_timer_start(p->tick, TICK);
}

static void on_drained(void *ctx)
{
    struct program *p = ctx;

    loop_stop(p->api.loop);
}

/* The topics break a promise, or the producer is of no further use. */
static void give_up(void *ctx, const struct error *err)
{
    struct program *p = ctx;

    p->failure = *err;
    end(p);
}

/* --- making and taking down --- */

static enum rc add_host(struct program *p, size_t count, const char *name, struct error *err)
{
    if (count == HOSTS_MAX)
        return error_set(err, RC_INVALID, "api.hosts: more than %d names", HOSTS_MAX);
    if (host_check(name, err) != RC_OK)
        return error_prefix(err, "api.hosts");
    p->hosts[count] = name;
    return RC_OK;
}

static enum rc split_hosts(struct program *p, const char *list, struct error *err)
{
    size_t count = 0;

    if (list != NULL && strchr(list, '@') != NULL) /* a comma may stand inside a password */
        return add_host(p, 0, list, err);

    for (const char *at = list; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ",");

        if (len > 0)
            TRY(add_host(p, count++, arena_strndup(p->memory, at, len), err));
        at += len + (at[len] == ',');
    }
    return RC_OK;
}

static enum rc make_kafka(struct program *p, struct error *err)
{
    const struct api_config *c = p->api.config;
    struct sender_config sender = {c->brokers, c->topic_prefix, c->partitions, give_up, p};
    struct broker_config broker = {.brokers = c->brokers,
                                   .prefix = c->topic_prefix,
                                   .partitions = c->partitions,
                                   .queues_max = c->queues_max,
                                   .replication = c->replication,
                                   .stalled_after = 2 * c->transaction_timeout_ms * USEC_PER_MS,
                                   .on_wrong = give_up,
                                   .ctx = p};

    TRY(sender_new(p->api.loop, &sender, &p->api.sender, err));
    return broker_new(p->api.loop, &broker, &p->api.broker, err);
}

/* The usual soft limit is 1,024 descriptors, far below the limit of connections. */
static void allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log_warn("could not raise the limit of open files", "why=\"%s\"", strerror(errno));
}

/* Some descriptors stay for the rest of the process: the database, the broker and, where it runs here, the projection. */
static int most_connections(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
        limit.rlim_cur >= HTTP_CONNECTIONS_MAX + FILES_KEPT)
        return HTTP_CONNECTIONS_MAX;
    return (int)(limit.rlim_cur - MIN(limit.rlim_cur / 2, (rlim_t)FILES_KEPT));
}

static enum rc make(struct program *p, struct error *err)
{
    const struct api_config *c = p->api.config;
    struct read_config reads = {c->database, c->schema, c->connections, watch_database, p};
    struct http_config http = {.listen = c->listen,
                               .hosts = p->hosts,
                               .connections_max = most_connections(),
                               .memory_max = (size_t)c->memory_mib << 20,
                               .handler = handle,
                               .ctx = p};

    if (c->schema != NULL)
        TRY(store_check_schema_name(c->schema, err));
    TRY(split_hosts(p, c->hosts, err));
    TRY(page_new(c->base_path, &p->api.page, err));
    TRY(loop_new(&p->api.loop, err));
    loop_on_slow(p->api.loop, on_slow, &p->api);
    p->api.keys = keys_new();
    p->api.slices = slices_new(p->api.loop);
    p->api.next = next_cache_new();
    p->api.usual = usual_cache_new();
    p->api.populations = populations_new();
    p->api.forecasts = forecasts_new();
    p->api.summary = summary_cache_new();
    p->api.zones = zoneset_new(NULL);
    p->api.reads = read_pool_new(&reads, clock_monotonic());
    p->api.waiters = waiters_new(p->api.loop, p->api.reads);
    TRY(aside_new(p->api.loop, &p->api.aside, err));
    p->api.streams = streams_new(&(struct streams_config){.loop = p->api.loop,
                                                          .reads = p->api.reads,
                                                          .partitions = c->partitions,
                                                          .version = COBS_VERSION,
                                                          .page = page_build});
    TRY(make_kafka(p, err));
    p->api.parked_max = parked_most(http.connections_max);
    p->tick = loop_timer_new(p->api.loop, on_tick, p);
    p->drained = loop_timer_new(p->api.loop, on_drained, p);
    loop_timer_start(p->tick, TICK);
    return http_server_new(p->api.loop, &http, &p->api.server, err);
}

/*
 * Everything that waits is answered before anything is freed that an answer may look at: reads first, for whoever waits
 * for one may go on to work on what it has, to ask the broker, the log or the waiters; then those, in that order; the server
 * goes last.
 */
static void answer_all(struct api *api)
{
    api->is_ending = true;
    if (api->reads != NULL)
        read_pool_end(api->reads);
    execution_commands_end(api);
    slices_free(TAKE(api->slices));
    aside_free(TAKE(api->aside));
    broker_free(TAKE(api->broker));
    sender_free(TAKE(api->sender));
    if (api->waiters != NULL)
        waiters_end(api->waiters);
    if (api->streams != NULL)
        streams_end(api->streams);
}

static void program_clear(struct program *p)
{
    answer_all(&p->api);
    http_server_free(p->api.server);
    waiters_free(p->api.waiters);
    streams_free(p->api.streams);
    read_pool_free(p->api.reads);
    keys_free(p->api.keys);
    next_cache_free(p->api.next);
    kept_clear(&p->api.queue_list);
    kept_clear(&p->api.system);
    usual_cache_free(p->api.usual);
    populations_free(p->api.populations);
    forecasts_free(p->api.forecasts);
    free(p->api.summary);
    page_free(p->api.page);
    zoneset_free(p->api.zones);
    zoneset_free(p->old_zones);
    loop_timer_free(p->tick);
    loop_timer_free(p->drained);
    loop_free(p->api.loop);
    arena_free(p->memory);
}

enum rc api_run(const struct api_config *config, const volatile sig_atomic_t *stop,
                struct error *err)
{
    __attribute__((cleanup(program_clear))) struct program p = {
        .api.config = config, .stop = stop, .memory = arena_new(0)};

    (void)signal(SIGPIPE, SIG_IGN); /* a client that has gone is an error of write, no more */
    allow_many_files();
    TRY(make(&p, err));
    log_info("api is listening", "address=%s port=%d", config->listen,
             http_server_port(p.api.server));
    if (config->on_ready != NULL)
        config->on_ready(config->ctx, http_server_port(p.api.server));
    loop_run(p.api.loop);
    if (p.failure.rc == RC_OK)
        return RC_OK;
    if (err != NULL)
        *err = p.failure;
    return p.failure.rc;
}
