package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The vectors of one or more texts, in their order.
 *
 * @param embeddings one vector per text
 * @param model who made them
 * @param usage how many tokens it took; null where the server does not say
 * @param raw the answer untouched; its numbers are sent and printed as the server wrote them
 */
public record EmbedResult(List<double[]> embeddings, String model, Usage usage, Map<String, Object> raw) {
    static EmbedResult of(Map<String, Object> members) {
        List<double[]> vectors = new ArrayList<>();
        for (Object vector : Json.list(members, "embeddings")) {
            vectors.add(((List<?>) vector).stream().mapToDouble(Json::real).toArray());
        }
        return new EmbedResult(
                Collections.unmodifiableList(vectors),
                Json.text(members, "model"),
                Usage.of(members),
                Json.object(members, "raw"));
    }
}
