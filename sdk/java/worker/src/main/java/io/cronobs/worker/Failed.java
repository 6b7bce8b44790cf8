package io.cronobs.worker;

/** To be thrown by a handler: the execution has FAILED with this message, and maybe an exit code and a result. No trace is logged. */
public final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** As of a program; null: none. */
    private final Integer exitCode;
    /** As a handler returns it; null: none. */
    private final transient Object result;

    /**
     * With a message alone.
     *
     * @param message what people are told, up to 4 KiB
     */
    public Failed(String message) {
        this(message, null, null);
    }

    /**
     * With an exit code, as of a program.
     *
     * @param message what people are told, up to 4 KiB
     * @param exitCode the code; null: none
     */
    public Failed(String message, Integer exitCode) {
        this(message, exitCode, null);
    }

    /**
     * With a result all the same.
     *
     * @param message what people are told, up to 4 KiB
     * @param exitCode the code; null: none
     * @param result as a handler returns it; null: none
     */
    public Failed(String message, Integer exitCode, Object result) {
        super(message);
        this.exitCode = exitCode;
        this.result = result;
    }

    /** {@return the exit code; null: none} */
    public Integer exitCode() {
        return exitCode;
    }

    /** {@return the result; null: none} */
    public Object result() {
        return result;
    }
}
