package io.cronobs.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.HexFormat;

/** Bytes and characters. Pure. */
final class Utf8 {
    private static final char REPLACEMENT = '\ufffd';

    private Utf8() {}

    /** Of a text; U+FFFD stands for each lone surrogate. */
    static byte[] bytes(String text) {
        return wellFormed(text).getBytes(UTF_8);
    }

    /** The text with U+FFFD for each lone surrogate. */
    static String wellFormed(String text) {
        if (isWellFormed(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(isSurrogate(c) ? REPLACEMENT : c));
        return out.toString();
    }

    static boolean isWellFormed(String text) {
        for (int at = 0; at < text.length(); at++) {
            if (Character.isSurrogate(text.charAt(at))) {
                return text.codePoints().noneMatch(Utf8::isSurrogate);
            }
        }
        return true;
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** Bytes that the text takes. */
    static int length(String text) {
        int length = text.length();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            length += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2; // a pair takes four
        }
        return length;
    }

    /** Of the character at a place; 0: there is none, or it is cut off by the end. */
    static int sizeAt(byte[] data, int at, int end) {
        int first = data[at] & 0xff;
        int size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (size <= 1 || at + size > end) {
            return size <= 1 ? size : 0;
        }
        for (int i = 1; i < size; i++) {
            if (!canFollow(first, i, data[at + i] & 0xff)) {
                return 0;
            }
        }
        return size;
    }

    /** Whether what is left of the end may be the beginning of a character. */
    static boolean isCutAt(byte[] data, int at, int end) {
        int first = data[at] & 0xff;
        if (first < 0xc2 || first >= 0xf5 || end - at >= (first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4)) {
            return false;
        }
        for (int i = 1; at + i < end; i++) {
            if (!canFollow(first, i, data[at + i] & 0xff)) {
                return false;
            }
        }
        return true;
    }

    /** The second byte keeps out what is too long, surrogates, and what is beyond U+10FFFF. */
    private static boolean canFollow(int first, int index, int next) {
        int low = index > 1 ? 0x80 : first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int high = index > 1 ? 0xbf : first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return next >= low && next <= high;
    }

    /** Bytes up to the first that is no UTF-8. */
    static int validUpTo(byte[] data, int from, int end) {
        int at = from;
        while (at < end) {
            int size = data[at] >= 0 ? 1 : sizeAt(data, at, end);
            if (size == 0) {
                break;
            }
            at += size;
        }
        return at;
    }

    /** As text; {@code \xHH} for each byte that is none. */
    static String text(byte[] data, int from, int end) {
        String text = new String(data, from, end - from, UTF_8);
        if (text.indexOf(REPLACEMENT) < 0 || validUpTo(data, from, end) == end) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        for (int at = from; at < end;) {
            int valid = validUpTo(data, at, end);
            out.append(new String(data, at, valid - at, UTF_8));
            if (valid < end) {
                appendEscape(out, data[valid]);
                valid++;
            }
            at = valid;
        }
        return out.toString();
    }

    static void appendEscape(StringBuilder out, byte b) {
        out.append("\\x").append(HexFormat.of().toHexDigits(b));
    }
}
