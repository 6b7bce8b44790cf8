/* The identities published in schemas/vectors.json are those that we compute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/hash.h"
#include "base/uuid.h"

static json_t *vectors;

static int load(void **state UNUSED)
{
    vectors = json_load_file(COBS_SOURCE_DIR "/schemas/vectors.json", 0, NULL);
    return vectors == NULL ? -1 : 0;
}

static int unload(void **state UNUSED)
{
    json_decref(vectors);
    return 0;
}

static const char *text_in(json_t *v, const char *name)
{
    return json_string_value(json_object_get(v, name));
}

static int64_t number_in(json_t *v, const char *name)
{
    return json_integer_value(json_object_get(v, name));
}

static struct uuid id_in(json_t *v, const char *name)
{
    struct uuid id;

    assert_int_equal(uuid_from_text(text_in(v, name), &id, NULL), RC_OK);
    return id;
}

static void expect_id(json_t *v, const char *name, struct uuid found)
{
    char text[UUID_TEXT];

    assert_string_equal(uuid_to_text(found, text), text_in(v, name));
}

static void check_project(json_t *v)
{
    expect_id(v, "project_id", project_id_of(text_in(v, "key")));
}

static void check_task(json_t *v)
{
    expect_id(v, "task_id", task_id_of(text_in(v, "project"), text_in(v, "key")));
}

static void check_execution(json_t *v)
{
    struct uuid id = execution_id_of(id_in(v, "task_id"), number_in(v, "scheduled_at_us"),
                                     text_in(v, "kind"), text_in(v, "nonce"));

    expect_id(v, "execution_id", id);
    assert_int_equal(uuid_version(id), 8);
    if (number_in(v, "unix_ms") >= 0)
        assert_int_equal(execution_id_ms(id), number_in(v, "unix_ms"));
}

static void check_event(json_t *v)
{
    expect_id(
        v, "event_id",
        event_id_of(id_in(v, "execution_id"), (int)number_in(v, "attempt"), text_in(v, "status")));
}

static void check_command(json_t *v)
{
    expect_id(v, "command_id",
              idempotent_command_id_of(id_in(v, "task_id"), text_in(v, "actor"),
                                       text_in(v, "idempotency_key")));
}

static void check_partition(json_t *v)
{
    const char *key = text_in(v, "key");

    assert_int_equal(murmur2(key, strlen(key)), number_in(v, "murmur2"));
    assert_int_equal(partition_of(id_in(v, "key"), (int)number_in(v, "partitions")),
                     number_in(v, "partition"));
}

static const struct family {
    const char *name;
    void (*check)(json_t *vector);
} families[] = {
    {"projects", check_project}, {"tasks", check_task},       {"executions", check_execution},
    {"events", check_event},     {"commands", check_command}, {"partitions", check_partition},
};

static void computes_every_published_vector(void **state UNUSED)
{
    for (size_t f = 0; f < ARRAY_LEN(families); f++) {
        json_t *list = json_object_get(vectors, families[f].name);

        assert_true(json_array_size(list) >= 3);
        for (size_t i = 0; i < json_array_size(list); i++)
            families[f].check(json_array_get(list, i));
    }
    assert_int_equal(json_object_size(vectors), ARRAY_LEN(families) + 1);
}

static void publishes_the_namespace(void **state UNUSED)
{
    expect_id(vectors, "namespace", CRONOBS_NAMESPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publishes_the_namespace),
        cmocka_unit_test(computes_every_published_vector),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
