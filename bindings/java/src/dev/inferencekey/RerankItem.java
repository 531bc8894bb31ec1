package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * How well one document answers the query.
 *
 * @param index its place in the request
 * @param relevanceScore the higher, the better
 */
public record RerankItem(int index, double relevanceScore) {
    static RerankItem of(Map<String, Object> members) {
        return new RerankItem((int) Json.number(members, "index"), Json.real(members.get("relevance_score")));
    }
}
