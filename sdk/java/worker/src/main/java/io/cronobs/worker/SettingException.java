package io.cronobs.worker;

/** A setting is wrong: the message names it, its value, the limit and the way out. */
public final class SettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    SettingException(String message) {
        super(message);
    }
}
