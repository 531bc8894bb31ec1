package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * A workload as the platform has it.
 *
 * @param id {@code wl_…}
 * @param name as people call it
 * @param slug unique in its project
 * @param projectId of its project
 * @param projectSlug of its project
 * @param workloadSlug the same as the slug
 * @param description null where there is none
 * @param taskType what it does
 * @param backend the engine kind
 * @param modelName what is served
 * @param config of the backend; null where there is none
 * @param workerId where it must run; null where it may run anywhere
 * @param gpuResourceId on which device it must run; null where any will do
 * @param executionPolicy how many replicas run, and when
 * @param executionPolicyConfig of the policy; null where there is none
 * @param revision grows by one per accepted change
 * @param status such as {@code ready}
 * @param statusReason the one reason for it; null where there is none
 * @param replacement how a change is carried out
 * @param createdAt in RFC 3339
 * @param updatedAt in RFC 3339
 */
public record Workload(
        String id,
        String name,
        String slug,
        String projectId,
        String projectSlug,
        String workloadSlug,
        String description,
        String taskType,
        String backend,
        String modelName,
        Map<String, Object> config,
        String workerId,
        String gpuResourceId,
        String executionPolicy,
        Map<String, Object> executionPolicyConfig,
        long revision,
        String status,
        String statusReason,
        String replacement,
        String createdAt,
        String updatedAt) {
    static Workload of(Map<String, Object> members) {
        return new Workload(
                Json.text(members, "id"),
                Json.text(members, "name"),
                Json.text(members, "slug"),
                Json.text(members, "project_id"),
                Json.text(members, "project_slug"),
                Json.text(members, "workload_slug"),
                Json.text(members, "description"),
                Json.text(members, "task_type"),
                Json.text(members, "backend"),
                Json.text(members, "model_name"),
                Json.object(members, "config"),
                Json.text(members, "worker_id"),
                Json.text(members, "gpu_resource_id"),
                Json.text(members, "execution_policy"),
                Json.object(members, "execution_policy_config"),
                Json.number(members, "revision"),
                Json.text(members, "status"),
                Json.text(members, "status_reason"),
                Json.text(members, "replacement"),
                Json.text(members, "created_at"),
                Json.text(members, "updated_at"));
    }
}
