package dev.inferencekey;

/** A deadline passed. */
public class TimeoutException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public TimeoutException(String message, ErrorDetails details) {
        super(message, details);
    }
}
