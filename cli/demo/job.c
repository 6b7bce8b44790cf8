/*
 * job.c - a run of the tale that happens now: what its program would print, at that pace.
 */
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cli/demo/lines.h"
#include "cli/shared/subcommand.h"

static const char *variable(const struct call *call, const char *name)
{
    size_t len = strlen(name);

    for (const char *const *v = call->environment; *v != NULL; v++)
        if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
            return *v + len + 1;
    return NULL;
}

static void wait_until(usec_t at)
{
    usec_t left = at - clock_monotonic();
    const struct timespec pause = {left / USEC_PER_SEC, left % USEC_PER_SEC * 1000};

    if (left > 0)
        (void)nanosleep(&pause, NULL);
}

static void print(const struct story_line *line, FILE *out)
{
    FILE *to = line->stream == STREAM_STDERR ? stderr : out;

    (void)fprintf(to, "%s%s", line->text, line->is_unfinished ? "" : "\n");
    (void)fflush(to);
}

enum rc run_demo_job(struct call *call, struct error *err)
{
    const char *key = variable(call, "CRONOBS_TASK_KEY"),
               *id = variable(call, "CRONOBS_EXECUTION_ID");
    const struct story_task *task = key == NULL ? NULL : story_find(key);
    usec_t began = clock_monotonic();
    const struct story_line *lines;
    struct story_run run;
    struct uuid execution;
    size_t count;

    if (task == NULL || id == NULL)
        return error_set(err, RC_INVALID,
                         "could not act as a job: CRONOBS_TASK_KEY and CRONOBS_EXECUTION_ID do not "
                         "name a run of the demonstration's tasks");
    TRY(uuid_from_text(id, &execution, err));
    run = story_run_of(task, execution, 0);
    lines = story_lines(&run, INT64_MAX, call->memory, &count);
    for (size_t i = 0; i < count; i++) {
        wait_until(began + lines[i].after_ms * USEC_PER_MS);
        print(&lines[i], call->out);
    }
    while (run.hangs) /* until it is told to stop */
        wait_until(USEC_MAX);
    wait_until(began + run.run_ms * USEC_PER_MS);
    return run.rc;
}
