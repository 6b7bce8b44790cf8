#include "crontab/import.h"

#include <string.h>

#include "base/hash.h"
#include "unit/crontab/reading.h"

static const usec_t NOVEMBER = INT64_C(1795521600) * USEC_PER_SEC; /* 2026-11-24T12:00:00Z */

static const char table[] =
    "# key: nightly\n"
    "30 2 * * * /opt/backup\n"
    "@hourlyy /opt/wrong\n"
    "# key: stray\n"
    "\n"
    "0 0 29 2 * /opt/leap\n";

static void read_table(struct import *i, const char *text)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    const struct crontab_options options = {
        .words = {"system", "user", "ignore", "source"}, .zone = "UTC", .zones = zones};

    i->request.project = "default";
    i->request.queue = "q";
    i->request.source = "web1";
    i->memory = arena_new(0);
    assert_int_equal(import_read(i, bytes_of(text), &options, NOVEMBER, NULL), RC_OK);
}

static void done_with(struct import *i)
{
    import_clear(i);
    arena_free(i->memory);
}

static void each_line_knows_its_task_and_its_next_instant(void **state UNUSED)
{
    struct import i = {0};

    read_table(&i, table);
    assert_int_equal(i.line_count, 2);
    assert_true(uuid_equal(i.lines[0].task_id, task_id_of("default", "nightly")));
    assert_int_equal(i.lines[0].next_at, NOVEMBER + 870 * USEC_PER_MIN);
    assert_true(i.lines[1].next_at > NOVEMBER + 365 * USEC_PER_DAY);
    assert_int_equal(import_count(&i, IMPORT_READ), 2);
    assert_int_equal(import_refused(&i), 1);
    assert_false(import_may_prune(&i));
    done_with(&i);
}

static void a_task_of_the_source_is_a_line_or_has_vanished(void **state UNUSED)
{
    struct import i = {.request.prunes = true};

    read_table(&i, table);
    import_take_key(&i, "nightly");
    import_take_key(&i, "nightly"); /* a list that moves may tell it twice */
    import_take_key(&i, "gone");
    import_take_key(&i, "stray");
    import_take_key(&i, i.crontab.refused.items[0].key);
    import_took_keys(&i);
    assert_true(i.has_asked);
    assert_int_equal(i.lines[0].state, IMPORT_KNOWN);
    assert_int_equal(i.lines[1].state, IMPORT_NEW);
    assert_int_equal(i.vanished_count, 2);
    assert_string_equal(i.vanished[0].key, "gone");
    assert_int_equal(i.vanished[0].err.rc, RC_OK);
    assert_string_equal(i.vanished[1].key, "stray");
    assert_string_equal(
        i.vanished[1].err.text,
        "kept, for line 4 names it, above no entry: move that comment, or delete it");
    done_with(&i);
}

static void what_a_server_would_refuse_is_refused(void **state UNUSED)
{
    SCOPED_BUF text = {0};
    struct import i = {0};

    buf_add_text(&text, "@daily echo ");
    for (int n = 0; n < 15000; n++)
        buf_add_char(&text, 'x');
    buf_add_text(&text, "\nA=");
    for (int n = 0; n < 5; n++) {
        for (int at = 0; at < 15000; at++)
            buf_add_char(&text, 'y');
        buf_printf(&text, "\n%c=", 'B' + n);
    }
    buf_add_text(&text, "\n@daily echo small\n");
    read_table(&i, buf_text(&text));
    for (size_t n = 0; n < i.line_count; n++)
        assert_true(i.lines[n].state == IMPORT_READ || i.lines[n].err.text[0] != '\0');
    done_with(&i);
}

static void an_outcome_says_what_became_of_it(void **state UNUSED)
{
    assert_int_equal(import_state_of("CREATED"), IMPORT_CREATED);
    assert_int_equal(import_state_of("UPDATED"), IMPORT_UPDATED);
    assert_int_equal(import_state_of("UNCHANGED"), IMPORT_UNCHANGED);
    assert_int_equal(import_state_of(NULL), IMPORT_PENDING);
}

static void another_sources_task_is_not_taken(void **state UNUSED)
{
    const struct crontab_words words = {.source = "--source"};
    struct error err = {0};

    assert_int_equal(import_refuse_foreign("k", NULL, &words, &err), RC_CONFLICT);
    assert_string_equal(err.text, "there is a task 'k' already, and no crontab made it");
    assert_int_equal(import_refuse_foreign("k", "web2", &words, &err), RC_CONFLICT);
    assert_non_null(strstr(err.hint, "--source web2"));
}

static void a_source_has_a_name(void **state UNUSED)
{
    char name[IMPORT_SOURCE_MAX + 2] = "";

    assert_int_equal(import_check_source("f\xc3\xb6\xc3\xb6, x:y", NULL), RC_OK);
    assert_int_equal(import_check_source("", NULL), RC_INVALID);
    assert_int_equal(import_check_source("\xff", NULL), RC_INVALID);
    memset(name, 'x', IMPORT_SOURCE_MAX + 1);
    assert_int_equal(import_check_source(name, NULL), RC_INVALID);
    name[IMPORT_SOURCE_MAX] = '\0';
    assert_int_equal(import_check_source(name, NULL), RC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_knows_its_task_and_its_next_instant),
        cmocka_unit_test(a_task_of_the_source_is_a_line_or_has_vanished),
        cmocka_unit_test(what_a_server_would_refuse_is_refused),
        cmocka_unit_test(an_outcome_says_what_became_of_it),
        cmocka_unit_test(another_sources_task_is_not_taken),
        cmocka_unit_test(a_source_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
