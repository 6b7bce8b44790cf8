package io.cronobs.worker;

import java.util.Arrays;

/** Puts values one behind the other into a frame. */
final class FrameWriter {
    private byte[] frame = new byte[256];
    private int size;

    FrameWriter(int schemaId) {
        for (int shift = 32; shift >= 0; shift -= 8) {
            writeByte((int) ((long) schemaId >>> shift));
        }
    }

    byte[] bytes() {
        return Arrays.copyOf(frame, size);
    }

    void writeByte(int b) {
        reserve(1);
        frame[size++] = (byte) b;
    }

    void writeLong(long number) {
        long left = number << 1 ^ number >> 63;
        while ((left & ~0x7fL) != 0) {
            writeByte((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        writeByte((int) left);
    }

    void writeDouble(double number) {
        long bits = Double.doubleToRawLongBits(number);
        for (int shift = 0; shift < 64; shift += 8) {
            writeByte((int) (bits >>> shift));
        }
    }

    void writeBytes(byte[] data) {
        writeLong(data.length);
        reserve(data.length);
        System.arraycopy(data, 0, frame, size, data.length);
        size += data.length;
    }

    void writeText(String text) {
        writeBytes(Utf8.bytes(text));
    }

    private void reserve(int more) {
        if (size + more > frame.length) {
            frame = Arrays.copyOf(frame, Math.max(size + more, frame.length * 2));
        }
    }
}
