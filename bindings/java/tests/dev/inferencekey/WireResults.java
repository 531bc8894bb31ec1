package dev.inferencekey;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Results of the classes in the words of the wire. */
final class WireResults {
    private WireResults() {}

    static Map<String, Object> object(Object... pairs) {
        Map<String, Object> made = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            made.put((String) pairs[i], pairs[i + 1]);
        }
        return made;
    }

    static Object plan(Plan plan) {
        return object("action", plan.action(), "changes", plan.changes().stream()
                .map(one -> object("field", one.field(), "from", one.from(), "to", one.to(), "effect", one.effect()))
                .toList());
    }

    static Object workload(Workload one) {
        return object(
                "id", one.id(), "name", one.name(), "slug", one.slug(), "project_id", one.projectId(),
                "project_slug", one.projectSlug(), "workload_slug", one.workloadSlug(),
                "description", one.description(), "task_type", one.taskType(), "backend", one.backend(),
                "model_name", one.modelName(), "config", one.config(), "worker_id", one.workerId(),
                "gpu_resource_id", one.gpuResourceId(), "execution_policy", one.executionPolicy(),
                "execution_policy_config", one.executionPolicyConfig(), "revision", one.revision(),
                "status", one.status(), "status_reason", one.statusReason(), "replacement", one.replacement(),
                "created_at", one.createdAt(), "updated_at", one.updatedAt());
    }

    static Object report(WorkloadReport report) {
        Map<String, Object> made = object(
                "desired", report.desired(), "ready", report.ready(), "status", report.status(),
                "status_reason", report.statusReason(), "revision", report.revision(), "replicas", report.replicas());
        report.raw().forEach(made::putIfAbsent);
        return made;
    }

    static Object line(LogLine line) {
        return object("replica_id", line.replicaId(), "ts", line.timestamp(), "text", line.text());
    }

    static Object event(ReadinessEvent event) {
        Map<String, Object> made = object(
                "phase", event.phase(), "message", event.message(), "elapsed_ms", event.elapsedMs(),
                "step", event.step(), "bytes_done", event.bytesDone(), "bytes_total", event.bytesTotal(),
                "eta_ms", event.etaMs(), "cause", event.cause());
        made.values().removeIf(Objects::isNull);
        if (event.stalled()) {
            made.put("stalled", true);
        }
        return made;
    }

    static Object job(Job job) {
        return object(
                "job_id", job.id(), "state", job.state(), "attempts", job.attempts(), "result", job.result(),
                "raw", job.raw());
    }

    static Object response(Response response) {
        List<Object> headers = new ArrayList<>();
        response.headers().forEach(header -> headers.add(List.of(header.getKey(), header.getValue())));
        Map<String, Object> made = object("status", response.status(), "headers", headers);
        try {
            ByteBuffer content = ByteBuffer.wrap(response.content());
            made.put("text", StandardCharsets.UTF_8.newDecoder().decode(content).toString());
        } catch (CharacterCodingException binary) {
            made.put("base64", Base64.getEncoder().encodeToString(response.content()));
        }
        return made;
    }

    static Object result(TextResult result) {
        return object(
                "text", result.text(), "model", result.model(), "finish_reason", result.finishReason(),
                "usage", usage(result.usage()), "raw", result.raw());
    }

    static Object chunk(TextChunk chunk) {
        return object(
                "text", chunk.text(), "finish_reason", chunk.finishReason(), "usage", usage(chunk.usage()),
                "raw", chunk.raw());
    }

    static Object usage(Usage usage) {
        return usage == null ? null : object(
                "prompt_tokens", usage.promptTokens(), "completion_tokens", usage.completionTokens(),
                "total_tokens", usage.totalTokens());
    }
}
