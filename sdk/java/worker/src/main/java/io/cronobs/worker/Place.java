package io.cronobs.worker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A place in a schema: how its value is read and written. */
interface Place {
    Object read(FrameReader in) throws Malformed;

    void write(FrameWriter out, Object value);

    /** The value that a default of the schema means. */
    default Object constant(Object json) {
        return json;
    }

    enum Plain implements Place {
        BOOLEAN {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readBoolean();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeByte((Boolean) value ? 1 : 0);
            }
        },
        INT {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readInt();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeLong((Integer) value);
            }

            @Override
            public Object constant(Object json) {
                return ((Number) json).intValue();
            }
        },
        LONG {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readLong();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeLong((Long) value);
            }
        },
        DOUBLE {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readDouble();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeDouble((Double) value);
            }
        },
        BYTES {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readBytes();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeBytes((byte[]) value);
            }
        },
        STRING {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readText();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeText((String) value);
            }
        },
        ID {
            @Override
            public Object read(FrameReader in) throws Malformed {
                return in.readId();
            }

            @Override
            public void write(FrameWriter out, Object value) {
                out.writeText((String) value);
            }
        }
    }

    /** A union with null. */
    record Optional(Place of) implements Place {
        @Override
        public Object read(FrameReader in) throws Malformed {
            int branch = in.readByte();
            if (branch != 0 && branch != 2) {
                throw new Malformed("a union has no branch " + branch);
            }
            return branch == 0 ? null : of.read(in);
        }

        @Override
        public void write(FrameWriter out, Object value) {
            out.writeByte(value == null ? 0 : 2);
            if (value != null) {
                of.write(out, value);
            }
        }
    }

    /** fallback: what an unknown symbol of a newer program is; null: there can be none. */
    record OfEnum(List<String> symbols, String fallback) implements Place {
        @Override
        public Object read(FrameReader in) throws Malformed {
            int number = in.readInt();
            if (number >= 0 && number < symbols.size()) {
                return symbols.get(number);
            }
            if (number < 0 || fallback == null) {
                throw new Malformed("there is no symbol " + number + ": there are " + symbols);
            }
            return fallback;
        }

        @Override
        public void write(FrameWriter out, Object value) {
            int number = symbols.indexOf((String) value);
            if (number < 0) {
                throw new UnknownSymbol(symbols);
            }
            out.writeLong(number);
        }
    }

    record OfArray(Place items) implements Place {
        @Override
        public Object read(FrameReader in) throws Malformed {
            List<Object> found = new ArrayList<>();
            for (long count = in.readCount(); count > 0; count = in.readCount()) {
                for (; count > 0; count--) {
                    found.add(items.read(in));
                }
            }
            return found;
        }

        @Override
        public void write(FrameWriter out, Object value) {
            List<?> given = (List<?>) value;
            if (!given.isEmpty()) {
                out.writeLong(given.size());
                given.forEach(item -> items.write(out, item));
            }
            out.writeByte(0);
        }
    }

    record OfMap(Place values) implements Place {
        @Override
        public Object read(FrameReader in) throws Malformed {
            Map<String, Object> found = new LinkedHashMap<>();
            for (long count = in.readCount(); count > 0; count = in.readCount()) {
                for (; count > 0; count--) {
                    String name = in.readText();
                    if (found.putIfAbsent(name, values.read(in)) != null) {
                        throw new Malformed("'" + name.substring(0, Math.min(name.length(), 60)) + "' is there twice");
                    }
                }
            }
            return found;
        }

        @Override
        public void write(FrameWriter out, Object value) {
            Map<?, ?> given = (Map<?, ?>) value;
            if (!given.isEmpty()) {
                out.writeLong(given.size());
                given.forEach((name, item) -> {
                    out.writeText((String) name);
                    values.write(out, item);
                });
            }
            out.writeByte(0);
        }
    }

    /** Of one version. defaults: of all fields of the newest one; null where there is none. */
    record OfRecord(String name, List<String> names, Place[] fields, Object[] defaults, Shape shape) implements Place {
        @Override
        public Object read(FrameReader in) throws Malformed {
            Object[] values = defaults.clone();
            for (int i = 0; i < fields.length; i++) {
                values[i] = fields[i].read(in);
            }
            return shape.make(values);
        }

        @Override
        public void write(FrameWriter out, Object value) {
            for (int i = 0; i < fields.length; i++) {
                Object given = shape.get(value, i);
                Object item = given == null ? defaults[i] : given;
                if (item == null && !(fields[i] instanceof Optional)) {
                    throw new IllegalArgumentException(name + "." + names.get(i) + " is not given");
                }
                try {
                    fields[i].write(out, item);
                } catch (UnknownSymbol e) {
                    throw new IllegalArgumentException(name + "." + names.get(i) + " cannot be '" + item + "': " + e.getMessage(), e);
                }
            }
        }
    }

    /** Of an enumeration. */
    final class UnknownSymbol extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnknownSymbol(List<String> symbols) {
            super("there are " + symbols);
        }
    }
}
