package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * A job that was submitted, as it stands.
 *
 * @param id its id
 * @param state how far it is; null where it was only submitted
 * @param attempts how often it was tried; null where the platform does not say
 * @param result what came of it; null where nothing has yet
 * @param raw the answer untouched
 */
public record Job(String id, String state, Long attempts, Object result, Object raw) {
    static Job of(Map<String, Object> members) {
        return new Job(
                Json.text(members, "job_id"),
                Json.text(members, "state"),
                Json.optionalNumber(members, "attempts"),
                members.get("result"),
                members.get("raw"));
    }
}
