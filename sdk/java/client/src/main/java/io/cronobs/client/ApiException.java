package io.cronobs.client;

import java.util.Map;

/** What the API refused, or that it could not be asked. The one exception of a {@link Client}; its message has the API's own words. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 200; // characters of an answer that is not the API's

    /** Of HTTP; 0: no answer came. */
    private final int status;

    /** The API's own words. */
    private final String detail;

    /** The outcome's symbol; null: none. */
    private final String code;

    /** To the member that is wrong; null: none. */
    private final String pointer;

    /** In a text, from 1; null: none. */
    private final Integer column;

    /** The way out; null: none. */
    private final String hint;

    private ApiException(int status, String detail, String code, String pointer, Integer column, String hint, Throwable cause) {
        super(hint == null ? detail : detail + " (" + hint + ")", cause);
        this.status = status;
        this.detail = detail;
        this.code = code;
        this.pointer = pointer;
        this.column = column;
        this.hint = hint;
    }

    /** No answer came. */
    static ApiException unreachable(String detail, String hint, Throwable cause) {
        return new ApiException(0, detail, null, null, null, hint, cause);
    }

    /** What an answer that is no success says; or a success whose body is not the API's. */
    static ApiException of(int status, String body) {
        try {
            if (Json.parse(body) instanceof Map<?, ?> said && (said.containsKey("detail") || said.containsKey("title"))) {
                Object detail = said.get(said.containsKey("detail") ? "detail" : "title");
                Integer column = said.get("column") instanceof Long number ? Integer.valueOf(number.intValue()) : null;
                return new ApiException(status, String.valueOf(detail), text(said, "code"), text(said, "pointer"), column, text(said, "hint"), null);
            }
        } catch (IllegalArgumentException e) {
            // not JSON: shown as it is
        }
        String shown = body.substring(0, Math.min(body.length(), SHOWN)).strip();
        return new ApiException(status, "not an answer of the API, but of status " + status + ": " + shown, null, null, null, null, null);
    }

    private static String text(Map<?, ?> said, String name) {
        Object value = said.get(name);
        return value == null ? null : value.toString();
    }

    /**
     * Of HTTP.
     *
     * @return 0: no answer came, and {@link #getCause()} says why
     */
    public int status() {
        return status;
    }

    /**
     * The API's own words.
     *
     * @return without the hint
     */
    public String detail() {
        return detail;
    }

    /**
     * The outcome's symbol where the scheduler refused a command, such as STALE_REVISION.
     *
     * @return null: none
     */
    public String code() {
        return code;
    }

    /**
     * The JSON pointer of the member that is wrong, such as /schedules/0/expression.
     *
     * @return null: none
     */
    public String pointer() {
        return pointer;
    }

    /**
     * The place in a text, from 1.
     *
     * @return null: none
     */
    public Integer column() {
        return column;
    }

    /**
     * The way out.
     *
     * @return null: none
     */
    public String hint() {
        return hint;
    }
}
