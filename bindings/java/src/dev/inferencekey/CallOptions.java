package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How long to wait and how often to try: of a client, of one endpoint, or of some requests.
 *
 * @param <O> the kind of options, which every method returns
 */
public abstract sealed class CallOptions<O extends CallOptions<O>>
        permits ManagementOptions, DataOptions, EndpointOptions, RequestOptions {
    private final Map<String, Object> given = new LinkedHashMap<>();

    /** Nothing is set. */
    CallOptions() {}

    abstract O self();

    /**
     * How often a request that failed in passing is tried again; 2 unless set.
     *
     * @param count 0 for never
     * @return these options
     */
    public O maxRetries(int count) {
        given.put("max_retries", count);
        return self();
    }

    /**
     * How long connecting may take; 5 s unless set.
     *
     * @param time in whole milliseconds
     * @return these options
     */
    public O connectTimeout(Duration time) {
        return milliseconds("connect_timeout_ms", time);
    }

    /**
     * How long a request that is no stream may take; 600 s unless set.
     *
     * @param time in whole milliseconds
     * @return these options
     */
    public O requestTimeout(Duration time) {
        return milliseconds("request_timeout_ms", time);
    }

    /**
     * How long a stream may be silent; 120 s unless set.
     *
     * @param time in whole milliseconds
     * @return these options
     */
    public O streamIdleTimeout(Duration time) {
        return milliseconds("stream_idle_timeout_ms", time);
    }

    private O milliseconds(String name, Duration time) {
        given.put(name, milliseconds(time));
        return self();
    }

    /** Whole ones; the most there are for a time that is longer. */
    static long milliseconds(Duration time) {
        try {
            return Math.max(0, time.toMillis());
        } catch (ArithmeticException tooLong) {
            return time.isNegative() ? 0 : Long.MAX_VALUE;
        }
    }

    /** As the library takes them. */
    Map<String, Object> wire() {
        return Json.of(given.isEmpty() ? new Object[0] : new Object[] {"options", new LinkedHashMap<>(given)});
    }
}
