/*
 * posix_spawn shares our memory with the child until it runs its program, so that a start costs the same however
 * large this process is; the price is that a child cannot be told to die with us (docs/decisions/0045).
 */
#include "cli/worker/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <spawn.h>

enum { STREAMS = 3, PIPES = STREAMS + 1, OURS = 0, THEIRS = 1 };

/* --- pipes --- */

struct pipes {
    /* of standard input, output, error, and CHILD_PROGRESS_FD if it has one: ours and the child's */
    int ends[PIPES][2];
    int count;
    bool keeps_input;
};

static void close_pipes(struct pipes *p)
{
    for (size_t i = 0; i < PIPES; i++) {
        child_close(&p->ends[i][OURS]);
        child_close(&p->ends[i][THEIRS]);
    }
}

static bool open_pipe(int ends[2], bool we_write)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) != 0)
        return false;
    ends[OURS] = fds[we_write ? 1 : 0];
    ends[THEIRS] = fds[we_write ? 0 : 1];
    return fcntl(ends[OURS], F_SETFL, O_NONBLOCK) == 0;
}

static enum rc open_pipes(struct pipes *p, struct error *err)
{
    for (int i = 0; i < p->count; i++)
        if (!(p->keeps_input && i == STDIN_FILENO) && !open_pipe(p->ends[i], i == STDIN_FILENO))
            return error_set(err, RC_RETRY, "could not open a pipe: %s", strerror(errno));
    return RC_OK;
}

static int take_ours(struct pipes *p, int stream)
{
    int fd = p->ends[stream][OURS];

    p->ends[stream][OURS] = -1;
    return fd;
}

/* --- starting --- */

static enum rc refuse(int code, const char *command, struct error *err)
{
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return error_set(err, RC_NOT_FOUND, "could not start '%s': %s", command,
                         strchr(command, '/') == NULL
                             ? "command not found"
                             : "no such file, or none that its first line names");
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return error_set(err, RC_RETRY, "could not start '%s': %s", command, strerror(code));
    default:
        return error_set(err, RC_INVALID, "could not start '%s': %s", command, strerror(code));
    }
}

static int add_streams(posix_spawn_file_actions_t *actions, const struct pipes *pipes)
{
    int code = 0;

    /* In this order: an end that has the number of a later one was taken before. */
    for (int i = pipes->keeps_input ? STDOUT_FILENO : STDIN_FILENO; i < pipes->count && code == 0;
         i++)
        code = posix_spawn_file_actions_adddup2(actions, pipes->ends[i][THEIRS], i);
    return code == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, pipes->count) : code;
}

static void set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_setsigmask(attributes, &none);
    (void)posix_spawnattr_setsigdefault(attributes, &all);
    (void)posix_spawnattr_setpgroup(attributes, 0);
    (void)posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
}

/* Returns 0 or why it did not work, the exec included. */
static int spawn(const struct child_spec *spec, const struct pipes *pipes, pid_t *ret)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int code;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    set_attributes(&attributes);
    code = spec->folder < 0 ? 0 : posix_spawn_file_actions_addfchdir_np(&actions, spec->folder);
    if (code == 0)
        code = add_streams(&actions, pipes);
    if (code == 0)
        code = posix_spawnp(ret, spec->argv[0], &actions, &attributes, spec->argv, spec->env);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return code;
}

/* Only we wait for our children, so the id cannot have become another process's by now. */
static enum rc watch(struct child *c, struct error *err)
{
    int code;

    c->pidfd = pidfd_open(c->pid, 0);
    if (c->pidfd >= 0)
        return RC_OK;
    code = errno;
    child_signal(c, SIGKILL);
    (void)waitpid(c->pid, NULL, 0);
    return error_set(err, RC_RETRY, "could not watch a process: %s", strerror(code));
}

static enum rc start(const struct child_spec *spec, struct pipes *pipes, struct child *ret,
                     struct error *err)
{
    struct child c = {0};
    int code;

    TRY(open_pipes(pipes, err));
    code = spawn(spec, pipes, &c.pid);
    if (code != 0)
        return refuse(code, spec->argv[0], err);
    TRY(watch(&c, err));
    c.input = take_ours(pipes, STDIN_FILENO);
    c.output[0] = take_ours(pipes, STDOUT_FILENO);
    c.output[1] = take_ours(pipes, STDERR_FILENO);
    c.progress = take_ours(pipes, CHILD_PROGRESS_FD);
    *ret = c;
    return RC_OK;
}

enum rc child_start(const struct child_spec *spec, struct child *ret, struct error *err)
{
    struct pipes pipes = {.ends = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}},
                          .count = spec->has_progress ? PIPES : STREAMS,
                          .keeps_input = spec->keeps_input};
    enum rc rc = start(spec, &pipes, ret, err);

    close_pipes(&pipes);
    return rc;
}

/* --- afterwards --- */

void child_signal(const struct child *c, int number)
{
    if (c->pid > 0)
        (void)kill(-c->pid, number);
}

/* The process stays a zombie, so that its id, which is its group's, cannot become another's. */
bool child_take_end(struct child *c, struct child_end *ret)
{
    siginfo_t info = {0};

    if (waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == 0)
        return false;
    *ret = (struct child_end){.by_signal = info.si_code != CLD_EXITED,
                              .code = info.si_status,
                              .dumped_core = info.si_code == CLD_DUMPED};
    child_close(&c->pidfd);
    return true;
}

void child_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

void child_clear(struct child *c)
{
    if (c->pid > 0)
        (void)waitpid(c->pid, NULL, WNOHANG);
    c->pid = 0;
    child_close(&c->pidfd);
    child_close(&c->input);
    child_close(&c->output[0]);
    child_close(&c->output[1]);
    child_close(&c->progress);
}
