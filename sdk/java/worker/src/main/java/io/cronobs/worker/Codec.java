package io.cronobs.worker;

import io.cronobs.client.Json;
import java.util.TreeMap;

/**
 * Records to bytes and back: frames (0x00, schema id in four bytes, Avro), as {@code schemas/README.md} describes them. Each schema is
 * compiled once, into a tree of its places ({@link Place}). Texts are UTF-8; where foreign bytes are not, {@code \xHH} stands for each
 * that offends.
 */
final class Codec {
    static final int FRAME_MAX = 1 << 20; // bytes; no record is longer: the log's own limit for a batch
    static final int HEADER = 5;

    /** The versions of one record by id, and the newest as newer programs are read by it. */
    private record Versions(String name, TreeMap<Integer, Place.OfRecord> byId, Place.OfRecord newer) {}

    private static final Versions CREATED = versions("ExecutionCreated", Execution.class);
    private static final Versions SIGNAL = versions("ExecutionSignal", Signal.class);
    private static final Versions STATUS = versions("ExecutionStatus", Status.class);
    private static final Versions HEARTBEAT = versions("Heartbeat", Heartbeat.class);
    private static final Versions LOG_BATCH = versions("LogBatch", LogBatch.class);

    private Codec() {}

    // Each reads the record in a frame, where only records of that kind can be. What its writer did not have yet has its default. A schema id
    // that is newer than this program is read as the newest version that it knows: bytes behind it are ignored, an unknown symbol is the
    // enumeration's default.

    static Execution decodeCreated(byte[] frame) throws Malformed {
        return (Execution) decode(CREATED, frame);
    }

    static Signal decodeSignal(byte[] frame) throws Malformed {
        return (Signal) decode(SIGNAL, frame);
    }

    static Status decodeStatus(byte[] frame) throws Malformed {
        return (Status) decode(STATUS, frame);
    }

    static Heartbeat decodeHeartbeat(byte[] frame) throws Malformed {
        return (Heartbeat) decode(HEARTBEAT, frame);
    }

    static LogBatch decodeLogBatch(byte[] frame) throws Malformed {
        return (LogBatch) decode(LOG_BATCH, frame);
    }

    // Each makes the frame of a record, in its newest version. What is null has the default of its field; where there is none, or an
    // enumeration has no such symbol, IllegalArgumentException names the field: that is a bug.

    static byte[] encode(Execution value) {
        return encode(CREATED, value);
    }

    static byte[] encode(Signal value) {
        return encode(SIGNAL, value);
    }

    static byte[] encode(Status value) {
        return encode(STATUS, value);
    }

    static byte[] encode(Heartbeat value) {
        return encode(HEARTBEAT, value);
    }

    static byte[] encode(LogBatch value) {
        return encode(LOG_BATCH, value);
    }

    private static Object decode(Versions versions, byte[] frame) throws Malformed {
        if (frame == null || frame.length < HEADER || frame[0] != 0) {
            throw new Malformed(frame == null ? "no value" : "not a frame: no magic byte 0 and schema id");
        }
        if (frame.length > FRAME_MAX) {
            throw new Malformed("the record has " + frame.length + " bytes, the limit is " + FRAME_MAX);
        }
        FrameReader in = new FrameReader(frame);
        long id = in.schemaId();
        boolean isNewer = id > Schemas.NEWEST_ID;
        Place.OfRecord place = isNewer ? versions.newer : versions.byId.get((int) id);
        if (place == null) {
            throw new Malformed("the schema id " + id + " is not of " + versions.name + " (those are " + versions.byId.keySet() + ")");
        }
        try {
            Object value = place.read(in);
            if (in.left() > 0 && !isNewer) {
                throw new Malformed(in.left() + " bytes behind its end");
            }
            return value;
        } catch (Malformed e) {
            throw new Malformed("malformed " + versions.name + ": " + e.getMessage());
        }
    }

    private static byte[] encode(Versions versions, Object value) {
        FrameWriter out = new FrameWriter(versions.byId.lastKey());
        versions.byId.lastEntry().getValue().write(out, value);
        return out.bytes();
    }

    private static Versions versions(String record, Class<?> type) {
        TreeMap<Integer, Object> schemas = new TreeMap<>();
        for (Schemas.Schema schema : Schemas.ALL) {
            if (schema.record().equals(record)) {
                schemas.put(schema.id(), Json.parse(schema.text()));
            }
        }
        Object latest = schemas.lastEntry().getValue();
        TreeMap<Integer, Place.OfRecord> byId = new TreeMap<>();
        schemas.forEach((id, schema) -> byId.put(id, SchemaCompiler.compile(type, schema, latest, false)));
        return new Versions(record, byId, SchemaCompiler.compile(type, latest, latest, true));
    }
}
