#include "api/exchange/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/hash.h"

#define EXECUTION "01a20dc8-e780-84a3-82a6-2e6896ff6f9e"
#define WRITER    "e2da6c83-9194-4132-ad35-d74caa8f026b"

static const struct {
    const char *text;
    size_t count;
} good_cases[] = {
    {NULL, 0},
    {"", 0},
    {"summary", 1},
    {"summary,tasks,days", 3},
    {"summary,summary", 1},
    {"task:billing~bank-sync,task:" EXECUTION, 2},
    {"execution:" EXECUTION, 1},
    {"log:" EXECUTION ":2:" WRITER ":1204280", 1},
};

static const struct {
    const char *text, *why;
} bad_cases[] = {
    {"foo", "there is no topic \"foo\""},
    {"Summary", "there is no topic"},
    {"summary:", "there is no topic"},
    {"summary,,tasks", "there is no topic \"\""},
    {"tasks:x", "there is no topic"},
    {"task:", "topics: task:"},
    {"task:~x", "topics: task:~x"},
    {"execution:" EXECUTION "0", "topics: execution:"},
    {"log:" EXECUTION ":2:" WRITER, "a log has execution, attempt, writer and line"},
    {"log:" EXECUTION ":2:" WRITER ":1:1", "a log has execution"},
    {"log:" EXECUTION ":40000:" WRITER ":1", "\"40000\" is not a number from 0 to 32767"},
    {"log:" EXECUTION ":1:" WRITER ":-1", "\"-1\" is not a number"},
    {"log:" EXECUTION ":1:" WRITER ":", "\"\" is not a number"},
    {"log:x:1:" WRITER ":1", "topics: log:x"},
};

static void known_topics_are_taken(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(good_cases); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct topic_list list;

        assert_int_equal(topics_parse(good_cases[i].text, memory, &list, NULL), RC_OK);
        assert_int_equal(list.count, good_cases[i].count);
    }
}

static void others_are_refused_by_name(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct topic_list list;
        struct error err = {0};

        assert_int_equal(topics_parse(bad_cases[i].text, memory, &list, &err), RC_INVALID);
        if (strstr(err.text, bad_cases[i].why) == NULL)
            fail_msg("%s: %s", bad_cases[i].text, err.text);
    }
}

static void there_are_thirty_two_at_most(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF text = {0};
    struct topic_list list;
    struct error err;

    for (int i = 0; i < TOPICS_MAX; i++)
        buf_printf(&text, "%stask:p~k%d", i > 0 ? "," : "", i);
    buf_add_text(&text, ",task:p~k0"); /* once more */
    assert_int_equal(topics_parse(text.data, memory, &list, &err), RC_OK);
    assert_int_equal(list.count, TOPICS_MAX);
    buf_add_text(&text, ",summary");
    assert_int_equal(topics_parse(text.data, memory, &list, &err), RC_INVALID);
    assert_string_equal(err.text, "topics: more than 32");
}

static void parts_are_read(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct topic_list list;
    char text[UUID_TEXT];

    assert_int_equal(topics_parse("task:billing~bank-sync,log:" EXECUTION ":2:" WRITER ":7", memory,
                                  &list, NULL),
                     RC_OK);
    assert_true(uuid_equal(list.items[0].id, task_id_of("billing", "bank-sync")));
    assert_string_equal(uuid_to_text(list.items[1].log.execution, text), EXECUTION);
    assert_string_equal(uuid_to_text(list.items[1].log.writer, text), WRITER);
    assert_int_equal(list.items[1].log.attempt, 2);
    assert_int_equal(list.items[1].line, 7);
}

/* Which of `all` a set touches, as letters: s t d T E L. */
static void assert_touched(const struct change_set *set, const char *expected)
{
    static const char letters[] = "stdTEL";
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct topic_list list;
    char touched[8] = {0};
    size_t count = 0;

    assert_int_equal(topics_parse("summary,tasks,days,task:p~k,execution:" EXECUTION
                                  ",log:" EXECUTION ":1:" WRITER ":1",
                                  memory, &list, NULL),
                     RC_OK);
    for (size_t i = 0; i < list.count; i++)
        if (topic_is_touched(&list.items[i], set))
            touched[count++] = letters[i];
    assert_string_equal(touched, expected);
}

static void a_change_touches_its_topics(void **state UNUSED)
{
    bool placed[3] = {false}, none[3] = {false};
    struct change_set set = {.tasks_placed = placed, .logs_placed = none, .partitions = 3};
    struct uuid execution, task = task_id_of("p", "k");

    assert_int_equal(uuid_from_text(EXECUTION, &execution, NULL), RC_OK);
    assert_touched(&set, "");
    set.tasks = true;
    assert_touched(&set, "st");
    set.executions = true;
    assert_touched(&set, "std");
    map_put(&set.ids, execution, &set);
    assert_touched(&set, "stdE");
    map_put(&set.ids, task, &set);
    assert_touched(&set, "stdTE");
    map_clear(&set.ids);
    placed[(partition_of(task, 3) + 1) % 3] = true;
    assert_touched(&set, "std");
    placed[partition_of(task, 3)] = true;
    assert_touched(&set, "stdT");
    set = (struct change_set){.everything = true, .tasks_placed = none, .partitions = 3};
    assert_touched(&set, "stdTE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_topics_are_taken),
        cmocka_unit_test(others_are_refused_by_name),
        cmocka_unit_test(there_are_thirty_two_at_most),
        cmocka_unit_test(parts_are_read),
        cmocka_unit_test(a_change_touches_its_topics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
