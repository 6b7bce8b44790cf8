#include "support/broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

enum { SESSION_MS = 6000, TRANSACTION_MS = 10000, NAMES = 64 };

struct error test_error;

const char *broker_address(void)
{
    const char *address = getenv("CRONOBS_TEST_BROKERS");

    if (address == NULL || *address == '\0') {
        (void)fprintf(stderr,
                      "CRONOBS_TEST_BROKERS is not set: run this test through ./ops/test\n");
        exit(1);
    }
    return address;
}

const char *broker_prefix(void)
{
    static char prefix[48];

    if (prefix[0] == '\0')
        (void)snprintf(prefix, sizeof prefix, "t%lld-%d.",
                       (long long)(clock_realtime() / USEC_PER_MS), (int)getpid());
    return prefix;
}

const char *broker_topic(const char *name)
{
    static char *names[NAMES];
    char *wanted = xasprintf("%s%s", broker_prefix(), name);

    for (size_t i = 0; i < NAMES; i++) {
        if (names[i] == NULL)
            return names[i] = wanted;
        if (text_equal(names[i], wanted)) {
            free(wanted);
            return names[i];
        }
    }
    abort();
}

struct bus *broker_bus(const char *instance)
{
    const struct bus_config config = {.brokers = broker_address(),
                                      .instance = instance,
                                      .session_timeout_ms = SESSION_MS,
                                      .transaction_timeout_ms = TRANSACTION_MS};
    struct bus *bus = NULL;

    MUST(bus_kafka_new(&config, &bus, &test_error));
    return bus;
}

void broker_create(const char *name, int partitions)
{
    const struct bus_topic topic = {.name = broker_topic(name),
                                    .partitions = partitions,
                                    .replication = 1,
                                    .cleanup_policy = "delete",
                                    .retention_ms = -1,
                                    .timestamp_type = "LogAppendTime",
                                    .min_insync = 1};
    SCOPED(bus) struct bus *bus = broker_bus("creator");
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_topic found;

    MUST(bus_admin_new(bus, &admin, &test_error));
    MUST(bus_topic_create(admin, &topic, &test_error));
    WAIT_FOR(bus_topic_read(admin, topic.name, memory, &found, NULL) == RC_OK);
}

void broker_must(enum rc rc, const char *what, const char *file, int line)
{
    if (rc == RC_OK)
        return;
    print_error("%s: %s: %s\n", what, rc_name(rc), test_error.text);
    _fail(file, line);
}

usec_t broker_deadline(const char *what UNUSED)
{
    return clock_monotonic() + TEST_DEADLINE_MS * USEC_PER_MS;
}

void broker_check_deadline(usec_t end, const char *what, const char *file, int line)
{
    if (clock_monotonic() < end)
        return;
    print_error("waited in vain for: %s\n", what);
    _fail(file, line);
}
