#include "api/subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "codec/codec.h"

static const char *const queues[] = {"default", "mail"};

static void every_record_has_a_subject(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct subjects s;

    subjects_list("x.", queues, ARRAY_LEN(queues), memory, &s);
    assert_int_equal(s.count,
                     (size_t)codec_schema_count() + 1); /* ExecutionCreated in two queues */
    for (int id = 1; id <= codec_schema_count(); id++) {
        size_t found = 0;

        for (size_t i = 0; i < s.count; i++)
            found += s.items[i].id == id;
        assert_int_equal(found, id == RECORD_EXECUTION_CREATED ? 2 : 1);
    }
}

static void a_topic_with_one_record_has_a_value_subject(void **state UNUSED)
{
    static const struct {
        const char *name;
        int id;
    } cases[] = {
        {"x.commands-value", RECORD_COMMAND},
        {"x.executions.mail-value", RECORD_EXECUTION_CREATED},
        {"x.tasks-TaskRevision", RECORD_TASK_REVISION},
        {"x.tasks-io.cronobs.ScheduleGap", RECORD_SCHEDULE_GAP},
        {"x.state-Watermark", RECORD_WATERMARK},
        {"x.tasks-value", 0},
        {"commands-value", 0},
        {"x.executions.none-value", 0},
        {"x.commands-io.cronobs.Command", 0},
        {"x.tasks-", 0},
    };
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct subjects all;

    subjects_list("x.", queues, ARRAY_LEN(queues), memory, &all);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct subject *s = subjects_find(&all, cases[i].name);

        assert_int_equal(s == NULL ? 0 : s->id, cases[i].id);
    }
}

static void a_schema_is_found_by_its_text(void **state UNUSED)
{
    SCOPED(json_doc) struct json_doc *ours = NULL;
    SCOPED(json_doc) struct json_doc *other = NULL;
    struct json_node root;

    assert_int_equal(json_doc_parse(bytes_of(codec_schema_text(RECORD_HEARTBEAT)), &ours, NULL),
                     RC_OK);
    root = json_doc_root(ours);
    assert_int_equal(schema_find(&root), RECORD_HEARTBEAT);
    assert_int_equal(json_doc_parse(bytes_of("{\"type\":\"string\"}"), &other, NULL), RC_OK);
    root = json_doc_root(other);
    assert_int_equal(schema_find(&root), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_has_a_subject),
        cmocka_unit_test(a_topic_with_one_record_has_a_value_subject),
        cmocka_unit_test(a_schema_is_found_by_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
