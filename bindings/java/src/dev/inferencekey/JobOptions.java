package dev.inferencekey;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** How a job is submitted. */
public final class JobOptions {
    private final Map<String, Object> given = new LinkedHashMap<>();

    /** Nothing is set. */
    JobOptions() {}

    /**
     * What comes back with the result, as it is.
     *
     * @param value a map, iterable, array, text, number or boolean
     * @return these options
     */
    public JobOptions context(Object value) {
        given.put("context", value);
        return this;
    }

    /**
     * Lets the submission be sent again where it may have begun: the job is made once.
     *
     * @param key unique to this job
     * @return these options
     */
    public JobOptions idempotencyKey(String key) {
        given.put("idempotency_key", key);
        return this;
    }

    /**
     * What a body of bytes is; required with one.
     *
     * @param type such as {@code audio/wav}
     * @return these options
     */
    public JobOptions contentType(String type) {
        given.put("content_type", type);
        return this;
    }

    Map<String, Object> wire(String kind, Object body) {
        Map<String, Object> made = new LinkedHashMap<>();
        made.put("kind", kind);
        if (body instanceof byte[] bytes) {
            made.put("base64", Base64.getEncoder().encodeToString(bytes));
        } else {
            made.put("body", body);
        }
        made.putAll(given);
        return made;
    }
}
