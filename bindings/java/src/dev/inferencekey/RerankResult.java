package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.List;
import java.util.Map;

/**
 * Documents in the order of the server, the best first.
 *
 * @param results the documents
 * @param model who ordered them
 * @param raw the answer untouched; its numbers are sent and printed as the server wrote them
 */
public record RerankResult(List<RerankItem> results, String model, Map<String, Object> raw) {
    static RerankResult of(Map<String, Object> members) {
        List<RerankItem> items = Json.list(members, "results").stream()
                .map(item -> RerankItem.of(Json.object(item)))
                .toList();
        return new RerankResult(items, Json.text(members, "model"), Json.object(members, "raw"));
    }
}
