package io.cronobs.worker;

import java.util.Arrays;
import java.util.Locale;

/** Takes values off a frame, from its front. A count or a length is believed only as far as there are bytes. */
final class FrameReader {
    private final byte[] frame;
    private int at = 1; // behind the magic byte

    FrameReader(byte[] frame) {
        this.frame = frame;
    }

    int left() {
        return frame.length - at;
    }

    /** Four bytes, without a sign. */
    long schemaId() {
        long id = 0;
        while (at < Codec.HEADER) {
            id = id << 8 | frame[at++] & 0xff;
        }
        return id;
    }

    int readByte() throws Malformed {
        if (at >= frame.length) {
            throw new Malformed("cut off");
        }
        return frame[at++] & 0xff;
    }

    long readLong() throws Malformed {
        long number = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int b = readByte();
            if (shift == 63 && (b & 0x7e) != 0) {
                throw new Malformed("a number has more than 64 bits");
            }
            number |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return number >>> 1 ^ -(number & 1);
            }
        }
        throw new Malformed("a number has more than 10 bytes");
    }

    int readInt() throws Malformed {
        long number = readLong();
        if (number != (int) number) {
            throw new Malformed(number + " is no int");
        }
        return (int) number;
    }

    boolean readBoolean() throws Malformed {
        int b = readByte();
        if (b > 1) {
            throw new Malformed(b + " is no boolean");
        }
        return b == 1;
    }

    double readDouble() throws Malformed {
        long bits = 0;
        for (int shift = 0; shift < 64; shift += 8) {
            bits |= (long) readByte() << shift;
        }
        return Double.longBitsToDouble(bits);
    }

    byte[] readBytes() throws Malformed {
        int size = readSize();
        at += size;
        return Arrays.copyOfRange(frame, at - size, at);
    }

    String readText() throws Malformed {
        int size = readSize();
        at += size;
        return Utf8.text(frame, at - size, at);
    }

    private int readSize() throws Malformed {
        long size = readLong();
        if (size < 0 || size > left()) {
            throw new Malformed("a text or bytes of length " + size + ", with " + left() + " bytes left");
        }
        return (int) size;
    }

    /** Of the items in a block; where it is negative, the block's size in bytes stands behind it. */
    long readCount() throws Malformed {
        long count = readLong();
        if (count >= 0) {
            return count;
        }
        readLong();
        if (count == Long.MIN_VALUE) {
            throw new Malformed("a count of items that is none");
        }
        return -count;
    }

    /** A UUID, in lower case. */
    String readId() throws Malformed {
        String text = readText();
        if (!isId(text)) {
            throw new Malformed("'" + text.substring(0, Math.min(text.length(), 60)) + "' is not a UUID");
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static boolean isId(String text) {
        if (text.length() != 36) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            char c = text.charAt(i);
            boolean isRight = i == 8 || i == 13 || i == 18 || i == 23 ? c == '-' : c < 0x80 && Character.digit(c, 16) >= 0;
            if (!isRight) {
                return false;
            }
        }
        return true;
    }
}
