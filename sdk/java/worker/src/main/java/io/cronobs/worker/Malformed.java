package io.cronobs.worker;

/** Bytes that are no record of the kind that was expected, or a record that cannot be run; the message says why. */
final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String why) {
        super(why, null, false, false); // one for each bad record of a topic: no stack
    }
}
