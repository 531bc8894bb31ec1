package dev.inferencekey;

/** 404: there is no such thing. */
public class NotFoundException extends ApiException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public NotFoundException(String message, ErrorDetails details) {
        super(message, details);
    }
}
