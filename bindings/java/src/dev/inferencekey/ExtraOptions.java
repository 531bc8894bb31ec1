package dev.inferencekey;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Fields of a request that have no method here, passed through untouched.
 *
 * @param <O> the kind of options, which every method returns
 */
public abstract sealed class ExtraOptions<O extends ExtraOptions<O>>
        permits TextOptions, EmbedOptions, RerankOptions {
    private final Map<String, Object> extra = new LinkedHashMap<>();

    /** Nothing is set. */
    ExtraOptions() {}

    abstract O self();

    /**
     * One further field.
     *
     * @param name as the server knows it
     * @param value a map, iterable, array, text, number, boolean or null
     * @return these options
     */
    public O extra(String name, Object value) {
        extra.put(name, value);
        return self();
    }

    /**
     * Further fields.
     *
     * @param fields by the names that the server knows
     * @return these options
     */
    public O extra(Map<String, ?> fields) {
        extra.putAll(fields);
        return self();
    }

    /** The arguments of the operation. */
    Map<String, Object> wire() {
        Map<String, Object> made = new LinkedHashMap<>();
        if (!extra.isEmpty()) {
            made.put("extra", extra);
        }
        return made;
    }
}
