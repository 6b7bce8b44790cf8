/*
 * Rows of logs, tasks and commands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "consumer/log_rows.h"
#include "consumer/task_rows.h"

#define NOW INT64_C(1763000000000000)

static struct arena *memory;

static int set_up(void **state UNUSED)
{
    memory = arena_new(0);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    arena_free(memory);
    return 0;
}

static struct intake intake_of(enum record_kind kind, const void *record)
{
    return (struct intake){
        .message = {.topic = "t", .partition = 2, .offset = 40, .timestamp = NOW},
        .kind = kind,
        .record = record};
}

static void cuts_the_lines_that_are_new_out_of_a_batch(void **state UNUSED)
{
    struct log_line lines[] = {
        {1, LINE_INFO, STREAM_LOG, "one", 3},
        {2, LINE_ERROR, STREAM_STDERR, "two", 3},
        {3, LINE_WARN, STREAM_STDOUT, "three", 5},
    };
    const struct log_batch b = {.attempt = 1, .first_seq = 10, .lines = lines, .line_count = 3};
    const struct intake in = intake_of(RECORD_LOG_BATCH, &b);
    struct log_batch_row row = log_row_of(&in, (struct seq_range){11, 13}, memory);

    assert_int_equal(row.first_seq, 11);
    assert_int_equal(row.lines.count, 2);
    assert_string_equal(row.lines.items[0].message, "two");
    assert_int_equal(row.levels, 1 << LINE_ERROR | 1 << LINE_WARN);
    assert_int_equal(row.escaped.count, 0);
    assert_ptr_equal(row.lines.items, &lines[1]); /* not copied */
}

static void escapes_and_marks_lines_that_are_no_text(void **state UNUSED)
{
    struct log_line lines[] = {
        {1, LINE_INFO, STREAM_LOG, "fine", 4},
        {2, LINE_INFO, STREAM_LOG, "a\0b", 3},
        {3, LINE_INFO, STREAM_LOG, "\xff", 1},
    };
    const struct log_batch b = {.attempt = 1, .first_seq = 1, .lines = lines, .line_count = 3};
    const struct intake in = intake_of(RECORD_LOG_BATCH, &b);
    struct log_batch_row row = log_row_of(&in, (struct seq_range){1, 4}, memory);

    assert_int_equal(row.escaped.count, 2);
    assert_int_equal(row.escaped.items[0], 2);
    assert_int_equal(row.escaped.items[1], 3);
    assert_string_equal(row.lines.items[0].message, "fine");
    assert_string_equal(row.lines.items[1].message, "a\\x00b");
    assert_int_equal(row.lines.items[1].message_len, 6);
    assert_string_equal(row.lines.items[2].message, "\\xff");
    assert_int_equal(lines[1].message_len, 3); /* the record stays as it was */
}

/* What its writer has marked; marks on lines that are not there, or not in this row, mean nothing. */
static void takes_over_the_marks_of_the_writer(void **state UNUSED)
{
    struct log_line lines[] = {
        {1, LINE_INFO, STREAM_STDOUT, "10%\r", 4},
        {2, LINE_INFO, STREAM_STDOUT, "20%\r", 4},
        {3, LINE_INFO, STREAM_STDOUT, "\\xff", 4},
        {4, LINE_INFO, STREAM_STDOUT, "a\0b", 3},
    };
    struct log_mark marks[] = {
        {.line = 1, .unfinished = true},
        {.line = 2, .unfinished = true},
        {.line = 2, .unfinished = true},
        {.line = 3, .escaped = true},
        {.line = 0, .escaped = true},
        {.line = 5, .unfinished = true},
        {.line = INT32_MIN, .escaped = true},
        {.line = INT32_MAX, .escaped = true},
        {.line = 1},
    };
    const struct log_batch b = {.attempt = 1,
                                .first_seq = 10,
                                .lines = lines,
                                .line_count = 4,
                                .marks = marks,
                                .mark_count = ARRAY_LEN(marks)};
    const struct intake in = intake_of(RECORD_LOG_BATCH, &b);
    struct log_batch_row row = log_row_of(&in, (struct seq_range){11, 14}, memory);

    assert_int_equal(row.unfinished.count, 1);
    assert_int_equal(row.unfinished.items[0], 1);
    assert_int_equal(row.escaped.count, 2);
    assert_int_equal(row.escaped.items[0], 2);
    assert_int_equal(row.escaped.items[1], 3);
    row = log_row_of(&in, (struct seq_range){10, 11}, memory);
    assert_int_equal(row.unfinished.count, 1);
    assert_int_equal(row.escaped.count, 0);
    assert_null(row.escaped.items);
}

