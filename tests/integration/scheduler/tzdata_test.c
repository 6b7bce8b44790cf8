/* A new release of tzdata under a scheduler that runs: two zoneinfo directories, made here; the log is in memory. */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <ftw.h>

#include "base/hash.h"
#include "base/log.h"
#include "codec/codec.h"
#include "scheduler/clock_guard.h"
#include "scheduler/scheduler.h"
#include "support/memlog.h"
#include "unit/cron/zones.h"

enum { HOUR = 3600, DAY = 86400, SEEN_MAX = 64 };
#define EPOCH (INT64_C(1767225600) * USEC_PER_SEC) /* 2026-01-01T00:00:00Z */

static char directory[64];
static struct memlog *memory;
static struct bus *bus, *reader_bus;
static struct bus_consumer *reader;
static struct scheduler *scheduler;
static usec_t now;

static struct seen {
    long at; /* seconds after EPOCH */
    char tzdata[TZDATA_VERSION_MAX], key[16];
} seen[SEEN_MAX];
static size_t seen_count;

static void read_clock(struct moment *ret)
{
    *ret = (struct moment){.real = now, .mono = now};
}

/* --- zoneinfo --- */

static void write_file(const char *name, const void *data, size_t len)
{
    SCOPED(text) char *path = xasprintf("%s/%s", directory, name);
    SCOPED(text) char *fresh = xasprintf("%s.new", path);
    FILE *file = fopen(fresh, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, path), 0); /* as packages are unpacked */
}

static void write_zone(const char *name, int hours)
{
    SCOPED(text) char *footer = xasprintf("<+00>%d", -hours);
    const struct test_zone t = {name, hours * HOUR, {{0}}, footer};
    SCOPED_BUF bytes = {0};

    add_tzif(&bytes, &t);
    write_file(name, bytes.data, bytes.len);
}

static void write_version(const char *version)
{
    SCOPED(text) char *text = xasprintf("# version %s\n", version);

    write_file("tzdata.zi", text, strlen(text));
}

static int remove_one(const char *path, const struct stat *status UNUSED, int kind UNUSED,
                      struct FTW *place UNUSED)
{
    return remove(path);
}

/* --- the world --- */

static int begin(void **state UNUSED)
{
    static const char *const topics[] = {"commands",   "tasks", "executions.q", "status",
                                         "heartbeats", "logs",  "state",        "control"};
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};

    log_setup("tzdata", LOG_ERROR);
    (void)snprintf(directory, sizeof directory, "/tmp/cronobs-tzdata-XXXXXX");
    assert_non_null(mkdtemp(directory));
    write_version("2026a");
    write_zone("Place", 0);
    write_zone("Elsewhere", 0);
    now = EPOCH;
    memory = memlog_new();
    memlog_set_time(memory, now);
    for (size_t i = 0; i < ARRAY_LEN(topics); i++)
        memlog_add_topic(memory, topics[i], 1);
    bus = memlog_bus(memory, "s-1", 6000, 60000);
    reader_bus = memlog_bus(memory, "reader", 6000, 60000);
    assert_int_equal(bus_consumer_new(reader_bus, &config, &reader, NULL), RC_OK);
    assert_int_equal(
        bus_assign_add(reader, (struct bus_position){"executions.q", 0, BUS_BEGINNING}, NULL),
        RC_OK);
    seen_count = 0;
    return 0;
}

static int end(void **state UNUSED)
{
    scheduler_free(scheduler);
    scheduler = NULL;
    bus_consumer_free(reader);
    bus_free(bus);
    bus_free(reader_bus);
    memlog_free(memory);
    return nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void mend_policies(void)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    const struct bus_topic compact = {.name = "state",
                                      .cleanup_policy = "compact",
                                      .timestamp_type = "LogAppendTime",
                                      .retention_ms = -1,
                                      .min_insync = 1};

    assert_int_equal(bus_admin_new(reader_bus, &admin, NULL), RC_OK);
    assert_int_equal(bus_topic_alter(admin, &compact, NULL), RC_OK);
}

