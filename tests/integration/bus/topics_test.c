#include "bus/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/broker.h"

static struct bus *bus;
static struct bus_admin *admin;
static struct arena *memory;
static char prefix[64]; /* of one installation per test */

static int begin(void **state UNUSED)
{
    static int count;

    (void)snprintf(prefix, sizeof prefix, "%si%d.", broker_prefix(), count++);
    bus = broker_bus("topics");
    memory = arena_new(0);
    MUST(bus_admin_new(bus, &admin, &test_error));
    return 0;
}

static int end(void **state UNUSED)
{
    bus_admin_free(admin);
    arena_free(memory);
    bus_free(bus);
    return 0;
}

static struct topics_wanted wanted(int partitions)
{
    static const char *const queues[] = {"default"};

    return (struct topics_wanted){
        .prefix = prefix, .partitions = partitions, .queues = queues, .queue_count = 1};
}

static struct topics_plan plan_of(const struct topics_wanted *w)
{
    struct topics_plan plan = {0};

    MUST(topics_plan(admin, w, memory, &plan, &test_error));
    return plan;
}

static void apply(const struct topics_wanted *w)
{
    struct topics_plan plan = plan_of(w);

    MUST(topics_apply(admin, &plan, &test_error));
    WAIT_FOR(plan_of(w).count == 0);
}

static const char *name_of(const char *name)
{
    return arena_printf(memory, "%s%s", prefix, name);
}

static void makes_all_topics_and_then_has_nothing_to_do(void **state UNUSED)
{
    const struct topics_wanted w = wanted(3);
    struct topics_plan plan = plan_of(&w);
    struct bus_topic topic;

    assert_int_equal(plan.count, 8);
    for (size_t i = 0; i < plan.count; i++)
        assert_int_equal(plan.items[i].remedy, TOPIC_CREATE);
    apply(&w);
    MUST(bus_topic_read(admin, name_of("state"), memory, &topic, &test_error));
    assert_int_equal(topic.partitions, 3);
    assert_string_equal(topic.cleanup_policy, "compact");
    assert_string_equal(topic.timestamp_type, "LogAppendTime");
    MUST(bus_topic_read(admin, name_of("control"), memory, &topic, &test_error));
    assert_int_equal(topic.partitions, 1);
    MUST(topics_check(admin, prefix, 3, &test_error));
}

static void refuses_to_start_without_topics_and_names_the_command(void **state UNUSED)
{
    struct error err = {0};

    assert_int_equal(topics_check(admin, prefix, 3, &err), RC_NOT_FOUND);
    assert_non_null(strstr(err.text, "does not exist"));
    assert_string_equal(err.hint, "run: cronobs topics apply");
}

static void refuses_another_number_of_partitions_for_ever(void **state UNUSED)
{
    const struct topics_wanted three = wanted(3), four = wanted(4);
    struct topics_plan plan;
    struct error err = {0};

    apply(&three);
    assert_int_equal(topics_check(admin, prefix, 4, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "partitions is 3, not 4"));
    assert_non_null(strstr(err.hint, "partitions = 3"));
    plan = plan_of(&four);
    assert_int_equal(topics_apply(admin, &plan, &err), RC_INVALID);
    MUST(topics_check(admin, prefix, 3, &test_error));
}

/* Made by a stock client that subscribed to it too early. */
static void starts_beside_a_queue_of_another_shape_that_it_will_not_use(void **state UNUSED)
{
    const struct topics_wanted three = wanted(3);
    const struct bus_topic odd = {.name = name_of("executions.odd"),
                                  .partitions = 1,
                                  .replication = 1,
                                  .cleanup_policy = "delete",
                                  .retention_ms = -1,
                                  .timestamp_type = "CreateTime",
                                  .min_insync = 1};
    struct topics_plan plan;
    struct error err = {0};

    apply(&three);
    MUST(bus_topic_create(admin, &odd, &test_error));
    WAIT_FOR(plan_of(&three).count == 1);
    MUST(topics_check(admin, prefix, 3, &test_error));
    plan = plan_of(&three);
    assert_int_equal(plan.items[0].remedy, TOPIC_IMPOSSIBLE);
    assert_int_equal(topics_apply(admin, &plan, &err), RC_INVALID);
    assert_non_null(strstr(err.hint, "delete it"));
}

static void alter(const char *name, const char *policy, const char *timestamp_type, int64_t keep)
{
    struct bus_topic topic;

    MUST(bus_topic_read(admin, name_of(name), memory, &topic, &test_error));
    topic.cleanup_policy = policy;
    topic.timestamp_type = timestamp_type;
    topic.retention_ms = keep;
    topic.segment_ms = 0;
    MUST(bus_topic_alter(admin, &topic, &test_error));
}

static void refused(const char *text)
{
    struct error err = {0};

    WAIT_FOR(topics_check(admin, prefix, 2, &err) == RC_INVALID);
    assert_non_null(strstr(err.text, text));
    assert_string_equal(err.hint, "run: cronobs topics apply");
}

