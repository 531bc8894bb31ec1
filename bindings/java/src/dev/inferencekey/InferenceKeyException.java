package dev.inferencekey;

import java.time.Duration;
import java.util.Map;

/**
 * What every error of the clients is. {@link #getMessage()} says what happened and what to do; it never holds a secret.
 */
public class InferenceKeyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What the platform said about it. */
    private final ErrorDetails details;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public InferenceKeyException(String message, ErrorDetails details) {
        super(message);
        this.details = details;
    }

    /** {@return the HTTP status of the answer; 0 where there was none} */
    public int status() {
        return details.status();
    }

    /** {@return the platform's code, such as {@code workload_not_ready}; null where there is none} */
    public String code() {
        return details.code();
    }

    /** {@return the id of the request in the platform's logs; null where there is none} */
    public String requestId() {
        return details.requestId();
    }

    /** {@return after what time the server says that a retry may succeed; null where it does not} */
    public Duration retryAfter() {
        return details.retryAfter();
    }

    /** {@return what is wrong, by field; empty where nothing is} */
    public Map<String, String> fields() {
        return details.fields();
    }
}
