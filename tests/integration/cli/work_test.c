/*
 * `cronobs work`, the program itself, on a queue of a real Kafka: what commands get, and what becomes of what they do.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/shared/shell_command.h"
#include "model/limits.h"
#include "support/installation.h"

/* What a command printed, as the number that it is. */
static int number(const char *text)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    assert_true(end != text && value >= 0 && value <= INT32_MAX);
    return (int)value;
}

/* --- workers --- */

static char shared[] = "shared"; /* the queue of the shell worker that most tests share */
static pid_t shared_worker;
static char queue[16]; /* a fresh one for each test that needs its own */
static char folder[] = "/tmp/work_test.XXXXXX";

static pid_t start_worker(const char *const *arguments)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* when a test fails */
    (void)setenv("CRONOBS_BROKERS", broker_address(), 1);
    (void)setenv("CRONOBS_TOPIC_PREFIX", broker_prefix(), 1);
    (void)setenv("CRONOBS_DATABASE", "postgresql://u:secret@h/d", 1);
    (void)setenv("CRONOBS_KAFKA_SESSION_TIMEOUT", "6s", 1);
    (void)execv(CRONOBS_PROGRAM, (char *const *)(uintptr_t)arguments);
    _exit(99);
}

static pid_t start_command(const char *script)
{
    return start_worker((const char *const[]){"cronobs", "work", "--queue", queue, "--concurrency",
                                              "1", "--", "sh", "-c", script, NULL});
}

