package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * A declared workload: where it is called, and what {@code ensure} found or did.
 *
 * @param projectSlug its project
 * @param workloadSlug its slug
 * @param plan what was to be changed
 */
public record EndpointRef(String projectSlug, String workloadSlug, Plan plan) {
    static EndpointRef of(Map<String, Object> members) {
        return new EndpointRef(
                Json.text(members, "project_slug"),
                Json.text(members, "workload_slug"),
                Plan.of(Json.object(members, "plan")));
    }
}