static void start(void)
{
    const struct scheduler_env env = {.bus = bus,
                                      .prefix = "",
                                      .instance = "s-1",
                                      .partitions = 1,
                                      .transaction_timeout_ms = 60000,
                                      .read_clock = read_clock,
                                      .zoneinfo = directory};
    struct error err = {0};

    mend_policies();
    if (scheduler_new(&env, &scheduler, &err) != RC_OK)
        fail_msg("%s", err.text);
}

/* A daily task at that local hour. */
static void put_task(const char *key, const char *zone, const char *expression)
{
    SCOPED(bus_producer) struct bus_producer *p = NULL;
    SCOPED_BUF value = {0};
    struct schedule_spec schedule = {.expression = expression, .zone = zone};
    const struct command c = {.command_id = uuid_random(),
                              .task_id = task_id_of("default", key),
                              .actor = "test",
                              .kind = COMMAND_PUT_TASK,
                              .body.put_task.spec = {.key = key,
                                                     .project = "default",
                                                     .queue = "q",
                                                     .schedules = &schedule,
                                                     .schedule_count = 1}};
    char id[UUID_TEXT];
    struct bus_record record = {.topic = "commands", .key = bytes_of(uuid_to_text(c.task_id, id))};

    assert_int_equal(codec_encode(RECORD_COMMAND, &c, &value, NULL), RC_OK);
    record.value = buf_bytes(&value);
    assert_int_equal(bus_producer_new(reader_bus, &p, NULL), RC_OK);
    assert_int_equal(bus_producer_send(p, &record, NULL, NULL, NULL), RC_OK);
}

static void read_fired(void)
{
    struct bus_event e;

    for (bus_poll(reader, 0, &e); e.kind != BUS_NOTHING; bus_poll(reader, 0, &e)) {
        SCOPED(arena) struct arena *scratch = arena_new(0);
        const struct execution_created *x;
        enum record_kind kind;
        const void *record;

        if (e.kind != BUS_MESSAGE)
            continue;
        assert_int_equal(codec_decode(e.value, scratch, &kind, &record, NULL), RC_OK);
        x = record;
        assert_true(seen_count < SEEN_MAX);
        seen[seen_count].at = (long)((x->scheduled_at - EPOCH) / USEC_PER_SEC);
        (void)snprintf(seen[seen_count].tzdata, TZDATA_VERSION_MAX, "%s", x->tzdata);
        (void)snprintf(seen[seen_count++].key, sizeof seen->key, "%s", x->task_key);
    }
}

/* To that second after EPOCH, a second at a time. */
static void pass(long until)
{
    while (now < EPOCH + until * USEC_PER_SEC) {
        now += USEC_PER_SEC;
        memlog_set_time(memory, now);
        for (int i = 0; i < 3; i++)
            assert_int_equal(scheduler_step(scheduler, 0, NULL), RC_OK);
        read_fired();
    }
}

/* "a@10:2026b" of each execution, in order. */
static void expect_fired(const char *expected)
{
    SCOPED_BUF text = {0};

    for (size_t i = 0; i < seen_count; i++)
        buf_printf(&text, "%s%s@%ld:%s", i == 0 ? "" : " ", seen[i].key, seen[i].at / HOUR,
                   seen[i].tzdata);
    assert_string_equal(buf_text(&text), expected);
}

static void follows_another_release_without_a_restart(void **state UNUSED)
{
    start();
    put_task("a", "Place", "0 2 * * *");
    put_task("b", "Elsewhere", "0 2 * * *");
    put_task("c", "Place", "0 3 * * *");
    pass(HOUR);
    write_zone("Place", 1); /* 2:00 there is 1:00 UTC, which is past; 3:00 is 2:00 */
    write_version("2026b");
    pass(3 * HOUR);
    expect_fired("a@1:2026b b@2:2026b c@2:2026b");
}

static void keeps_a_zone_that_is_gone(void **state UNUSED)
{
    SCOPED(text) char *path = xasprintf("%s/Place", directory);

    start();
    put_task("a", "Place", "0 2 * * *");
    pass(HOUR);
    assert_int_equal(remove(path), 0);
    write_version("2026b");
    pass(2 * HOUR);
    expect_fired("a@2:2026b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_another_release_without_a_restart, begin, end),
        cmocka_unit_test_setup_teardown(keeps_a_zone_that_is_gone, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
