#include "work.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"

int work_number(const char *text)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    assert_true(end != text && value >= 0 && value <= INT32_MAX);
    return (int)value;
}

/* --- workers --- */

char work_shared[] = "shared";
static pid_t shared_worker;
char work_queue[16];
char work_folder[] = "/tmp/work_test.XXXXXX";

pid_t work_start(const char *const *arguments)
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

pid_t work_start_command(const char *script)
{
    return work_start((const char *const[]){"cronobs", "work", "--queue", work_queue,
                                            "--concurrency", "1", "--", "sh", "-c", script, NULL});
}

int work_end_of(pid_t pid)
{
    int status = 0;

    WAIT_FOR(waitpid(pid, &status, WNOHANG) == pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void work_stop(pid_t pid)
{
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(work_end_of(pid), 0);
}

int work_add_queue(void **state UNUSED)
{
    static int count;

    (void)snprintf(work_queue, sizeof work_queue, "q%d", count++);
    installation_add_queue(work_queue);
    return 0;
}

int work_begin(void **state UNUSED)
{
    installation_create();
    installation_add_queue(work_shared);
    shared_worker =
        work_start((const char *const[]){"cronobs", "work", "--queue", work_shared, "--concurrency",
                                         "8", "--kill-after", "300ms", "--shell", NULL});
    return mkdtemp(work_folder) == NULL ? 1 : 0;
}

int work_end(void **state UNUSED)
{
    work_stop(shared_worker);
    installation_end();
    return rmdir(work_folder);
}

/* --- executions --- */

struct execution_created work_shell_execution(const struct shell_command *c)
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

struct uuid work_run(const char *command)
{
    return installation_publish(work_shared,
                                work_shell_execution(&(struct shell_command){.command = command}));
}

struct uuid work_run_for(const char *command, int64_t run_timeout_ms)
{
    struct execution_created e = work_shell_execution(&(struct shell_command){.command = command});

    e.run_timeout_ms = run_timeout_ms;
    return installation_publish(work_shared, e);
}

void work_assert_ended(struct uuid id, enum status status, int exit_code, const char *message)
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

void work_assert_prints(struct uuid id, enum log_stream stream, const char *lines)
{
    (void)installation_final(id);
    assert_string_equal(installation_lines(id, stream), lines);
}

bool work_has_printed(struct uuid id, const char *text)
{
    return strstr(installation_lines(id, STREAM_COUNT), text) != NULL;
}

int work_status_count(struct uuid id)
{
    return (int)installation_history(id)->status_count;
}
