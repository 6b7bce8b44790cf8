/* cronobs work: what a command is given, what it prints, how it ends. */
#include "work.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "model/limits.h"

/* --- how it ends --- */

static const struct end_case {
    const char *command;
    enum status status;
    enum reason reason;
    int exit_code; /* -1: none */
    const char *message;
} end_cases[] = {
    {"true", STATUS_SUCCEEDED, REASON_NONE, 0, NULL},
    {"exit 1", STATUS_FAILED, REASON_EXIT_CODE, 1, "exit code 1"},
    {"exit 255", STATUS_FAILED, REASON_EXIT_CODE, 255, "exit code 255"},
    {"kill -TERM $$", STATUS_FAILED, REASON_SIGNAL, -1, "killed by SIGTERM"},
    {"kill -KILL $$", STATUS_FAILED, REASON_SIGNAL, -1, "killed by SIGKILL"},
    {"ulimit -c 0; kill -SEGV $$", STATUS_FAILED, REASON_SIGNAL, -1, "killed by SIGSEGV"},
    {"nonexistent-command 2>/dev/null", STATUS_FAILED, REASON_EXIT_CODE, 127, "exit code 127"},
};

static void a_job_ends_as_its_command_does(void **state UNUSED)
{
    struct uuid ids[ARRAY_LEN(end_cases)];

    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++)
        ids[i] = work_run(end_cases[i].command);
    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++) {
        const struct end_case *c = &end_cases[i];

        work_assert_ended(ids[i], c->status, c->exit_code, c->message);
        assert_int_equal(installation_final(ids[i])->reason, c->reason);
        assert_int_equal(work_status_count(ids[i]), 2); /* RUNNING before it */
    }
}

static void a_command_that_is_not_found_is_said_to_be_so(void **state UNUSED)
{
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});
    pid_t worker = work_start((const char *const[]){"cronobs", "work", "--queue", work_queue, "--",
                                                    "nonexistent-command", NULL});

    work_assert_ended(id, STATUS_FAILED, 127,
                      "could not start 'nonexistent-command': command not found");
    work_stop(worker);
}

static void what_is_no_program_is_not_run(void **state UNUSED)
{
    struct uuid id = installation_publish(work_queue, (struct execution_created){0});
    pid_t worker =
        work_start((const char *const[]){"cronobs", "work", "--queue", work_queue, "/", NULL});

    work_assert_ended(id, STATUS_FAILED, 126, "could not start '/': Permission denied");
    work_stop(worker);
}

/* --- what it prints --- */

static void both_streams_come_back_in_order(void **state UNUSED)
{
    struct uuid id =
        work_run("for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf 'no end'");

    work_assert_prints(id, STREAM_STDOUT, "out 1\nout 2\nout 3\nno end");
    work_assert_prints(id, STREAM_STDERR, "err 1\nerr 2\nerr 3");
}

static void what_is_no_text_comes_back_escaped(void **state UNUSED)
{
    struct uuid id = work_run("printf 'a\\377b\\r\\n\\n'");
    struct uuid nul = work_run("printf 'a\\0b'");
    const struct log_line *line;

    work_assert_prints(id, STREAM_STDOUT, "a\\xffb\r\n");
    (void)installation_final(nul);
    line = &installation_history(nul)->batches[0]->lines[0];
    assert_int_equal(line->message_len, 3);
    assert_memory_equal(line->message, "a\0b", 3);
}

static void a_long_line_comes_in_pieces(void **state UNUSED)
{
    struct uuid id = work_run("head -c 40000 /dev/zero | tr '\\0' x");
    const struct history *history;
    const char *lines;

    (void)installation_final(id);
    lines = installation_lines(id, STREAM_STDOUT);
    assert_int_equal(strlen(lines), 40000);
    assert_int_equal(strspn(lines, "x"), 40000);
    history = installation_history(id);
    for (size_t i = 0; i < history->batch_count; i++)
        for (size_t j = 0; j < history->batches[i]->line_count; j++)
            assert_true(history->batches[i]->lines[j].message_len <= 16384);
}

/* More than the SDK holds at a time, faster than Kafka takes it. */
static void a_command_that_prints_too_fast_is_slowed_down_and_nothing_is_lost(void **state UNUSED)
{
    enum { LINES = 100000 };
    struct uuid id = work_run(
        "seq -f '%.0f " /* 360 bytes */
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' "
        "100000");
    const char *at;

    (void)installation_final(id);
    at = installation_lines(id, STREAM_STDOUT);
    for (long i = 1; i <= LINES; i++) {
        assert_int_equal(strtol(at, NULL, 10), i);
        at = strchrnul(at, '\n');
        at += *at == '\n' ? 1 : 0;
    }
    assert_int_equal(*at, '\0');
}

