package dev.inferencekey;

/** Before any request: something is missing or malformed in the configuration. */
public class ConfigurationException extends InferenceKeyException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one; the clients do, and tests of what handles it.
     *
     * @param message what happened and what to do
     * @param details what the platform said about it
     */
    public ConfigurationException(String message, ErrorDetails details) {
        super(message, details);
    }
}
