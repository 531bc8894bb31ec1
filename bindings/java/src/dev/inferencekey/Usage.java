package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * How many tokens a call took.
 *
 * @param promptTokens of the prompt
 * @param completionTokens of what was generated
 * @param totalTokens of both
 */
public record Usage(long promptTokens, long completionTokens, long totalTokens) {
    static Usage of(Map<String, Object> members) {
        Map<String, Object> usage = Json.object(members, "usage");
        return usage == null
                ? null
                : new Usage(
                        Json.number(usage, "prompt_tokens"),
                        Json.number(usage, "completion_tokens"),
                        Json.number(usage, "total_tokens"));
    }
}
