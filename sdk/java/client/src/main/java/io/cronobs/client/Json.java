package io.cronobs.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as plain values: {@code Map<String, Object>} (in the order of the text), {@code List<Object>}, {@code String}, {@code Long},
 * {@code Double}, {@code Boolean} and null. A whole number that a {@code long} cannot hold is a {@code Double}.
 */
public final class Json {
    private static final int DEPTH_MAX = 500;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Reads one value.
     *
     * @param text JSON, with nothing behind it
     * @return the value
     * @throws IllegalArgumentException it is no JSON; the message has the place
     */
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.skipSpace();
        if (json.at < text.length()) {
            throw json.wrong("something behind the end");
        }
        return value;
    }

    /**
     * Writes a value, without spaces.
     *
     * @param value maps with texts as keys, collections, texts, finite numbers, booleans, null; of an enumeration the name,
     *     of a Java record its components in snake case, without those that are null
     * @return JSON that is valid Unicode: U+FFFD stands for a lone surrogate
     * @throws IllegalArgumentException there is something else in it; the message has its type
     */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value, 0);
        return out.toString();
    }

    // --- reading ---

    private Object value() {
        skipSpace();
        char first = peek();
        return switch (first) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        enter();
        if (!takes('}')) {
            do {
                skipSpace();
                String name = string();
                expect(':');
                members.put(name, value());
            } while (takes(','));
            expect('}');
        }
        depth--;
        return members;
    }

    private List<Object> array() {
        List<Object> items = new ArrayList<>();
        enter();
        if (!takes(']')) {
            do {
                items.add(value());
            } while (takes(','));
            expect(']');
        }
        depth--;
        return items;
    }

    private void enter() {
        at++;
        if (++depth > DEPTH_MAX) {
            throw wrong("more than " + DEPTH_MAX + " levels");
        }
    }

    private String string() {
        if (peek() != '"') {
            throw wrong("no text where one must be");
        }
        at++;
        StringBuilder out = null; // only where there is an escape
        int from = at;
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                throw wrong("a control character in a text");
            }
            if (c == '\\') {
                out = out == null ? new StringBuilder() : out;
                out.append(text, from, at - 1).append(escaped(next()));
                from = at;
            }
        }
        String rest = text.substring(from, at - 1);
        return out == null ? rest : out.append(rest).toString();
    }

    private char escaped(char c) {
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> throw wrong("no such escape");
        };
    }

    private char unit() {
        int found = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(next(), 16);
            if (digit < 0) {
                throw wrong("no such escape");
            }
            found = found << 4 | digit;
        }
        return (char) found;
    }

    private Object number() {
        int from = at;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String digits = text.substring(from, at);
        if (!digits.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
            at = from;
            throw wrong("no value");
        }
        if (digits.matches("-?[0-9]{1,18}")) {
            return Long.valueOf(digits);
        }
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            return Double.valueOf(digits);
        }
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw wrong("no value");
        }
        at += word.length();
        return value;
    }

    private void skipSpace() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean takes(char c) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!takes(c)) {
            throw wrong("no '" + c + "' where one must be");
        }
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong("the end");
        }
        return text.charAt(at);
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("not JSON: " + what + " at character " + (at + 1));
    }

    // --- writing ---

    private static void write(StringBuilder out, Object value, int depth) {
        if (depth > DEPTH_MAX) {
            throw new IllegalArgumentException("cannot be JSON: more than " + DEPTH_MAX + " levels");
        }
        if (value instanceof CharSequence || value instanceof Enum<?>) {
            writeText(out, value.toString());
        } else if (value instanceof Map<?, ?> members) {
            writeMembers(out, members, depth);
        } else if (value instanceof Record record) {
            writeMembers(out, Typed.members(record), depth);
        } else if (value instanceof Iterable<?> items) {
            writeItems(out, items, depth);
        } else if (value instanceof Number number && !Double.isFinite(number.doubleValue()) && !isExact(number)) {
            throw new IllegalArgumentException("cannot be JSON: " + value);
        } else if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else {
            throw new IllegalArgumentException("cannot be JSON: a " + value.getClass().getName());
        }
    }

    /** One that may be beyond what a double can hold, and is a number all the same. */
    private static boolean isExact(Number number) {
        return !(number instanceof Double || number instanceof Float);
    }

    private static void writeMembers(StringBuilder out, Map<?, ?> members, int depth) {
        String before = "{";
        for (Map.Entry<?, ?> member : members.entrySet()) {
            out.append(before);
            writeText(out, String.valueOf(member.getKey()));
            out.append(':');
            write(out, member.getValue(), depth + 1);
            before = ",";
        }
        out.append(members.isEmpty() ? "{}" : "}");
    }

    private static void writeItems(StringBuilder out, Iterable<?> items, int depth) {
        String before = "";
        out.append('[');
        for (Object item : items) {
            out.append(before);
            write(out, item, depth + 1);
            before = ",";
        }
        out.append(']');
    }

    private static void writeText(StringBuilder out, String text) {
        out.append('"');
        text.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", c));
            } else if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                out.append('\ufffd');
            } else {
                out.appendCodePoint(c);
            }
        });
        out.append('"');
    }
}