/* Waits for its end; its exit code, or minus the signal. */
static int end_of(pid_t pid)
{
    int status = 0;

    WAIT_FOR(waitpid(pid, &status, WNOHANG) == pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void stop(pid_t pid)
{
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(end_of(pid), 0);
}

static int add_queue(void **state UNUSED)
{
    static int count;

    (void)snprintf(queue, sizeof queue, "q%d", count++);
    installation_add_queue(queue);
    return 0;
}

static int begin(void **state UNUSED)
{
    installation_create();
    installation_add_queue(shared);
    shared_worker =
        start_worker((const char *const[]){"cronobs", "work", "--queue", shared, "--concurrency",
                                           "8", "--kill-after", "300ms", "--shell", NULL});
    return mkdtemp(folder) == NULL ? 1 : 0;
}

static int end(void **state UNUSED)
{
    stop(shared_worker);
    installation_end();
    return rmdir(folder);
}

/* --- executions --- */

static struct execution_created shell_execution(const struct shell_command *c)
{
    static char text[64 * 1024];
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    json_open_object(&j);
    json_add_text(&j, "command", c->command);
    if (c->shell != NULL)
        json_add_text(&j, "shell", c->shell);
    if (c->input.len > 0) {
        json_key(&j, "stdin");
        json_text_of(&j, c->input.data, c->input.len);
    }
    json_key(&j, "env");
    json_open_object(&j);
    for (size_t i = 0; i < c->env.count; i++)
        json_add_text(&j, c->env.items[i].name, c->env.items[i].value);
    json_close_object(&j);
    json_close_object(&j);
    assert_true(out.len < sizeof text);
    memcpy(text, out.data, out.len);
    return (struct execution_created){.payload = {.data = text, .len = out.len},
                                      .content_type = SHELL_CONTENT_TYPE};
}

static struct uuid run(const char *command)
{
    return installation_publish(shared,
                                shell_execution(&(struct shell_command){.command = command}));
}

static struct uuid run_for(const char *command, int64_t run_timeout_ms)
{
    struct execution_created e = shell_execution(&(struct shell_command){.command = command});

    e.run_timeout_ms = run_timeout_ms;
    return installation_publish(shared, e);
}

static void assert_ended(struct uuid id, enum status status, int exit_code, const char *message)
{
    const struct execution_status *final = installation_final(id);

    assert_int_equal(final->status, status);
    assert_int_equal(final->exit_code.is_set, exit_code >= 0);
    if (exit_code >= 0)
        assert_int_equal(final->exit_code.value, exit_code);
    if (message == NULL)
        assert_null(final->message);
    else
        assert_string_equal(final->message, message);
}

static void assert_prints(struct uuid id, enum log_stream stream, const char *lines)
{
    (void)installation_final(id);
    assert_string_equal(installation_lines(id, stream), lines);
}

static bool has_printed(struct uuid id, const char *text)
{
    return strstr(installation_lines(id, STREAM_COUNT), text) != NULL;
}

static int status_count(struct uuid id)
{
    return (int)installation_history(id)->status_count;
}

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
        ids[i] = run(end_cases[i].command);
    for (size_t i = 0; i < ARRAY_LEN(end_cases); i++) {
        const struct end_case *c = &end_cases[i];

        assert_ended(ids[i], c->status, c->exit_code, c->message);
        assert_int_equal(installation_final(ids[i])->reason, c->reason);
        assert_int_equal(status_count(ids[i]), 2); /* RUNNING before it */
    }
}

static void a_command_that_is_not_found_is_said_to_be_so(void **state UNUSED)
{
    struct uuid id = installation_publish(queue, (struct execution_created){0});
    pid_t worker = start_worker((const char *const[]){"cronobs", "work", "--queue", queue, "--",
                                                      "nonexistent-command", NULL});

    assert_ended(id, STATUS_FAILED, 127,
                 "could not start 'nonexistent-command': command not found");
    stop(worker);
}

static void what_is_no_program_is_not_run(void **state UNUSED)
{
    struct uuid id = installation_publish(queue, (struct execution_created){0});
    pid_t worker =
        start_worker((const char *const[]){"cronobs", "work", "--queue", queue, "/", NULL});

    assert_ended(id, STATUS_FAILED, 126, "could not start '/': Permission denied");
    stop(worker);
}

/* --- what it prints --- */

static void both_streams_come_back_in_order(void **state UNUSED)
{
    struct uuid id = run("for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf 'no end'");

    assert_prints(id, STREAM_STDOUT, "out 1\nout 2\nout 3\nno end");
    assert_prints(id, STREAM_STDERR, "err 1\nerr 2\nerr 3");
}

static void what_is_no_text_comes_back_escaped(void **state UNUSED)
{
    struct uuid id = run("printf 'a\\377b\\r\\n\\n'");
    struct uuid nul = run("printf 'a\\0b'");
    const struct log_line *line;

    assert_prints(id, STREAM_STDOUT, "a\\xffb\r\n");
    (void)installation_final(nul);
    line = &installation_history(nul)->batches[0]->lines[0];
    assert_int_equal(line->message_len, 3);
    assert_memory_equal(line->message, "a\0b", 3);
}

static void a_long_line_comes_in_pieces(void **state UNUSED)
{
    struct uuid id = run("head -c 40000 /dev/zero | tr '\\0' x");
    const char *lines;

    (void)installation_final(id);
    assert_int_equal(installation_history(id)->line_count, 3);
    lines = installation_lines(id, STREAM_STDOUT);
    assert_int_equal(strlen(lines), 40000 + 2);
    assert_int_equal(strspn(lines, "x"), 16384);
}

/* More than the SDK holds at a time, faster than Kafka takes it. */
static void a_command_that_prints_too_fast_is_slowed_down_and_nothing_is_lost(void **state UNUSED)
{
    enum { LINES = 100000 };
    struct uuid id =
        run("seq -f '%.0f " /* 360 bytes */
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' "
            "100000");
    const char *at;

    (void)installation_final(id);
    assert_int_equal(installation_history(id)->line_count, LINES);
    at = installation_lines(id, STREAM_STDOUT);
    for (long i = 1; i <= LINES; i++) {
        assert_int_equal(strtol(at, NULL, 10), i);
        at = strchrnul(at, '\n');
        at += *at == '\n' ? 1 : 0;
    }
}

static void what_a_command_leaves_running_does_not_hold_its_job(void **state UNUSED)
{
    struct uuid id = run("sleep 60 & echo $!");
    usec_t begun = clock_monotonic();

    assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_true(clock_monotonic() < begun + 20 * USEC_PER_SEC);
    assert_prints(id, STREAM_LOG,
                  "output closed 2s after the end of the command: a process that it started holds "
                  "it open");
    assert_int_equal(kill((pid_t)number(installation_lines(id, STREAM_STDOUT)), SIGKILL), 0);
}

/* --- what it is given --- */

/* A payload of 64 KiB goes into a pipe at once; into these it goes piece by piece, as the command reads it. */
static pid_t start_with_small_pipes(const char *script)
{
    pid_t pid;

    assert_int_equal(setenv("LD_PRELOAD", SMALL_PIPES, 1), 0);
    pid = start_command(script);
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
            queue, (struct execution_created){.payload = {.data = payload, .len = sizes[i]}});
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        size_t held = 0;

        assert_ended(ids[i], STATUS_SUCCEEDED, 0, NULL);
        assert_int_equal(number(installation_lines(ids[i], STREAM_STDOUT)), sizes[i]);
        for (const char *at = installation_lines(ids[i], STREAM_STDERR); *at != '\0'; at++)
            held += *at == 'p' ? 1 : 0;
        assert_int_equal(held, sizes[i]);
    }
    stop(worker);
}

