package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * A whole generated text.
 *
 * @param text what was generated
 * @param model who generated it
 * @param finishReason such as {@code stop} or {@code length}; null where there is none yet
 * @param usage how many tokens it took; null where the server does not say
 * @param raw the answer untouched; its numbers are sent and printed as the server wrote them
 */
public record TextResult(String text, String model, String finishReason, Usage usage, Map<String, Object> raw) {
    static TextResult of(Map<String, Object> members) {
        return new TextResult(
                Json.text(members, "text"),
                Json.text(members, "model"),
                Json.text(members, "finish_reason"),
                Usage.of(members),
                Json.object(members, "raw"));
    }
}
