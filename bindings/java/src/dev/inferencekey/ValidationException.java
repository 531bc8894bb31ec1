package dev.inferencekey;

/** A bad argument, 400, 422, or drift under {@link OnDrift#FAIL}. */
public class ValidationException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public ValidationException(String message, ErrorDetails details) {
        super(message, details);
    }
}
