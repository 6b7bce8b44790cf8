package io.cronobs.worker;

/** Why a handler is to end early. */
public enum Cause {
    /** Somebody has cancelled the execution. */
    CANCEL,
    /** Its run timeout is over. */
    TIMEOUT,
    /** The worker ends. */
    SHUTDOWN,
    /** No sign of life has reached the brokers for three heartbeats; only of workers that {@link Worker.Builder#stopWhenLost} asks for it. */
    LOST
}
