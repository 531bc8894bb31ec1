package dev.inferencekey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class WebhooksTest {
    private static final byte[] BODY = "{\"event\":\"job.completed\",\"n\":\"ñ\"}".getBytes(StandardCharsets.UTF_8);

    /** What the platform would send at that moment. */
    private static String signature(Instant moment) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update((moment.getEpochSecond() + ".").getBytes(StandardCharsets.UTF_8));
        return "t=" + moment.getEpochSecond() + ",v1=" + HexFormat.of().formatHex(mac.doFinal(BODY));
    }

    @Test
    void aDeliveryOfThisMoment() throws Exception {
        String signature = signature(Instant.now());
        assertEquals(
                Map.of("event", "job.completed", "n", "ñ"),
                Webhooks.verify(BODY, Map.of("X-InferenceKey-Signature", signature), "secret").members());
        assertEquals(
                "job.completed",
                Webhooks.verify(BODY, Map.of("x-inferencekey-signature", List.of(signature)), "secret").name());
    }

    @Test
    void aBodyThatIsNoTextIsRefused() {
        ValidationException error = assertThrows(
                ValidationException.class, () -> Webhooks.verify(new byte[] {'"', -1, '"'}, Map.of(), "secret"));
        assertEquals("invalid_body", error.code());
        assertEquals("validation error: the body is not UTF-8; pass it as it came", error.getMessage());
    }

    @Test
    void aDeliveryThatIsTooOldOrOfSomebodyElse() throws Exception {
        Map<String, String> headers = Map.of("X-InferenceKey-Signature", signature(Instant.now().minusSeconds(400)));
        assertThrows(ValidationException.class, () -> Webhooks.verify(BODY, headers, "secret"));
        assertEquals(2, Webhooks.verify(BODY, headers, "secret", Duration.ofSeconds(500)).members().size());
        assertThrows(
                ValidationException.class, () -> Webhooks.verify(BODY, headers, "other", Duration.ofSeconds(500)));
        assertThrows(ValidationException.class, () -> Webhooks.verify(BODY, Map.of(), "secret"));
    }
}
