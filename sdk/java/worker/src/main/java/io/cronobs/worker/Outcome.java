package io.cronobs.worker;

/** How an execution ended; all but the first two may be null. */
record Outcome(String status, String reason, String message, Integer exitCode, byte[] result) {
    Outcome(String status, String reason, String message) {
        this(status, reason, message, null, null);
    }
}
