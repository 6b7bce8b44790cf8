package io.cronobs.worker;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/** The handlers by the keys of their tasks, and where they run. */
final class Handlers {
    private final Map<String, Handler> handlers;
    private final Executor executor;
    private final BiConsumer<Run, Outcome> ended;

    /** ended: hears once of each run that was started, in any thread. */
    Handlers(Map<String, Handler> handlers, Executor executor, BiConsumer<Run, Outcome> ended) {
        this.handlers = handlers;
        this.executor = executor;
        this.ended = ended;
    }

    /** Has the handler of the run's job called, where the executor wants. */
    void start(Run run) {
        Handler handler = handlers.getOrDefault(run.job.task(), handlers.get("*"));
        if (handler == null) {
            ended.accept(run, Perform.noHandler(run.job.task(), handlers.keySet()));
            return;
        }
        try {
            executor.execute(() -> call(run, handler));
        } catch (RuntimeException | Error refused) { // the user's, which is closed or full; or the system gives no threads
            ended.accept(run, new Outcome("FAILED", "WORKER_ERROR", Text.cut("the executor refused it: " + refused, Text.MESSAGE_MAX)));
        }
    }

    /** One that was told to end while it waited for a thread is not begun: that it is over may have been reported, and somebody else may run it. */
    private void call(Run run, Handler handler) {
        Cause told = run.job.cause();
        ended.accept(run, told == null ? Perform.perform(run.job, handler) : Perform.unbegun(told));
    }
}