static void a_command_need_not_read_its_payload(void **state UNUSED)
{
    static char payload[PAYLOAD_MAX_BYTES];
    struct uuid id = installation_publish(
        queue, (struct execution_created){.payload = {.data = payload, .len = sizeof payload}});
    pid_t worker = start_with_small_pipes("exec <&-; echo closed");

    assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_prints(id, STREAM_STDOUT, "closed");
    stop(worker);
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
    struct uuid id = installation_publish(queue, e);
    pid_t worker = start_command("env | grep ^CRONOBS_ | sort");
    char id_text[UUID_TEXT], task_text[UUID_TEXT];
    SCOPED_BUF wanted = {0};

    buf_printf(&wanted,
               "CRONOBS_ATTEMPT=2\nCRONOBS_DUE_AT=2023-11-14T22:13:20Z\nCRONOBS_EXECUTION_ID=%s\n"
               "CRONOBS_MAX_ATTEMPTS=5\nCRONOBS_PROJECT=default\nCRONOBS_QUEUE=%s\n"
               "CRONOBS_REVISION=1\nCRONOBS_SCHEDULED_AT=2023-11-14T22:13:20Z\nCRONOBS_TASK_ID=%s\n"
               "CRONOBS_TASK_KEY=nightly\nCRONOBS_TRIGGER=CATCH_UP\nCRONOBS_ZONE=Europe/Berlin",
               uuid_to_text(id, id_text), queue, uuid_to_text(e.task_id, task_text));
    assert_prints(id, STREAM_STDOUT, buf_text(&wanted));
    stop(worker);
}

static void a_command_inherits_neither_descriptors_nor_signal_masks(void **state UNUSED)
{
    struct uuid files = run("exec ls /proc/self/fd"); /* 3: its own, to list them */
    struct uuid blocked = run("grep SigBlk /proc/self/status");
    struct uuid ignored = /* but for 32 and 33, which are the C library's own */
        run("echo $((0x$(sed -n 's/SigIgn:.//p' /proc/self/status) & 0x7fffffff))");
    struct uuid group = run("test \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ && echo leads");

    assert_prints(files, STREAM_STDOUT, "0\n1\n2\n3");
    assert_prints(blocked, STREAM_STDOUT, "SigBlk:\t0000000000000000");
    assert_prints(ignored, STREAM_STDOUT, "0");
    assert_prints(group, STREAM_STDOUT, "leads");
}

/* --- shell payloads --- */

static void a_shell_payload_brings_its_input_environment_and_shell(void **state UNUSED)
{
    struct pair env[] = {{"GREETING", "h\xc3\xa9llo"}, {"CRONOBS_QUEUE", "forged"}};
    const struct shell_command c = {.command = "cat; echo $GREETING $CRONOBS_QUEUE $0",
                                    .shell = "/bin/bash",
                                    .input = bytes_of("a\nb\n"),
                                    .env = {.items = env, .count = 2}};
    struct uuid id = installation_publish(shared, shell_execution(&c));

    assert_prints(id, STREAM_STDOUT, "a\nb\nh\xc3\xa9llo shared /bin/bash");
}

