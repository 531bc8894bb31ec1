package dev.inferencekey;

/** Any other answer than what was asked for. */
public class ApiException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public ApiException(String message, ErrorDetails details) {
        super(message, details);
    }
}
