package dev.inferencekey;

import java.io.Serializable;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the platform said about an error. */
public final class ErrorDetails implements Serializable {
    private static final long serialVersionUID = 1;

    /** Nothing: the error was found before any request. */
    public static final ErrorDetails NONE = new ErrorDetails(0, null, null, null, Map.of());

    /** The HTTP status, or 0. */
    private final int status;
    /** The platform's code, or null. */
    private final String code;
    /** The request's id, or null. */
    private final String requestId;
    /** When a retry may succeed, or null. */
    private final Duration retryAfter;
    /** Reasons by field. */
    private final LinkedHashMap<String, String> fields;

    /**
     * Holds them.
     *
     * @param status the HTTP status; 0 where there was no answer
     * @param code the platform's code, or null
     * @param requestId the id of the request, or null
     * @param retryAfter after what time a retry may succeed, or null
     * @param fields what is wrong, by field
     */
    public ErrorDetails(int status, String code, String requestId, Duration retryAfter, Map<String, String> fields) {
        this.status = status;
        this.code = code;
        this.requestId = requestId;
        this.retryAfter = retryAfter;
        this.fields = new LinkedHashMap<>(fields);
    }

    /** {@return the HTTP status; 0 where there was no answer} */
    public int status() {
        return status;
    }

    /** {@return the platform's code, or null} */
    public String code() {
        return code;
    }

    /** {@return the id of the request, or null} */
    public String requestId() {
        return requestId;
    }

    /** {@return after what time a retry may succeed, or null} */
    public Duration retryAfter() {
        return retryAfter;
    }

    /** {@return what is wrong, by field} */
    public Map<String, String> fields() {
        return Collections.unmodifiableMap(fields);
    }
}