static void a_shell_command_starts_in_its_home(void **state UNUSED)
{
    struct pair home = {"HOME", folder}, gone = {"HOME", "/nonexistent"};
    const struct shell_command there = {.command = "pwd", .env = {.items = &home, .count = 1}};
    const struct shell_command nowhere = {.command = "true", .env = {.items = &gone, .count = 1}};
    struct uuid id = installation_publish(shared, shell_execution(&there));

    assert_prints(id, STREAM_STDOUT, folder);
    id = installation_publish(shared, shell_execution(&nowhere));
    assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_prints(id, STREAM_LOG,
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
            shared, (struct execution_created){.payload = bytes_of(c->payload),
                                               .content_type = c->content_type});

        assert_ended(id, STATUS_FAILED, 126, c->message);
    }
}

/* --- being stopped --- */

static void a_run_timeout_ends_the_command(void **state UNUSED)
{
    struct uuid id = run_for("echo begun; exec sleep 60", 500);

    assert_ended(id, STATUS_FAILED, -1, "killed by SIGTERM: its run timeout is over");
    assert_prints(id, STREAM_STDOUT, "begun");
    assert_prints(id, STREAM_LOG,
                  "sent SIGTERM, SIGKILL follows in 300ms: its run timeout is over");
}

/* However it answers the SIGTERM: it was cut off. */
static void what_was_stopped_for_its_limit_has_not_succeeded(void **state UNUSED)
{
    static const char *const commands[] = {
        "trap 'echo bye; exit 0' TERM; sleep 60 & wait",
        "trap 'exit 7' TERM; sleep 60 & wait",
        "trap 'sleep 0.1; exit 0' TERM; while :; do sleep 0.01; done",
        "sleep 0.5",
    };
    struct uuid ids[20];

    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        ids[i] = run_for(commands[i % ARRAY_LEN(commands)], 500);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        const struct execution_status *final = installation_final(ids[i]);

        if (i % ARRAY_LEN(commands) == 3 && final->status == STATUS_SUCCEEDED)
            continue; /* it had ended by itself when its limit came */
        assert_int_equal(final->status, STATUS_FAILED);
        assert_int_equal(final->reason, REASON_RUN_TIMEOUT);
    }
    assert_prints(ids[0], STREAM_STDOUT, "bye");
}

static void a_command_that_does_not_listen_is_killed_with_all_that_it_started(void **state UNUSED)
{
    struct uuid id = run_for("trap '' TERM; sleep 60 & wait", 500);

    assert_ended(id, STATUS_FAILED, -1, "killed by SIGKILL: its run timeout is over");
    assert_prints(id, STREAM_LOG,
                  "sent SIGTERM, SIGKILL follows in 300ms: its run timeout is over\n"
                  "sent SIGKILL: its run timeout is over"); /* and nobody held the output open */
}

static void a_stopped_command_leaves_nothing_of_its_group_behind(void **state UNUSED)
{
    struct uuid id = run_for("(trap '' TERM; exec sleep 60) >/dev/null 2>&1 & echo $!; wait", 500);
    char path[64];

    assert_ended(id, STATUS_FAILED, -1, "killed by SIGTERM: its run timeout is over");
    (void)snprintf(path, sizeof path, "/proc/%d/exe",
                   number(installation_lines(id, STREAM_STDOUT)));
    WAIT_FOR(access(path, F_OK) != 0); /* not even a zombie has a program */
}

static void a_cancelled_command_is_stopped(void **state UNUSED)
{
    struct uuid id = run("echo begun; exec sleep 60");

    WAIT_FOR(has_printed(id, "begun"));
    installation_cancel(id);
    assert_ended(id, STATUS_CANCELLED, -1, "killed by SIGTERM: it was cancelled");
}