static void what_a_command_leaves_running_does_not_hold_its_job(void **state UNUSED)
{
    struct uuid id = work_run("sleep 60 & echo $!");
    usec_t begun = clock_monotonic();

    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_true(clock_monotonic() < begun + 20 * USEC_PER_SEC);
    work_assert_prints(
        id, STREAM_LOG,
        "output closed 2s after the end of the command: a process that it started holds "
        "it open");
    assert_int_equal(kill((pid_t)work_number(installation_lines(id, STREAM_STDOUT)), SIGKILL), 0);
}

/* --- what it is given --- */

/* A payload of 64 KiB goes into a pipe at once; into these it goes piece by piece, as the command reads it. */
static pid_t start_with_small_pipes(const char *script)
{
    pid_t pid;

    assert_int_equal(setenv("LD_PRELOAD", SMALL_PIPES, 1), 0);
    pid = work_start_command(script);
    assert_int_equal(unsetenv("LD_PRELOAD"), 0);
    return pid;
}

static void the_payload_is_on_standard_input(void **state UNUSED)
{
    static const size_t sizes[] = {0, 1, 4096, 4097, PAYLOAD_MAX_BYTES};
    static char payload[PAYLOAD_MAX_BYTES];
    struct uuid ids[ARRAY_LEN(sizes)];
    pid_t worker = start_with_small_pipes("tee /dev/stderr | wc -c");

    memset(payload, 'p', sizeof payload);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        ids[i] = installation_publish(
            work_queue, (struct execution_created){.payload = {.data = payload, .len = sizes[i]}});
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t held = 0;

        work_assert_ended(ids[i], STATUS_SUCCEEDED, 0, NULL);
        assert_int_equal(work_number(installation_lines(ids[i], STREAM_STDOUT)), sizes[i]);
        for (const char *at = installation_lines(ids[i], STREAM_STDERR); *at != '\0'; at++)
            held += *at == 'p' ? 1 : 0;
        assert_int_equal(held, sizes[i]);
    }
    work_stop(worker);
}

static void a_command_need_not_read_its_payload(void **state UNUSED)
{
    static char payload[PAYLOAD_MAX_BYTES];
    struct uuid id = installation_publish(
        work_queue,
        (struct execution_created){.payload = {.data = payload, .len = sizeof payload}});
    pid_t worker = start_with_small_pipes("exec <&-; echo closed");

    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    work_assert_prints(id, STREAM_STDOUT, "closed");
    work_stop(worker);
}

static void what_the_execution_is_stands_in_the_environment_and_no_secret(void **state UNUSED)
{
    const struct execution_created e = {.task_id = uuid_random(),
                                        .task_key = "nightly",
                                        .scheduled_at = INT64_C(1700000000000000),
                                        .attempt = 2,
                                        .max_attempts = 5,
                                        .trigger = TRIGGER_CATCH_UP,
                                        .zone = "Europe/Berlin"};
    struct uuid id = installation_publish(work_queue, e);
    pid_t worker = work_start_command("env | grep ^CRONOBS_ | sort");
    char id_text[UUID_TEXT], task_text[UUID_TEXT];
    SCOPED_BUF wanted = {0};

    buf_printf(&wanted,
               "CRONOBS_ATTEMPT=2\nCRONOBS_DUE_AT=2023-11-14T22:13:20Z\nCRONOBS_EXECUTION_ID=%s\n"
               "CRONOBS_MAX_ATTEMPTS=5\nCRONOBS_PROJECT=default\nCRONOBS_QUEUE=%s\n"
               "CRONOBS_REVISION=1\nCRONOBS_SCHEDULED_AT=2023-11-14T22:13:20Z\nCRONOBS_TASK_ID=%s\n"
               "CRONOBS_TASK_KEY=nightly\nCRONOBS_TRIGGER=CATCH_UP\nCRONOBS_ZONE=Europe/Berlin",
               uuid_to_text(id, id_text), work_queue, uuid_to_text(e.task_id, task_text));
    work_assert_prints(id, STREAM_STDOUT, buf_text(&wanted));
    work_stop(worker);
}

