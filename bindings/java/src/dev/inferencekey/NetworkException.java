package dev.inferencekey;

/** No answer, or one that was cut off. */
public class NetworkException extends ApiException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public NetworkException(String message, ErrorDetails details) {
        super(message, details);
    }
}
