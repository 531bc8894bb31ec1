package dev.inferencekey;

/** The request was closed, or the thread interrupted, while it was waited for. */
public class CancelledException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public CancelledException(String message, ErrorDetails details) {
        super(message, details);
    }
}
