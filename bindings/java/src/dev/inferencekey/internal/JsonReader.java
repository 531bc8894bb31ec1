package dev.inferencekey.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one JSON text (RFC 8259, UTF-8). */
final class JsonReader {
    /** How deep values may be nested. */
    static final int MAX_DEPTH = 512;

    private final byte[] text;
    private int place;

    JsonReader(byte[] text) {
        this.text = text;
    }

    Object read() {
        Object value = value(0);
        skipSpace();
        if (place < text.length) {
            throw failure("something follows the value");
        }
        return value;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw failure("nested deeper than " + MAX_DEPTH);
        }
        skipSpace();
        int first = peek();
        return switch (first) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number(first);
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        place++;
        skipSpace();
        if (peek() == '}') {
            place++;
            return Collections.unmodifiableMap(members);
        }
        while (true) {
            skipSpace();
            if (peek() != '"') {
                throw failure("a name was expected");
            }
            String name = string();
            skipSpace();
            expect(':');
            members.put(name, value(depth + 1));
            skipSpace();
            if (peek() == ',') {
                place++;
                continue;
            }
            expect('}');
            return Collections.unmodifiableMap(members);
        }
    }

    private List<Object> list(int depth) {
        List<Object> values = new ArrayList<>();
        place++;
        skipSpace();
        if (peek() == ']') {
            place++;
            return Collections.unmodifiableList(values);
        }
        while (true) {
            values.add(value(depth + 1));
            skipSpace();
            if (peek() == ',') {
                place++;
                continue;
            }
            expect(']');
            return Collections.unmodifiableList(values);
        }
    }

    private String string() {
        int start = ++place;
        boolean isAscii = true;
        while (place < text.length) {
            byte next = text[place];
            if (next == '"') {
                int end = place++;
                return new String(
                        text,
                        start,
                        end - start,
                        isAscii ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
            }
            if (next == '\\') {
                return stringWithEscapes(start);
            }
            if (next >= 0 && next < ' ') {
                throw failure("a control character in a string");
            }
            isAscii &= next >= 0;
            place++;
        }
        throw failure("a string has no end");
    }

    private String stringWithEscapes(int start) {
        StringBuilder made = new StringBuilder(text.length - start < 256 ? text.length - start : 256);
        int from = start;
        while (place < text.length) {
            byte next = text[place];
            if (next == '"') {
                made.append(new String(text, from, place++ - from, StandardCharsets.UTF_8));
                return made.toString();
            }
            if (next == '\\') {
                made.append(new String(text, from, place - from, StandardCharsets.UTF_8));
                place++;
                made.append(escape());
                from = place;
            } else if (next >= 0 && next < ' ') {
                throw failure("a control character in a string");
            } else {
                place++;
            }
        }
        throw failure("a string has no end");
    }

    private char escape() {
        int kind = peek();
        place++;
        return switch (kind) {
            case '"', '\\', '/' -> (char) kind;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> hexadecimal();
            default -> throw failure("an unknown escape");
        };
    }

    private char hexadecimal() {
        int made = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(peek(), 16);
            if (digit < 0) {
                throw failure("four hexadecimal digits were expected");
            }
            made = made << 4 | digit;
            place++;
        }
        return (char) made;
    }

    private Object word(String word, Object value) {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
        return value;
    }

    private Number number(int first) {
        int start = place;
        if (first == '-') {
            place++;
        }
        if (peek() == '0') {
            place++;
        } else {
            digits();
        }
        boolean isWhole = true;
        if (peek() == '.') {
            isWhole = false;
            place++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            isWhole = false;
            place++;
            if (peek() == '+' || peek() == '-') {
                place++;
            }
            digits();
        }
        String written = new String(text, start, place - start, StandardCharsets.ISO_8859_1);
        // 18 digits always fit; "-0" would lose its sign.
        if (isWhole && written.length() <= 18 && !written.equals("-0")) {
            return Long.valueOf(written);
        }
        return isWhole ? large(written) : new JsonNumber(written);
    }

    private static Number large(String written) {
        try {
            return written.equals("-0") ? new JsonNumber(written) : Long.valueOf(written);
        } catch (NumberFormatException tooLarge) {
            return new JsonNumber(written);
        }
    }

    private void digits() {
        int start = place;
        while (peek() >= '0' && peek() <= '9') {
            place++;
        }
        if (place == start) {
            throw failure(start < text.length ? "a value was expected" : "the text ends too early");
        }
    }

    private void skipSpace() {
        while (place < text.length
                && (text[place] == ' ' || text[place] == '\n' || text[place] == '\r' || text[place] == '\t')) {
            place++;
        }
    }

    /** The next byte; -1 at the end. */
    private int peek() {
        return place < text.length ? text[place] & 0xff : -1;
    }

    private void expect(char wanted) {
        if (peek() != wanted) {
            throw failure("'" + wanted + "' was expected");
        }
        place++;
    }

    private JsonException failure(String reason) {
        return new JsonException(reason, place);
    }
}
