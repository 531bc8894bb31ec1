package dev.inferencekey.internal;

/** A text is no JSON; says why and where. */
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1;

    JsonException(String reason, int place) {
        super(reason + " at byte " + place);
    }
}
