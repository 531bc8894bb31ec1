package dev.inferencekey;

import dev.inferencekey.internal.Decisions;
import dev.inferencekey.internal.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Verifies what the platform delivers to a webhook. */
public final class Webhooks {
    /** How old a delivery may be unless told otherwise. */
    public static final Duration TOLERANCE = Duration.ofSeconds(300);

    private Webhooks() {}

    /**
     * Verifies a delivery that is at most {@link #TOLERANCE} old.
     *
     * @param rawBody the body as it came: not one that was parsed and written again
     * @param headers by name, whatever its case; a value is a text, or a list of which the first counts
     * @param secret of the destination
     * @return the event
     * @throws ValidationException when it does not come from the platform, or too late
     */
    public static WebhookEvent verify(byte[] rawBody, Map<String, ?> headers, String secret) {
        return verify(rawBody, headers, secret, TOLERANCE);
    }

    /**
     * Verifies a delivery.
     *
     * @param rawBody the body as it came: not one that was parsed and written again
     * @param headers by name, whatever its case; a value is a text, or a list of which the first counts
     * @param secret of the destination
     * @param tolerance how old it may be, in whole seconds
     * @return the event
     * @throws ValidationException when it does not come from the platform, or too late
     */
    public static WebhookEvent verify(
            byte[] rawBody, Map<String, ?> headers, String secret, Duration tolerance) {
        return decide(Json.of(
                "body", text(rawBody),
                "headers", single(headers),
                "secret", secret,
                "tolerance", tolerance.toSeconds()));
    }

    private static String text(byte[] rawBody) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(rawBody)).toString();
        } catch (CharacterCodingException none) {
            throw new ValidationException(
                    "validation error: the body is not UTF-8; pass it as it came",
                    new ErrorDetails(0, "invalid_body", null, null, Map.of()));
        }
    }

    static WebhookEvent decide(Map<String, Object> given) {
        Map<String, Object> decided = Decisions.decide("webhooks", given);
        Map<String, Object> error = Json.object(decided, "error");
        if (error == null) {
            return new WebhookEvent(decided.get("event"));
        }
        throw new ValidationException(
                Json.text(error, "message"), new ErrorDetails(0, Json.text(error, "code"), null, null, Map.of()));
    }

    private static Map<String, Object> single(Map<String, ?> headers) {
        Map<String, Object> made = new LinkedHashMap<>();
        headers.forEach((name, value) -> {
            Object first = value instanceof Iterable<?> values
                    ? (values.iterator().hasNext() ? values.iterator().next() : null)
                    : value;
            if (name != null && first != null) {
                made.put(name, first.toString());
            }
        });
        return made;
    }
}
