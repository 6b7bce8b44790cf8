#include "api/resources/subjects.h"

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
    assert_int_equal(s.count, RECORD_KIND_END); /* ExecutionCreated in two queues */
    for (enum record_kind kind = RECORD_COMMAND; kind < RECORD_KIND_END; kind++) {
        size_t found = 0;

        for (size_t i = 0; i < s.count; i++)
            found += s.items[i].kind == kind;
        assert_int_equal(found, kind == RECORD_EXECUTION_CREATED ? 2 : 1);
    }
}

static void a_topic_with_one_record_has_a_value_subject(void **state UNUSED)
{
    static const struct {
        const char *name;
        enum record_kind kind; /* 0: there is no such subject */
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

        assert_int_equal(s == NULL ? 0 : s->kind, cases[i].kind);
    }
}

static int find(const char *text)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;

    assert_int_equal(json_doc_parse(bytes_of(text), &doc, NULL), RC_OK);
    root = json_doc_root(doc);
    return schema_find(&root);
}

static void each_version_of_a_schema_is_found_by_its_text(void **state UNUSED)
{
    for (int id = 1; id <= codec_schema_count(); id++)
        assert_int_equal(find(codec_schema_text(id)), id);
    assert_int_equal(find("{\"type\":\"string\"}"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_has_a_subject),
        cmocka_unit_test(a_topic_with_one_record_has_a_value_subject),
        cmocka_unit_test(each_version_of_a_schema_is_found_by_its_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
