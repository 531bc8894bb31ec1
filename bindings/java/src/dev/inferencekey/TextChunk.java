package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * A piece of a text as it is generated.
 *
 * @param text the piece; may be empty
 * @param finishReason such as {@code stop} or {@code length}; null where there is none yet
 * @param usage how many tokens it took; null where the server does not say
 * @param raw the answer untouched; its numbers are sent and printed as the server wrote them
 */
public record TextChunk(String text, String finishReason, Usage usage, Map<String, Object> raw) {
    static TextChunk of(Map<String, Object> members) {
        return new TextChunk(
                Json.text(members, "text"),
                Json.text(members, "finish_reason"),
                Usage.of(members),
                Json.object(members, "raw"));
    }
}
