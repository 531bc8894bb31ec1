package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.List;
import java.util.Map;

/**
 * How a workload stands: desired and observed replicas, each with the one reason for its state.
 *
 * @param desired how many replicas there should be
 * @param ready how many serve
 * @param status such as {@code ready}
 * @param statusReason the one reason for it; null where there is none
 * @param revision of the workload
 * @param replicas each replica, as the platform tells it
 * @param raw the answer untouched; its numbers are sent and printed as the server wrote them
 */
public record WorkloadReport(
        long desired,
        long ready,
        String status,
        String statusReason,
        long revision,
        List<Map<String, Object>> replicas,
        Map<String, Object> raw) {
    static WorkloadReport of(Map<String, Object> raw) {
        String status = Json.text(raw, "status");
        List<Map<String, Object>> replicas =
                Json.list(raw, "replicas").stream().map(Json::object).toList();
        return new WorkloadReport(
                Json.number(raw, "desired"),
                Json.number(raw, "ready"),
                status == null ? "pending" : status,
                Json.text(raw, "status_reason"),
                Json.number(raw, "revision"),
                replicas,
                raw);
    }
}
