package dev.inferencekey.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as Java has it: {@code Map}, {@code List}, {@code String}, {@code Number}, {@code Boolean} and null. */
public final class Json {
    private Json() {}

    /** Reads one JSON text. Throws {@link JsonException} for what is none. Maps and lists cannot be changed. */
    public static Object parse(byte[] text) {
        return new JsonReader(text).read();
    }

    /** Writes a value, as UTF-8. Throws {@code ValidationException} for what JSON cannot say. */
    public static byte[] write(Object value) {
        JsonWriter writer = new JsonWriter();
        writer.write(value, 0);
        return writer.bytes();
    }

    /** The value as an object. */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    /** The member as an object, or null. */
    public static Map<String, Object> object(Map<String, Object> members, String name) {
        return object(members.get(name));
    }

    /** The member as a list; an empty one where there is none. */
    @SuppressWarnings("unchecked")
    public static List<Object> list(Map<String, Object> members, String name) {
        Object value = members.get(name);
        return value == null ? List.of() : (List<Object>) value;
    }

    /** The member as text, or null. */
    public static String text(Map<String, Object> members, String name) {
        return (String) members.get(name);
    }

    /** The member as a whole number; 0 where there is none. */
    public static long number(Map<String, Object> members, String name) {
        Object value = members.get(name);
        return value == null ? 0 : ((Number) value).longValue();
    }

    /** A number of an answer. Throws {@code ApiException} for what is none. */
    public static double real(Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw Failures.notANumber();
    }

    /** The member as a whole number, or null. */
    public static Long optionalNumber(Map<String, Object> members, String name) {
        Object value = members.get(name);
        return value == null ? null : ((Number) value).longValue();
    }

    /** An object of these names and values, in this order; null values are left out. */
    public static Map<String, Object> of(Object... pairs) {
        Map<String, Object> made = new LinkedHashMap<>(pairs.length);
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i + 1] != null) {
                made.put((String) pairs[i], pairs[i + 1]);
            }
        }
        return made;
    }
}