static void writes_labels_as_a_json_object(void **state UNUSED)
{
    struct pair items[] = {{"team", "a \"b\""}, {"x", "\xc3\xa4"}};
    const struct pairs some = {items, 2}, none = {NULL, 0};

    assert_string_equal(labels_json(&some, memory),
                        "{\"team\":\"a \\\"b\\\"\",\"x\":\"\xc3\xa4\"}");
    assert_null(labels_json(&none, memory));
}

static void makes_one_row_of_a_revision(void **state UNUSED)
{
    const struct task_revision r = {
        .task_id = {{1}},
        .revision = 3,
        .state = TASK_PAUSED,
        .effective_at = NOW,
        .actor = "me",
        .spec = {.key = "a", .project = "p", .title = "A", .queue = "q", .payload = {"", 0}},
    };
    const struct intake in = intake_of(RECORD_TASK_REVISION, &r);
    struct task_row row = task_row_of(&in, memory);

    assert_int_equal(row.revision, 3);
    assert_int_equal(row.state, TASK_PAUSED);
    assert_int_equal(row.received_at, NOW);
    /* which of several is the last, whatever their numbers */
    assert_int_equal(row.kafka_offset, 40);
    assert_string_equal(row.key, "a");
    assert_string_equal(row.actor, "me");
    assert_non_null(strstr(row.spec, "\"title\":\"A\""));
    assert_null(row.labels);
}

static void keeps_a_command_as_it_was_sent(void **state UNUSED)
{
    const struct command c = {.command_id = {{1}},
                              .task_id = {{2}},
                              .actor = "me",
                              .kind = COMMAND_RESUME_TASK,
                              .expected_revision = {true, 0},
                              .body.resume_task.gap = RESUME_LAST};
    const struct intake in = intake_of(RECORD_COMMAND, &c);
    struct command_row row = command_row_of(&in, memory);

    assert_int_equal(row.kind, COMMAND_RESUME_TASK);
    assert_true(row.expected_revision.is_set);
    assert_int_equal(row.kafka_offset, 40);
    assert_non_null(strstr(row.body, "\"LAST\""));
}

static void puts_an_outcome_and_a_gap_into_rows(void **state UNUSED)
{
    const struct command_outcome o = {.command_id = {{1}},
                                      .result = OUTCOME_REJECTED,
                                      .code = CODE_STALE_REVISION,
                                      .message = "no",
                                      .skip_until = NOW + 7};
    const struct schedule_gap g = {.revision = 2,
                                   .from = NOW,
                                   .to = NOW + 5,
                                   .count = 10000,
                                   .more = true,
                                   .reason = REASON_PAUSED};
    const struct intake oin = intake_of(RECORD_COMMAND_OUTCOME, &o),
                        gin = intake_of(RECORD_SCHEDULE_GAP, &g);
    struct command_row outcome = outcome_row_of(&oin);
    struct skip_row skip = skip_row_of(&oin);
    struct gap_row gap = gap_row_of(&gin);

    assert_int_equal(outcome.result, OUTCOME_REJECTED);
    assert_int_equal(outcome.code, CODE_STALE_REVISION);
    assert_int_equal(outcome.kafka_partition, 2);
    assert_int_equal(skip.skip_until, NOW + 7);
    assert_int_equal(skip.kafka_offset, 40);
    assert_int_equal(gap.count, 10000);
    assert_true(gap.more);
    assert_int_equal(gap.to_at, NOW + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_the_lines_that_are_new_out_of_a_batch),
        cmocka_unit_test(escapes_and_marks_lines_that_are_no_text),
        cmocka_unit_test(takes_over_the_marks_of_the_writer),
        cmocka_unit_test(writes_labels_as_a_json_object),
        cmocka_unit_test(makes_one_row_of_a_revision),
        cmocka_unit_test(keeps_a_command_as_it_was_sent),
        cmocka_unit_test(puts_an_outcome_and_a_gap_into_rows),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
