package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * One line that an engine wrote.
 *
 * @param replicaId of which replica
 * @param timestamp in RFC 3339; null where the engine's line has no time
 * @param text the line
 */
public record LogLine(String replicaId, String timestamp, String text) {
    static LogLine of(Map<String, Object> members) {
        return new LogLine(Json.text(members, "replica_id"), Json.text(members, "ts"), Json.text(members, "text"));
    }
}
