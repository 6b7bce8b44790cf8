package io.cronobs.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Texts are cut and escaped as every SDK does it: sdk/conformance/texts.json. */
class TextTest {
    /** What a program may say: a text in every form that it can have in Java. */
    private static List<Object> given(String of) {
        byte[] data = expected(of);
        if (of.startsWith("u:")) {
            StringBuilder units = new StringBuilder();
            for (int at = 0; at < data.length; at += 2) {
                units.append((char) ((data[at] & 0xff) << 8 | data[at + 1] & 0xff));
            }
            return List.of(units.toString());
        }
        String text = new String(data, UTF_8);
        return text.indexOf('\ufffd') < 0 || of.startsWith("t:") ? List.of(data, text) : List.of(data);
    }

    private static byte[] expected(String of) {
        String words = of.substring(2);
        return of.startsWith("t:") ? words.getBytes(UTF_8) : words.isEmpty() ? new byte[0] : Cases.bytes(words);
    }

    private static Stream<DynamicTest> each(String family, TestOf test) throws IOException {
        return Cases.load("texts.json", family).stream().map(of -> DynamicTest.dynamicTest((String) of.get("name"), () -> {
            for (Object said : given((String) of.get("of"))) {
                test.run(said, of);
            }
        }));
    }

    private interface TestOf {
        void run(Object said, Map<?, ?> of) throws Exception;
    }

    @TestFactory
    Stream<DynamicTest> lines() throws IOException {
        return each("lines", (said, of) -> {
            List<Line> found = said instanceof byte[] bytes ? Text.lines(bytes) : Text.lines((String) said);
            List<List<String>> shown = new ArrayList<>();
            for (Line line : found) {
                String marks = (line.unfinished() ? "unfinished " : "") + (line.escaped() ? "escaped " : "");
                shown.add(List.of(line.message(), marks));
                assertEquals(line.message().getBytes(UTF_8).length, line.size());
            }
            List<List<String>> wanted = ((List<?>) of.get("is")).stream().map(each -> {
                List<?> line = (List<?>) each;
                String marks = line.size() > 1 ? line.get(1) + " " : "";
                return List.of(new String(expected((String) line.get(0)), UTF_8), marks);
            }).toList();
            assertEquals(wanted, shown);
        });
    }

    @TestFactory
    Stream<DynamicTest> messages() throws IOException {
        return each("messages", (said, of) -> {
            String found = said instanceof byte[] bytes ? Text.cut(bytes, Text.MESSAGE_MAX) : Text.cut((String) said, Text.MESSAGE_MAX);
            assertEquals(new String(expected((String) of.get("is")), UTF_8), found);
        });
    }

    @TestFactory
    Stream<DynamicTest> results() throws IOException {
        return each("results", (said, of) -> {
            Text.Result found = Text.resultOf(said);
            assertArrayEquals(of.get("is") == null ? null : expected((String) of.get("is")), found.bytes());
            assertEquals(of.get("message"), found.message());
        });
    }

    @Test
    void aResultIsBytesTextOrJson() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("rows", List.of(1, "é\n\"\\"));
        value.put("none", null);
        assertEquals("{\"rows\":[1,\"é\\u000a\\\"\\\\\"],\"none\":null}", new String(Text.resultOf(value).bytes(), UTF_8));
        assertEquals("0", new String(Text.resultOf(0).bytes(), UTF_8));
        assertEquals("false", new String(Text.resultOf(false).bytes(), UTF_8));
        assertNull(Text.resultOf(null).bytes());
    }

    @Test
    void whatIsNoJsonIsLeftOutAndThatIsSaid() {
        assertEquals("the result is left out: cannot be JSON: a java.lang.Object", Text.resultOf(List.of(new Object())).message());
        assertEquals("the result is left out: cannot be JSON: NaN", Text.resultOf(Double.NaN).message());
        List<Object> itself = new ArrayList<>();
        itself.add(itself);
        assertEquals("the result is left out: cannot be JSON: more than 500 levels", Text.resultOf(itself).message());
    }
}
