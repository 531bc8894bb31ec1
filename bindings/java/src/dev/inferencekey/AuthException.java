package dev.inferencekey;

/** 401: the credential is absent, unknown, expired or revoked. */
public class AuthException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public AuthException(String message, ErrorDetails details) {
        super(message, details);
    }
}
