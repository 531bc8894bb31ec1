package dev.inferencekey;

/** 403, or the wrong kind of credential; {@link #code()} is the reason. */
public class PermissionDeniedException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public PermissionDeniedException(String message, ErrorDetails details) {
        super(message, details);
    }
}
