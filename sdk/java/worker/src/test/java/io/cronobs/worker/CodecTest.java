package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The codec reads and writes what fastavro has written: sdk/conformance/frames.json. */
class CodecTest {
    private interface Reader {
        Object read(byte[] frame) throws Malformed;
    }

    private static final Map<String, Reader> READERS = Map.of("ExecutionCreated", Codec::decodeCreated, "ExecutionSignal", Codec::decodeSignal,
        "ExecutionStatus", Codec::decodeStatus, "Heartbeat", Codec::decodeHeartbeat, "LogBatch", Codec::decodeLogBatch);

    private static final HexFormat HEX = HexFormat.of();

    private static Object read(Map<?, ?> of, byte[] frame) throws Malformed {
        return READERS.get(of.get("record")).read(frame);
    }

    private static byte[] frame(Map<?, ?> of) {
        byte[] frame = HEX.parseHex((String) of.get("frame"));
        Number length = (Number) of.get("zeros_up_to");
        return length == null ? frame : Arrays.copyOf(frame, length.intValue());
    }

    private static Stream<DynamicTest> each(String family, TestOf test) throws IOException {
        return Cases.load("frames.json", family).stream()
            .map(of -> DynamicTest.dynamicTest(String.valueOf(of.get(of.containsKey("name") ? "name" : "record")), () -> test.run(of)));
    }

    private interface TestOf {
        void run(Map<?, ?> of) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> readsAFrame() throws IOException {
        return each("frames", of -> assertEquals(of.get("value"), json(read(of, frame(of)))));
    }

    @TestFactory
    Stream<DynamicTest> writesTheSameBytes() throws IOException {
        return each("frames", of -> {
            if (Boolean.TRUE.equals(of.get("writes"))) {
                assertArrayEquals(frame(of), write(read(of, frame(of))));
            }
        });
    }

    private static byte[] write(Object value) {
        if (value instanceof Status status) {
            return Codec.encode(status);
        }
        if (value instanceof Heartbeat beat) {
            return Codec.encode(beat);
        }
        if (value instanceof LogBatch batch) {
            return Codec.encode(batch);
        }
        return value instanceof Signal signal ? Codec.encode(signal) : Codec.encode((Execution) value);
    }

    @TestFactory
    Stream<DynamicTest> refusesWhatIsNoRecord() throws IOException {
        return each("refused", of -> assertThrows(Malformed.class, () -> read(of, frame(of))));
    }

    @TestFactory
    Stream<DynamicTest> refusesAFrameThatIsCutAnywhere() throws IOException {
        return each("refused_when_cut", of -> {
            byte[] frame = frame(of);
            read(of, frame);
            for (int length = 0; length < frame.length; length++) {
                byte[] start = Arrays.copyOf(frame, length);
                assertThrows(Malformed.class, () -> read(of, start));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> anExecutionBeyondALimitIsPassedOver() throws IOException {
        return each("at_limits", of -> {
            if (of.get("fault") == null) {
                Check.check((Execution) read(of, frame(of)), 12);
            } else {
                assertThrows(Malformed.class, () -> Check.check((Execution) read(of, frame(of)), 12));
            }
        });
    }

    @Test
    void noValueIsMalformed() {
        assertThrows(Malformed.class, () -> Codec.decodeCreated(null));
    }

    @Test
    void whatIsNotGivenHasItsDefault() throws Malformed {
        LogBatch batch = new LogBatch();
        batch.executionId = batch.taskId = batch.writer = "01a20dc8-e780-84a3-82a6-2e6896ff6f9e";
        LogBatch found = Codec.decodeLogBatch(Codec.encode(batch));
        assertEquals(List.of(), found.lines);
        assertEquals(List.of(), found.marks);
    }

    @Test
    void aValueThatIsNoneIsNamed() {
        Status status = new Status();
        status.eventId = status.executionId = status.taskId = "01a20dc8-e780-84a3-82a6-2e6896ff6f9e";
        assertSays("ExecutionStatus.status is not given", status);
        status.status = "DANCING";
        assertSays("ExecutionStatus.status cannot be 'DANCING': there are [PENDING,", status);
        status.status = "FAILED";
        status.worker = new Author("w", null);
        assertSays("Worker.incarnation is not given", status);
    }

    private static void assertSays(String start, Status status) {
        String message = assertThrows(IllegalArgumentException.class, () -> Codec.encode(status)).getMessage();
        assertTrue(message.startsWith(start), message);
    }

    // --- a value as it stands in a case ---

    private static Object json(Object value) throws IllegalAccessException {
        if (value instanceof byte[] bytes) {
            return Map.of("$bytes", HEX.formatHex(bytes));
        }
        if (value instanceof Number number && !(value instanceof Double)) {
            long whole = number.longValue();
            return whole > 1L << 53 || whole < -(1L << 53) ? Map.of("$long", number.toString()) : (Object) whole;
        }
        if (value instanceof List<?> items) {
            Object[] found = new Object[items.size()];
            for (int i = 0; i < found.length; i++) {
                found[i] = json(items.get(i));
            }
            return Arrays.asList(found);
        }
        return value == null || value instanceof Map || value.getClass().getName().startsWith("java.") ? value : members(value);
    }

    private static Map<String, Object> members(Object value) throws IllegalAccessException {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Field field : value.getClass().getDeclaredFields()) {
            if (!field.getName().equals("traceparent")) { // of the message's header
                field.setAccessible(true);
                found.put(field.getName().replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT), json(field.get(value)));
            }
        }
        return found;
    }
}
