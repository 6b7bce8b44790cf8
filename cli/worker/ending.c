#include "cli/worker/ending.h"

#include <string.h>

enum { EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 }; /* as shells have it */

const char *stop_words(enum stop_cause cause)
{
    static const char *const words[] = {
        [STOP_NONE] = "",
        [STOP_TIMEOUT] = "its run timeout is over",
        [STOP_CANCEL] = "it was cancelled",
        [STOP_SHUTDOWN] = "the worker was told to stop",
    };

    return words[cause];
}

static const char *signal_name(int number, struct arena *memory)
{
    const char *name = sigabbrev_np(number);

    return name == NULL ? arena_printf(memory, "signal %d", number)
                        : arena_printf(memory, "SIG%s", name);
}

static const char *describe(const struct child_end *end, enum stop_cause cause,
                            struct arena *memory)
{
    const char *how = end->by_signal
                          ? arena_printf(memory, "killed by %s%s", signal_name(end->code, memory),
                                         end->dumped_core ? " (core dumped)" : "")
                          : arena_printf(memory, "exit code %d", end->code);

    return cause == STOP_NONE ? how : arena_printf(memory, "%s: %s", how, stop_words(cause));
}

static enum cronobs_reason reason_of(const struct child_end *end, enum stop_cause cause)
{
    if (cause == STOP_TIMEOUT)
        return CRONOBS_REASON_RUN_TIMEOUT;
    if (cause == STOP_SHUTDOWN)
        return CRONOBS_REASON_WORKER_SHUTDOWN;
    return end->by_signal ? CRONOBS_REASON_SIGNAL : CRONOBS_REASON_EXIT_CODE;
}

struct cronobs_outcome ending_outcome(const struct child_end *end, enum stop_cause cause,
                                      struct arena *memory)
{
    bool was_cut_off = cause == STOP_TIMEOUT || cause == STOP_CANCEL;
    bool is_good = !end->by_signal && end->code == 0 && !was_cut_off;
    struct cronobs_outcome outcome = {.status = CRONOBS_SUCCEEDED,
                                      .has_exit_code = !end->by_signal,
                                      .exit_code = end->by_signal ? 0 : end->code};

    if (is_good)
        return outcome; /* also where the worker is stopped: it had done its work */
    outcome.status = cause == STOP_CANCEL ? CRONOBS_CANCELLED : CRONOBS_FAILED;
    if (outcome.status == CRONOBS_FAILED)
        outcome.reason = reason_of(end, cause);
    outcome.message = describe(end, cause, memory);
    return outcome;
}

int ending_exit_code(enum rc rc)
{
    return rc == RC_NOT_FOUND ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

struct cronobs_outcome ending_not_started(enum rc rc, const struct error *why)
{
    struct cronobs_outcome outcome = {
        .status = CRONOBS_FAILED, .reason = CRONOBS_REASON_EXIT_CODE, .message = why->text};

    if (rc == RC_RETRY) {
        outcome.reason = CRONOBS_REASON_WORKER_ERROR;
        return outcome;
    }
    outcome.has_exit_code = true;
    outcome.exit_code = ending_exit_code(rc);
    return outcome;
}