static void refuses_settings_that_break_a_promise_until_they_are_mended(void **state UNUSED)
{
    const struct topics_wanted w = wanted(2);

    apply(&w);
    alter("status", "delete", "CreateTime", -1);
    refused("message.timestamp.type is CreateTime, not LogAppendTime");
    apply(&w);
    alter("state", "delete", "LogAppendTime", -1);
    refused("cleanup.policy is delete, not compact");
    apply(&w);
    alter("commands", "delete", "LogAppendTime", 1000);
    refused("retention.ms is 1000, not -1");
    apply(&w);
    MUST(topics_check(admin, prefix, 2, &test_error));
}

static void starts_with_a_shorter_history_but_shows_it_in_the_plan(void **state UNUSED)
{
    const struct topics_wanted w = wanted(2);
    struct topics_plan plan;

    apply(&w);
    alter("tasks", "delete", "LogAppendTime", 1000);
    WAIT_FOR((plan = plan_of(&w)).count == 1);
    assert_int_equal(plan.items[0].remedy, TOPIC_ALTER);
    MUST(topics_check(admin, prefix, 2, &test_error));
}

static bool makes_them(void *ctx)
{
    apply(ctx);
    return true;
}

static bool does_not_wait(void *ctx UNUSED)
{
    return false;
}

static void waits_for_topics_that_are_not_there_yet(void **state UNUSED)
{
    struct topics_wanted w = wanted(2);
    struct error err = {0};

    assert_int_equal(topics_check(admin, prefix, 2, &err), RC_NOT_FOUND);
    assert_int_equal(topics_wait(admin, prefix, 2, does_not_wait, NULL, &err), RC_RETRY);
    MUST(topics_wait(admin, prefix, 2, makes_them, &w, &test_error));
    assert_int_equal(topics_wait(admin, prefix, 3, makes_them, &w, &err), RC_INVALID); /* at once */
}

/* As many as the brokers' default says, of which one may be away. */
static void makes_as_many_replicas_as_the_brokers_say(void **state UNUSED)
{
    struct topics_wanted w = wanted(2);
    struct bus_topic topic;

    w.replication = 0;
    apply(&w);
    MUST(bus_topic_read(admin, name_of("status"), memory, &topic, &test_error));
    assert_int_equal(topic.replication, 1);
    assert_int_equal(topic.min_insync, 1);
    w.replication = 3;
    WAIT_FOR(plan_of(&w).count > 0);
    /* and nobody asks for two in sync */
    assert_int_equal(plan_of(&w).items[0].remedy, TOPIC_ADVICE);
    assert_string_equal(plan_of(&w).items[0].what, "replication is 1, not 3");
}

static void makes_queues_with_the_same_number_of_partitions(void **state UNUSED)
{
    const struct topics_wanted w = wanted(2);
    const char **names;
    size_t count;

    apply(&w);
    MUST(topics_create_queue(admin, prefix, 2, 0, "mail", &test_error));
    MUST(topics_create_queue(admin, prefix, 2, 0, "mail", &test_error));
    WAIT_FOR((bus_topic_list(admin, name_of("executions."), memory, &names, &count, &test_error) ==
              RC_OK) &&
             count == 2);
    assert_string_equal(names[1], name_of("executions.mail"));
    MUST(topics_check(admin, prefix, 2, &test_error));
}

static void lets_state_compact_early_where_a_test_wants_it(void **state UNUSED)
{
    struct topics_wanted w = wanted(2);
    struct bus_topic topic;

    w.state_segment_ms = 2000;
    apply(&w);
    MUST(bus_topic_read(admin, name_of("state"), memory, &topic, &test_error));
    assert_int_equal(topic.segment_ms, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_all_topics_and_then_has_nothing_to_do, begin, end),
        cmocka_unit_test_setup_teardown(refuses_to_start_without_topics_and_names_the_command,
                                        begin, end),
        cmocka_unit_test_setup_teardown(refuses_another_number_of_partitions_for_ever, begin, end),
        cmocka_unit_test_setup_teardown(starts_beside_a_queue_of_another_shape_that_it_will_not_use,
                                        begin, end),
        cmocka_unit_test_setup_teardown(refuses_settings_that_break_a_promise_until_they_are_mended,
                                        begin, end),
        cmocka_unit_test_setup_teardown(starts_with_a_shorter_history_but_shows_it_in_the_plan,
                                        begin, end),
        cmocka_unit_test_setup_teardown(waits_for_topics_that_are_not_there_yet, begin, end),
        cmocka_unit_test_setup_teardown(makes_as_many_replicas_as_the_brokers_say, begin, end),
        cmocka_unit_test_setup_teardown(makes_queues_with_the_same_number_of_partitions, begin,
                                        end),
        cmocka_unit_test_setup_teardown(lets_state_compact_early_where_a_test_wants_it, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
