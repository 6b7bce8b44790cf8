package io.cronobs.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.cronobs.client.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * What a program says, as the wire wants it: valid UTF-8 within the limits of its records. Pure. Of bytes nothing is lost: those that are
 * no UTF-8 become {@code \xHH}, and where a text is escaped, so is what looks like an escape in it already; so it can be undone. Strings
 * of Java may hold lone surrogates: U+FFFD stands for each.
 */
final class Text {
    static final int LINE_MAX = 16_384; // bytes of a line of a log
    static final int MESSAGE_MAX = 4_096; // bytes of what a report or a heartbeat says to people
    static final int RESULT_MAX = 65_536; // bytes that come out of a run

    private static final int ESCAPED = 4; // bytes of \xHH
    private static final int UNIT_MAX = 3; // bytes of a char

    /** What comes out of a run: bytes or null, and what the report says about it, or null. */
    record Result(byte[] bytes, String message) {}

    /** taken: bytes of the text. */
    private record Piece(String message, int taken, boolean escaped) {}

    private Text() {}

    /**
     * The lines of a text, which end at \n or \r\n; a longer one comes in pieces. The last end may be left out: "" is one empty line, and so
     * is "\n".
     */
    static List<Line> lines(String text) {
        if (text.length() <= LINE_MAX / UNIT_MAX && text.indexOf('\n') < 0 && Utf8.isWellFormed(text)) {
            return List.of(new Line(text, false, false, Utf8.length(text))); // most of them
        }
        return lines(Utf8.bytes(text));
    }

    static List<Line> lines(byte[] text) {
        List<Line> found = new ArrayList<>();
        int from = 0;
        do {
            int end = indexOf(text, '\n', from);
            boolean isEnded = end < text.length;
            boolean hasReturn = isEnded && end > from && text[end - 1] == '\r';
            addPieces(found, text, from, hasReturn ? end - 1 : end);
            from = end + 1;
        } while (from < text.length);
        return found;
    }

    private static int indexOf(byte[] text, char c, int from) {
        int at = from;
        while (at < text.length && text[at] != c) {
            at++;
        }
        return at;
    }

    private static void addPieces(List<Line> found, byte[] text, int from, int end) {
        int at = from;
        do {
            Piece piece = piece(text, at, end, LINE_MAX, true);
            at += piece.taken;
            found.add(new Line(piece.message, at < end, piece.escaped, piece.escaped ? Utf8.length(piece.message) : piece.taken));
        } while (at < end);
    }

    /** The start of a text of at most so many bytes, which ends between characters, without NULs: escaped where there are some. */
    static String cut(String text, int limit) {
        return text.length() <= limit / UNIT_MAX && text.indexOf('\0') < 0 && Utf8.isWellFormed(text) ? text : cut(Utf8.bytes(text), limit);
    }

    static String cut(byte[] text, int limit) {
        return piece(text, 0, text.length, limit, false).message;
    }

    /** What a handler has returned: bytes, text, else JSON; null is none. What is left out is said: failing would run the work twice. */
    static Result resultOf(Object value) {
        if (value == null) {
            return new Result(null, null);
        }
        byte[] data;
        try {
            data = value instanceof byte[] bytes ? bytes : Utf8.bytes(value instanceof CharSequence text ? text.toString() : Json.write(value));
        } catch (RuntimeException | Error e) { // also of a collection's own methods
            return new Result(null, cut("the result is left out: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()), MESSAGE_MAX));
        }
        if (data.length <= RESULT_MAX) {
            return new Result(data, null);
        }
        return new Result(null, "the result is left out: it has " + data.length + " bytes, the limit is " + RESULT_MAX);
    }

    /** The longest start that has at most so many bytes once it is clean, and parts no character. It may have NULs, or they are escaped. */
    private static Piece piece(byte[] data, int from, int end, int limit, boolean mayHaveNuls) {
        int most = Math.min(end, from + limit);
        int valid = Utf8.validUpTo(data, from, most);
        boolean isClean = valid == most || most < end && Utf8.isCutAt(data, valid, most);
        if (isClean && (mayHaveNuls || !hasNul(data, from, valid))) {
            return new Piece(new String(data, from, valid - from, UTF_8), valid - from, false);
        }
        int to = from + escapedSize(data, from, most, limit);
        if (Utf8.validUpTo(data, from, to) == to && (mayHaveNuls || !hasNul(data, from, to))) {
            return new Piece(new String(data, from, to - from, UTF_8), to - from, false);
        }
        return new Piece(escape(data, from, to), to - from, true);
    }

    private static boolean hasNul(byte[] data, int from, int end) {
        for (int at = from; at < end; at++) {
            if (data[at] == 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether the character there is to be escaped where the text is: a byte that is none, a NUL, what looks like an escape. */
    private static boolean mustEscape(byte[] data, int at, int end, int size) {
        if (size == 0 || data[at] == 0) {
            return true;
        }
        return data[at] == '\\' && at + ESCAPED <= end && data[at + 1] == 'x' && isHex(data[at + 2]) && isHex(data[at + 3]);
    }

    private static boolean isHex(byte b) {
        return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F';
    }

    /** Of the longest start that has at most so many bytes when it is escaped. */
    private static int escapedSize(byte[] data, int from, int end, int limit) {
        int at = from;
        int left = limit;
        while (at < end) {
            int size = Utf8.sizeAt(data, at, end);
            left -= mustEscape(data, at, end, size) ? ESCAPED : size;
            if (left < 0) {
                break;
            }
            at += Math.max(size, 1);
        }
        return at - from;
    }

    private static String escape(byte[] data, int from, int end) {
        StringBuilder out = new StringBuilder();
        for (int at = from; at < end;) {
            int size = Utf8.sizeAt(data, at, end);
            if (mustEscape(data, at, end, size)) {
                Utf8.appendEscape(out, data[at]);
            } else {
                out.append(new String(data, at, size, UTF_8));
            }
            at += Math.max(size, 1);
        }
        return out.toString();
    }
}
