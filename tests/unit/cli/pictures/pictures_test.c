#include "cli/pictures/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/shared/files.h"
#include "support/difference.h"
#include "unit/cron/zones.h"

static struct zoneset *zones;

/* clang-format off */
static const struct page_case {
    const char *page, *made;
} page_cases[] = {
    {"", ""},
    {"# A page\n\n```\nfor 60s\n```\n", "# A page\n\n```\nfor 60s\n```\n"},
    /* each sign; what was there before is made anew */
    {"```timeline\na: {\"schedules\": [{\"expression\": \"@every 10s\"}], \"overlap\": \"QUEUE_ONE\", \"retry\": {\"max_attempts\": 2, \"first_delay_ms\": 3000}}\n"
     "runs 2s failed, 6s, hangs\nat 36s cancel\nfor 45s\n\nold\nlines\n```\nafter\n",
     "```timeline\na: {\"schedules\": [{\"expression\": \"@every 10s\"}], \"overlap\": \"QUEUE_ONE\", \"retry\": {\"max_attempts\": 2, \"first_delay_ms\": 3000}}\n"
     "runs 2s failed, 6s, hangs\nat 36s cancel\nfor 45s\n\n"
     "      0s        10s       20s       30s       40s\n"
     "                                          v          cancel\n"
     "10s             ==f~~======S                         SUCCEEDED, attempt 2\n"
     "20s                       .===============!!!!!!!!!  CANCELLING (CANCEL_REQUESTED)\n"
     "30s                                 ...............  WAITING (OVERLAP)\n"
     "40s                                           x      SKIPPED (OVERLAP)\n"
     "```\nafter\n"},
};
/* clang-format on */

static void pictures_are_made_anew(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(page_cases); i++) {
        SCOPED_BUF out = {0};
        struct error err = {0};

        if (pictures_make(bytes_of(page_cases[i].page), zones, &out, &err) != RC_OK)
            fail_msg("%s", err.text);
        assert_string_equal(buf_text(&out), page_cases[i].made);
    }
}

static const struct bad_case {
    const char *page, *text;
} bad_cases[] = {
    {"a\n```timeline\nnonsense\n\n```\n", "line 3: 'nonsense' begins no line of a script"},
    {"```timeline\na: {}\n", "line 2: a fence has no end"},
    {"```timeline\na: {\"ques\": 1}\n\n```\n", "line 2: /ques: TaskSpec has no field of this name"},
    {"```timeline\nat 3s trigger\n\n```\n",
     "line 2: an order needs a task, and there are at most 16"},
    {"```timeline\na: {}\nat 3s dance\n\n```\n", "line 3: 'dance' is no order"},
    {"```timeline\na: {}\naway 3s\n\n```\n", "line 3: '3s' is no range, as in 12s-48s"},
    {"```timeline\na: {}\nfor 10m\n\n```\n", "line 3: a picture has at most 100 columns"},
    {"```timeline\na: {}\nruns 3x\n\n```\n",
     "line 3: '3x' is not a duration like 90s, 15m, 1h30m or 2d"},
    {"```timeline\na: {\"overlap\": \"SKIP\", \"max_concurrency\": -1}\n\n```\n",
     "line 4: what is asked for: max_concurrency: -1 is outside 1-1000; 0 or absent: 1"},
};

static void what_cannot_be_understood_is_named_by_its_line(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++) {
        SCOPED_BUF out = {0};
        struct error err = {0};

        assert_int_equal(pictures_make(bytes_of(bad_cases[i].page), zones, &out, &err), RC_INVALID);
        assert_string_equal(err.text, bad_cases[i].text);
    }
}

static void
the_time_lines_of_the_page_of_policies_are_what_the_scheduler_decides(void **state UNUSED)
{
    SCOPED_BUF page = {0};
    SCOPED_BUF made = {0};
    struct error err = {0};

    assert_int_equal(file_read(COBS_SOURCE_DIR "/docs/policies.md", 1 << 20, &page, NULL), RC_OK);
    if (pictures_make(buf_bytes(&page), zones, &made, &err) != RC_OK)
        fail_msg("docs/policies.md: %s", err.text);
    if (strcmp(buf_text(&page), buf_text(&made)) != 0)
        fail_msg(
            "docs/policies.md is out of date at line %zu: cronobs docs policies < "
            "docs/policies.md > new",
            line_of_difference(buf_text(&page), buf_text(&made)));
}

static int set_up(void **state UNUSED)
{
    zones = test_zoneset();
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_made_anew),
        cmocka_unit_test(what_cannot_be_understood_is_named_by_its_line),
        cmocka_unit_test(the_time_lines_of_the_page_of_policies_are_what_the_scheduler_decides),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
