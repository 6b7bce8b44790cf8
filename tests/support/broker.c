#include "support/broker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <librdkafka/rdkafka.h>

#include "base/arena.h"
#include "base/clock.h"

enum { SESSION_MS = 6000, TRANSACTION_MS = 10000, NAMES = 64 };

struct error test_error;

static pid_t owner; /* of the prefix, not a child of it: who drops the topics */

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

static void drop_topics(void);

const char *broker_prefix(void)
{
    static char prefix[48];

    if (prefix[0] != '\0')
        return prefix;
    owner = getpid();
    (void)snprintf(prefix, sizeof prefix, "t%lld-%d.", (long long)(clock_realtime() / USEC_PER_MS),
                   (int)owner);
    assert_int_equal(atexit(drop_topics), 0);
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

/* --- what the programs never ask --- */

/* Asks the broker something that the programs never ask: to delete records, or topics. */
static bool ask(rd_kafka_DeleteRecords_t *records, rd_kafka_DeleteTopic_t **topics, size_t count)
{
    char text[512];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *event;
    rd_kafka_t *rk;
    bool is_done;

    if (rd_kafka_conf_set(conf, "bootstrap.servers", broker_address(), text, sizeof text) !=
        RD_KAFKA_CONF_OK)
        return false;
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    queue = rd_kafka_queue_new(rk);
    if (records != NULL)
        rd_kafka_DeleteRecords(rk, &records, 1, NULL, queue);
    else
        rd_kafka_DeleteTopics(rk, topics, count, NULL, queue);
    event = rd_kafka_queue_poll(queue, TEST_DEADLINE_MS);
    is_done = event != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (event != NULL)
        rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    return is_done;
}

void broker_delete_before(const char *topic, int partition, int64_t offset)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_DeleteRecords_t *request;

    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    request = rd_kafka_DeleteRecords_new(list);
    assert_true(ask(request, NULL, 0));
    rd_kafka_DeleteRecords_destroy(request);
    rd_kafka_topic_partition_list_destroy(list);
}

void broker_delete_topic(const char *topic)
{
    rd_kafka_DeleteTopic_t *request = rd_kafka_DeleteTopic_new(topic);

    assert_true(ask(NULL, &request, 1));
    rd_kafka_DeleteTopic_destroy(request);
}

/* At the end of the program. A killed broker looks through every partition before it serves again: each topic that stayed
   would cost the tests that come after. */
static void drop_topics(void)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(bus) struct bus *bus = NULL;
    SCOPED(bus_admin) struct bus_admin *admin = NULL;
    const struct bus_config config = {.brokers = broker_address(), .instance = "dropper"};
    rd_kafka_DeleteTopic_t **topics;
    const char **names;
    size_t count;

    if (getpid() != owner)
        return;
    if (bus_kafka_new(&config, &bus, &test_error) != RC_OK ||
        bus_admin_new(bus, &admin, &test_error) != RC_OK ||
        bus_topic_list(admin, broker_prefix(), memory, &names, &count, &test_error) != RC_OK) {
        print_error("could not drop %s*: %s\n", broker_prefix(), test_error.text);
        return;
    }
    topics = xcalloc(count + 1, sizeof(rd_kafka_DeleteTopic_t *));
    for (size_t i = 0; i < count; i++)
        topics[i] = rd_kafka_DeleteTopic_new(names[i]);
    if (count > 0 && !ask(NULL, topics, count))
        print_error("could not drop %zu topics of %s*\n", count, broker_prefix());
    rd_kafka_DeleteTopic_destroy_array(topics, count);
    free(topics);
}

/* --- what must hold --- */

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
