#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "unit/crontab/reading.h"

static const struct crontab_target target = {"default", "nightly", "www"};

static void entries_become_tasks(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_crontab(
        bytes_of("A=\"x\"\nSHELL=/bin/bash\nCRON_TZ=Europe/Berlin\n# key: job\n5 4 * * * a%b"),
        false, memory);
    struct task_spec spec = crontab_task(&c.entries[0], &target, memory);

    assert_string_equal(spec.key, "job");
    assert_string_equal(spec.title, "a");
    assert_string_equal(spec.queue, "nightly");
    assert_string_equal(spec.content_type, "application/vnd.cronobs.command+json");
    assert_string_equal(spec.schedules[0].expression, "5 4 * * *");
    assert_string_equal(spec.schedules[0].zone, "Europe/Berlin");
    assert_int_equal(spec.schedules[0].dialect, DIALECT_VIXIE);
    assert_int_equal(spec.run_timeout_ms, 86400000);
    assert_int_equal(spec.labels.count, 1);
    assert_string_equal(spec.labels.items[0].name, "source");
    assert_string_equal(spec.labels.items[0].value, "www");
    assert_string_equal(arena_strndup(memory, spec.payload.data, spec.payload.len),
                        "{\"command\":\"a\",\"stdin\":\"b\\n\",\"env\":{\"A\":\"x\",\"CRON_TZ\":"
                        "\"Europe/Berlin\",\"SHELL\":\"/bin/bash\"},\"shell\":\"/bin/bash\"}");
}

static void the_user_is_a_label(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct crontab c = read_crontab(bytes_of("@daily root /usr/bin/x"), true, memory);
    struct task_spec spec = crontab_task(&c.entries[0], &target, memory);

    assert_int_equal(spec.labels.count, 2);
    assert_string_equal(spec.labels.items[1].name, "user");
    assert_string_equal(spec.labels.items[1].value, "root");
}

static void a_long_command_is_cut_between_characters_in_the_title(void **state UNUSED)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF text = {0};
    struct crontab c;
    struct task_spec spec;

    buf_add_text(&text, "@daily ");
    for (int i = 0; i < 300; i++)
        buf_add_text(&text, "\xc3\xa9");
    c = read_crontab(buf_bytes(&text), false, memory);
    spec = crontab_task(&c.entries[0], &target, memory);
    assert_int_equal(strlen(spec.title), 196 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_become_tasks),
        cmocka_unit_test(the_user_is_a_label),
        cmocka_unit_test(a_long_command_is_cut_between_characters_in_the_title),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
