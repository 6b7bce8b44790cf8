package io.cronobs.worker;

/** Does the work of one execution. It is called by several threads at a time. */
@FunctionalInterface
public interface Handler {
    /**
     * Works. What it throws is FAILED, with the trace in the execution's log; {@link Failed} says more.
     *
     * @param job the execution
     * @return its result: bytes and texts as they are, all else as JSON; null: none
     * @throws Exception whatever goes wrong
     */
    Object handle(Job job) throws Exception;
}
