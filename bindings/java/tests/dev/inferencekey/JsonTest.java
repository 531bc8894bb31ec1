package dev.inferencekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.inferencekey.internal.Json;
import dev.inferencekey.internal.JsonException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Object parsed(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String written(Object value) {
        return new String(Json.write(value), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "null", "true", "[]", "{}", "0", "-0", "-12", "1.50", "1e5", "1E-7", "9223372036854775807",
        "9223372036854775808",
        "\"ñ 你好 👋 \u2028\"", "[1,[2,{\"a\":[null,false]}],\"x\"]", "{\"a\":1,\"b\":{\"c\":\"\\\"\\\\\"}}"
    })
    void whatIsReadIsWrittenTheSame(String text) {
        assertEquals(text, written(parsed(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", " ", "{", "[1,]", "[1 2]", "{\"a\"}", "{a:1}", "{\"a\":1,}", "01", "1.", ".5", "-", "1e", "+1", "nul",
        "truex",
        "\"", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "1 2", "<html>", "NaN", "[1", "'a'"
    })
    void whatIsNoJsonIsRefused(String text) {
        JsonException error = assertThrows(JsonException.class, () -> parsed(text));
        assertTrue(error.getMessage().contains(" at byte "), error.getMessage());
    }

    @Test
    void nestingHasALimit() {
        assertThrows(JsonException.class, () -> parsed("[".repeat(100_000)));
        assertEquals("[".repeat(500) + "]".repeat(500), written(parsed("[".repeat(500) + "]".repeat(500))));
    }

    @Test
    void escapesAndSpaces() {
        assertEquals("a/\b\f\n\r\té👋", parsed(" \"a\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\udc4b\" \n"));
        assertEquals("\"\\u0000\\u001f\\u000a\"", written("\0\u001f\n"));
    }

    @Test
    void numbersCompareByValue() {
        assertEquals(parsed("1.50"), parsed("1.5"));
        assertEquals(parsed("[1e1]").hashCode(), parsed("[10.0]").hashCode());
        assertEquals(7L, parsed("7"));
        assertEquals(1e5, ((Number) parsed("1e5")).doubleValue());
        assertEquals(100000, ((Number) parsed("1e5")).intValue());
    }

    @Test
    void everyKindOfValueIsWritten() {
        assertEquals(
                "[1,2,3,4,0.1,0.2,10,1.5,5,\"x\",\"vllm\",[1,2],[true]]",
                written(Arrays.asList(
                        1, 2L, (short) 3, (byte) 4, 0.1f, 0.2, BigInteger.TEN, new BigDecimal("1.5"), new AtomicLong(5),
                        'x', Backend.VLLM, new int[] {1, 2}, List.of(true).toArray())));
    }
}
