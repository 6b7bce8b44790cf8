package io.cronobs.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "[]", "{}", "[1,-2,0,9223372036854775807]", "{\"a\":{\"b\":[null,false]},\"c\":\"\"}", "\"é😀\\u0001\\\"\\\\\"", "1.5", "-1.0E-7"})
    void whatIsWrittenIsRead(String text) {
        assertEquals(text, Json.write(Json.parse(text)));
    }

    @Test
    void readsEscapesSpacesAndLargeNumbers() {
        assertEquals("a\n\t\r\b\f/\\\"A😀", Json.parse(" \"a\\n\\t\\r\\b\\f\\/\\\\\\\"\\u0041\\ud83d\\ude00\" "));
        assertEquals(1.0e20, Json.parse("100000000000000000000"));
        assertEquals(100.0, Json.parse("1e2"));
    }

    private record Row(int rowCount, String note, Row next) {}

    @Test
    void aRecordIsAnObjectWithoutWhatIsNull() {
        assertEquals("[{\"row_count\":1,\"next\":{\"row_count\":2,\"note\":\"n\"}}]", Json.write(java.util.List.of(new Row(1, null, new Row(2, "n", null)))));
    }

    @Test
    void aLoneSurrogateIsWrittenAsAReplacement() {
        assertEquals("\"a\ufffd\"", Json.write("a\ud83d"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[1,]", "{\"a\"}", "{a:1}", "nul", "01", "1.", "+1", "--1", "\"\\x\"", "\"\\u12g4\"", "\"a", "1 2", "\"\t\"", "[1}", "'a'", "NaN"})
    void refusesWhatIsNone(String text) {
        assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
    }

    @Test
    void refusesWhatIsTooDeep() {
        assertEquals("not JSON: more than 500 levels at character 502", assertThrows(IllegalArgumentException.class, () -> Json.parse("[".repeat(5000))).getMessage());
    }
}
