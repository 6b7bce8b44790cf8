package io.cronobs.worker;

/** The handler is to end: thrown by {@link Job#check} and {@link Job#sleep}. Let it pass: the worker reports the cause. */
public final class CancelledException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why. */
    private final Cause why;

    /**
     * One for that cause.
     *
     * @param cause why the handler is to end
     */
    public CancelledException(Cause cause) {
        super(cause.name());
        this.why = cause;
    }

    /** {@return why the handler is to end} */
    public Cause cause() {
        return why;
    }
}
