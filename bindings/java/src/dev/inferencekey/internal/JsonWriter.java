package dev.inferencekey.internal;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;

/** Writes values as JSON, in UTF-8. */
final class JsonWriter {
    /** How deep values may be nested; what holds itself ends here. */
    static final int MAX_DEPTH = 512;

    private static final char[] HEXADECIMAL = "0123456789abcdef".toCharArray();

    private byte[] buffer = new byte[256];
    private int length;

    byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }

    void write(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw Failures.unsendable("it is nested deeper than " + MAX_DEPTH);
        }
        if (value == null) {
            ascii("null");
        } else if (value instanceof CharSequence text) {
            string(text);
        } else if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else if (value instanceof Number number) {
            ascii(spelled(number));
        } else if (value instanceof Boolean) {
            ascii(value.toString());
        } else if (value instanceof Iterable<?> values) {
            list(values, depth);
        } else if (value.getClass().isArray()) {
            array(value, depth);
        } else if (value instanceof Enum<?> || value instanceof Character) {
            string(value.toString());
        } else {
            throw Failures.unsendable("it holds a " + value.getClass().getName());
        }
    }

    private void object(Map<?, ?> map, int depth) {
        char separator = '{';
        for (Map.Entry<?, ?> member : map.entrySet()) {
            if (!(member.getKey() instanceof CharSequence || member.getKey() instanceof Enum<?>)) {
                throw Failures.unsendable("the name of a member is no string");
            }
            put(separator);
            string(member.getKey().toString());
            put(':');
            write(member.getValue(), depth + 1);
            separator = ',';
        }
        if (separator == '{') {
            put('{');
        }
        put('}');
    }

    private void list(Iterable<?> values, int depth) {
        char separator = '[';
        for (Object value : values) {
            put(separator);
            write(value, depth + 1);
            separator = ',';
        }
        if (separator == '[') {
            put('[');
        }
        put(']');
    }

    private void array(Object values, int depth) {
        int count = Array.getLength(values);
        put('[');
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                put(',');
            }
            write(Array.get(values, i), depth + 1);
        }
        put(']');
    }

    private static String spelled(Number number) {
        if (number instanceof Double || number instanceof Float) {
            if (!Double.isFinite(number.doubleValue())) {
                throw Failures.unsendable("it holds " + number);
            }
            return number.toString();
        }
        if (number instanceof Integer
                || number instanceof Long
                || number instanceof Short
                || number instanceof Byte
                || number instanceof BigInteger
                || number instanceof BigDecimal
                || number instanceof JsonNumber
                || number.getClass().getPackageName().equals("java.util.concurrent.atomic")) {
            return number.toString();
        }
        throw Failures.unsendable("it holds a " + number.getClass().getName());
    }

    private void string(CharSequence text) {
        put('"');
        int count = text.length();
        for (int i = 0; i < count; i++) {
            char next = text.charAt(i);
            if (next < 0x80) {
                asciiOfString(next);
            } else if (next < 0x800) {
                put(0xc0 | next >> 6);
                put(0x80 | next & 0x3f);
            } else if (Character.isHighSurrogate(next)
                    && i + 1 < count
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(next, text.charAt(++i));
                put(0xf0 | point >> 18);
                put(0x80 | point >> 12 & 0x3f);
                put(0x80 | point >> 6 & 0x3f);
                put(0x80 | point & 0x3f);
            } else if (Character.isSurrogate(next)) {
                throw Failures.unsendable("a string holds half a surrogate pair");
            } else {
                put(0xe0 | next >> 12);
                put(0x80 | next >> 6 & 0x3f);
                put(0x80 | next & 0x3f);
            }
        }
        put('"');
    }

    private void asciiOfString(char next) {
        if (next == '"' || next == '\\') {
            put('\\');
            put(next);
        } else if (next >= ' ') {
            put(next);
        } else {
            ascii("\\u00");
            put(HEXADECIMAL[next >> 4]);
            put(HEXADECIMAL[next & 0xf]);
        }
    }

    private void ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            put(text.charAt(i));
        }
    }

    private void put(int next) {
        if (length == buffer.length) {
            buffer = Arrays.copyOf(buffer, length * 2);
        }
        buffer[length++] = (byte) next;
    }
}