static void a_command_inherits_neither_descriptors_nor_signal_masks(void **state UNUSED)
{
    struct uuid files = work_run("exec ls /proc/self/fd"); /* 3: its own, to list them */
    struct uuid blocked = work_run("grep SigBlk /proc/self/status");
    struct uuid ignored = /* but for 32 and 33, which are the C library's own */
        work_run("echo $((0x$(sed -n 's/SigIgn:.//p' /proc/self/status) & 0x7fffffff))");
    struct uuid group = work_run("test \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ && echo leads");

    work_assert_prints(files, STREAM_STDOUT, "0\n1\n2\n3");
    work_assert_prints(blocked, STREAM_STDOUT, "SigBlk:\t0000000000000000");
    work_assert_prints(ignored, STREAM_STDOUT, "0");
    work_assert_prints(group, STREAM_STDOUT, "leads");
}

/* --- shell payloads --- */

static void a_shell_payload_brings_its_input_environment_and_shell(void **state UNUSED)
{
    struct pair env[] = {{"GREETING", "h\xc3\xa9llo"}, {"CRONOBS_QUEUE", "forged"}};
    const struct shell_command c = {.command = "cat; echo $GREETING $CRONOBS_QUEUE $0",
                                    .shell = "/bin/bash",
                                    .input = bytes_of("a\nb\n"),
                                    .env = {.items = env, .count = 2}};
    struct uuid id = installation_publish(work_shared, work_shell_execution(&c));

    work_assert_prints(id, STREAM_STDOUT, "a\nb\nh\xc3\xa9llo shared /bin/bash");
}

static void a_shell_command_starts_in_its_home(void **state UNUSED)
{
    struct pair home = {"HOME", work_folder}, gone = {"HOME", "/nonexistent"};
    const struct shell_command there = {.command = "pwd", .env = {.items = &home, .count = 1}};
    const struct shell_command nowhere = {.command = "true", .env = {.items = &gone, .count = 1}};
    struct uuid id = installation_publish(work_shared, work_shell_execution(&there));

    work_assert_prints(id, STREAM_STDOUT, work_folder);
    id = installation_publish(work_shared, work_shell_execution(&nowhere));
    work_assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    work_assert_prints(id, STREAM_LOG,
                       "not started in the home directory /nonexistent: No such file or directory");
}

static const struct payload_case {
    const char *content_type, *payload, *message;
} payload_cases[] = {
    {"text/plain", "true",
     "could not run the payload: this worker (--shell) runs payloads of content type "
     "application/vnd.cronobs.command+json, not of 'text/plain'"},
    {SHELL_CONTENT_TYPE, "{}", "could not read the payload: there is no member 'command'"},
    {SHELL_CONTENT_TYPE, "{\"command\": 1}",
     "could not read the payload: /command: a text is expected, not a number"},
};

static void a_payload_that_cannot_be_run_fails_with_the_reason(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(payload_cases); i++) {
        const struct payload_case *c = &payload_cases[i];
        struct uuid id = installation_publish(
            work_shared, (struct execution_created){.payload = bytes_of(c->payload),
                                                    .content_type = c->content_type});

        work_assert_ended(id, STATUS_FAILED, 126, c->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_ends_as_its_command_does),
        cmocka_unit_test_setup(a_command_that_is_not_found_is_said_to_be_so, work_add_queue),
        cmocka_unit_test_setup(what_is_no_program_is_not_run, work_add_queue),
        cmocka_unit_test(both_streams_come_back_in_order),
        cmocka_unit_test(what_is_no_text_comes_back_escaped),
        cmocka_unit_test(a_long_line_comes_in_pieces),
        cmocka_unit_test(a_command_that_prints_too_fast_is_slowed_down_and_nothing_is_lost),
        cmocka_unit_test(what_a_command_leaves_running_does_not_hold_its_job),
        cmocka_unit_test_setup(the_payload_is_on_standard_input, work_add_queue),
        cmocka_unit_test_setup(a_command_need_not_read_its_payload, work_add_queue),
        cmocka_unit_test_setup(what_the_execution_is_stands_in_the_environment_and_no_secret,
                               work_add_queue),
        cmocka_unit_test(a_command_inherits_neither_descriptors_nor_signal_masks),
        cmocka_unit_test(a_shell_payload_brings_its_input_environment_and_shell),
        cmocka_unit_test(a_shell_command_starts_in_its_home),
        cmocka_unit_test(a_payload_that_cannot_be_run_fails_with_the_reason),
    };

    return cmocka_run_group_tests(tests, work_begin, work_end);
}
