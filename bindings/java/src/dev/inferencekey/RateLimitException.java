package dev.inferencekey;

/** 429; {@link #retryAfter()} says when to come back. */
public class RateLimitException extends ApiException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public RateLimitException(String message, ErrorDetails details) {
        super(message, details);
    }
}