/* A command that prints "begun" and waits until the test opens its pipe. */
static const char *gate(const char *script)
{
    static char text[512];
    static int count;

    (void)snprintf(text, sizeof text, "%s/gate%d", folder, count++);
    assert_int_equal(mkfifo(text, 0600), 0);
    (void)setenv("GATE", text, 1);
    return script;
}

static void open_gate(void)
{
    int fd = open(getenv("GATE"), O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    (void)close(fd);
}

static int remove_gate(void **state UNUSED)
{
    return unlink(getenv("GATE"));
}

static void the_first_sigterm_lets_the_command_finish_and_takes_nothing_new(void **state UNUSED)
{
    pid_t worker = start_command(gate("echo begun; read x <$GATE; echo finished"));
    struct uuid id = installation_publish(queue, (struct execution_created){0}), later;

    WAIT_FOR(has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    later = installation_publish(queue, (struct execution_created){0});
    assert_int_equal(waitpid(worker, NULL, WNOHANG), 0);
    open_gate();
    assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_true(has_printed(id, "finished"));
    assert_int_equal(end_of(worker), 0);
    assert_int_equal(status_count(later), 0);
}

static void the_second_sigterm_is_passed_on(void **state UNUSED)
{
    pid_t worker = start_command(
        gate("trap 'echo told; exit 4' TERM; echo begun; read x <$GATE; echo not reached"));
    struct uuid id = installation_publish(queue, (struct execution_created){0});

    WAIT_FOR(has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    assert_int_equal(kill(worker, SIGINT), 0);
    assert_ended(id, STATUS_FAILED, 4, "exit code 4: the worker was told to stop");
    assert_int_equal(installation_final(id)->reason, REASON_WORKER_SHUTDOWN);
    assert_prints(id, STREAM_STDOUT, "begun\ntold");
    assert_int_equal(end_of(worker), 0);
}

static void the_third_sigterm_kills(void **state UNUSED)
{
    pid_t worker = start_command(gate("trap '' TERM; echo begun; read x <$GATE"));
    struct uuid id = installation_publish(queue, (struct execution_created){0});

    WAIT_FOR(has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    assert_int_equal(kill(worker, SIGINT), 0);
    WAIT_FOR(has_printed(id, "sent SIGTERM"));
    assert_int_equal(kill(worker, SIGTERM), 0);
    assert_ended(id, STATUS_FAILED, -1, "killed by SIGKILL: the worker was told to stop");
    assert_int_equal(end_of(worker), 0);
}

static void other_signals_are_passed_on(void **state UNUSED)
{
    pid_t worker = start_command(gate("trap 'echo told; exit 0' USR1; echo begun; read x <$GATE"));
    struct uuid id = installation_publish(queue, (struct execution_created){0});

    WAIT_FOR(has_printed(id, "begun"));
    assert_int_equal(kill(worker, SIGUSR1), 0);
    assert_prints(id, STREAM_STDOUT, "begun\ntold");
    stop(worker);
}

static void a_worker_without_work_stops_at_once(void **state UNUSED)
{
    pid_t worker = start_command("true");
    struct uuid id = installation_publish(queue, (struct execution_created){0});

    (void)installation_final(id);
    stop(worker);
}

static void a_worker_whose_name_is_taken_ends_when_its_command_has(void **state UNUSED)
{
    const char *const arguments[] = {"cronobs",
                                     "work",
                                     "--queue",
                                     queue,
                                     "--worker-instance",
                                     "i",
                                     "--concurrency",
                                     "1",
                                     "--",
                                     "sh",
                                     "-c",
                                     gate("echo begun; read x <$GATE; echo finished"),
                                     NULL};
    pid_t worker = start_worker(arguments), other;
    struct uuid id = installation_publish(queue, (struct execution_created){0}), next;

    WAIT_FOR(has_printed(id, "begun"));
    other = start_worker(arguments);
    next = installation_publish(queue, (struct execution_created){0});
    WAIT_FOR(has_printed(next, "begun")); /* by the other: the first has no place for it */
    open_gate();
    assert_ended(id, STATUS_SUCCEEDED, 0, NULL);
    assert_ended(next, STATUS_SUCCEEDED, 0, NULL);
    assert_int_equal(end_of(worker), 75);
    stop(other);
}

static void more_commands_than_open_files_are_refused(void **state UNUSED)
{
    pid_t pid = fork();

    if (pid == 0) {
        const struct rlimit limit = {.rlim_cur = 1024, .rlim_max = 1024};

        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)execl(CRONOBS_PROGRAM, "cronobs", "work", "--concurrency", "1000", "true", NULL);
        _exit(99);
    }
    assert_int_equal(end_of(pid), 64);
}

static void commands_run_side_by_side(void **state UNUSED)
{
    struct uuid reads, writes;
    char command[128];

    (void)gate("");
    (void)snprintf(command, sizeof command, "read x <%s; echo $x", getenv("GATE"));
    reads = run(command);
    (void)snprintf(command, sizeof command, "echo met >%s", getenv("GATE"));
    writes = run(command);
    assert_ended(writes, STATUS_SUCCEEDED, 0, NULL);
    assert_prints(reads, STREAM_STDOUT, "met");
}

static void a_command_and_shell_exclude_each_other(void **state UNUSED)
{
    assert_int_equal(end_of(start_worker((const char *const[]){"cronobs", "work", NULL})), 64);
    assert_int_equal(
        end_of(start_worker((const char *const[]){"cronobs", "work", "--shell", "true", NULL})),
        64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_ends_as_its_command_does),
        cmocka_unit_test_setup(a_command_that_is_not_found_is_said_to_be_so, add_queue),
        cmocka_unit_test_setup(what_is_no_program_is_not_run, add_queue),
        cmocka_unit_test(both_streams_come_back_in_order),
        cmocka_unit_test(what_is_no_text_comes_back_escaped),
        cmocka_unit_test(a_long_line_comes_in_pieces),
        cmocka_unit_test(a_command_that_prints_too_fast_is_slowed_down_and_nothing_is_lost),
        cmocka_unit_test(what_a_command_leaves_running_does_not_hold_its_job),
        cmocka_unit_test_setup(the_payload_is_on_standard_input, add_queue),
        cmocka_unit_test_setup(a_command_need_not_read_its_payload, add_queue),
        cmocka_unit_test_setup(what_the_execution_is_stands_in_the_environment_and_no_secret,
                               add_queue),
        cmocka_unit_test(a_command_inherits_neither_descriptors_nor_signal_masks),
        cmocka_unit_test(a_shell_payload_brings_its_input_environment_and_shell),
        cmocka_unit_test(a_shell_command_starts_in_its_home),
        cmocka_unit_test(a_payload_that_cannot_be_run_fails_with_the_reason),
        cmocka_unit_test(a_run_timeout_ends_the_command),
        cmocka_unit_test(what_was_stopped_for_its_limit_has_not_succeeded),
        cmocka_unit_test(a_command_that_does_not_listen_is_killed_with_all_that_it_started),
        cmocka_unit_test(a_stopped_command_leaves_nothing_of_its_group_behind),
        cmocka_unit_test(a_cancelled_command_is_stopped),
        cmocka_unit_test_teardown(commands_run_side_by_side, remove_gate),
        cmocka_unit_test_setup_teardown(
            the_first_sigterm_lets_the_command_finish_and_takes_nothing_new, add_queue,
            remove_gate),
        cmocka_unit_test_setup_teardown(the_second_sigterm_is_passed_on, add_queue, remove_gate),
        cmocka_unit_test_setup_teardown(the_third_sigterm_kills, add_queue, remove_gate),
        cmocka_unit_test_setup_teardown(other_signals_are_passed_on, add_queue, remove_gate),
        cmocka_unit_test_setup(a_worker_without_work_stops_at_once, add_queue),
        cmocka_unit_test_setup_teardown(a_worker_whose_name_is_taken_ends_when_its_command_has,
                                        add_queue, remove_gate),
        cmocka_unit_test(more_commands_than_open_files_are_refused),
        cmocka_unit_test(a_command_and_shell_exclude_each_other),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
