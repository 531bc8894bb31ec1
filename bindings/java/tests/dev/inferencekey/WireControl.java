package dev.inferencekey;

import static dev.inferencekey.WireAnswers.collected;
import static dev.inferencekey.WireAnswers.joined;
import static dev.inferencekey.WireResults.event;
import static dev.inferencekey.WireResults.object;
import static dev.inferencekey.WireResults.plan;
import static dev.inferencekey.WireResults.report;
import static dev.inferencekey.WireResults.workload;

import dev.inferencekey.internal.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The operations of the control plane, by the methods of its class. */
final class WireControl {
    private final ManagementClient management;
    private final Map<String, Object> given;
    private final boolean isLater;

    WireControl(ManagementClient management, Map<String, Object> given, boolean isLater) {
        this.management = management;
        this.given = given;
        this.isLater = isLater;
    }

    Object perform(String operation) {
        String slug = text("slug");
        String project = text("project");
        return switch (operation) {
            case "ensure" -> ensured();
            case "plan" -> plan(isLater ? joined(management.planAsync(spec())) : management.plan(spec()));
            case "get" -> workload(isLater ? joined(management.getAsync(slug)) : management.get(slug));
            case "list" -> Map.of("workloads", (project == null
                            ? isLater ? joined(management.listAsync()) : management.list()
                            : isLater ? joined(management.listAsync(project)) : management.list(project))
                    .stream().map(WireResults::workload).toList());
            case "delete" -> Map.of(
                    "deleted", isLater ? joined(management.deleteAsync(slug)) : management.delete(slug));
            case "status" -> report(isLater ? joined(management.statusAsync(slug)) : management.status(slug));
            case "logs" -> Map.of("lines", (isLater ? joined(management.logsAsync(slug, this::lines))
                    : management.logs(slug, this::lines)).stream().map(WireResults::line).toList());
            case "follow_logs" -> Map.of("items", isLater
                    ? collected(joined(management.followLogsAsync(slug, this::lines)), WireResults::line)
                    : collected(management.followLogs(slug, this::lines), WireResults::line));
            case "wait_until_ready" -> waited();
            default -> throw new AssertionError("unknown operation " + operation);
        };
    }

    private WorkloadSpec spec() {
        Map<String, Object> spec = Json.object(given, "spec");
        WorkloadSpec.Builder builder = WorkloadSpec.builder();
        spec.forEach((name, value) -> {
            switch (name) {
                case "name" -> builder.name((String) value);
                case "slug" -> builder.slug((String) value);
                case "model" -> builder.model((String) value);
                case "backend" -> builder.backend((String) value);
                case "project" -> builder.project((String) value);
                case "description" -> builder.description((String) value);
                case "command" -> builder.command((String) value);
                case "vllm_version" -> builder.vllmVersion((String) value);
                case "task_type" -> builder.taskType((String) value);
                case "config" -> builder.config(Json.object(value));
                case "execution_policy" -> builder.executionPolicy((String) value);
                case "execution_policy_config" -> builder.executionPolicyConfig(Json.object(value));
                case "worker_id" -> builder.workerId((String) value);
                case "gpu_resource_id" -> builder.gpuResourceId((String) value);
                default -> throw new AssertionError("unknown field " + name);
            }
        });
        return builder.build();
    }

    private Object ensured() {
        Consumer<EnsureOptions> configure = o -> {
            if (text("on_drift") != null) {
                o.onDrift(text("on_drift"));
            }
            o.project(text("project"));
        };
        EndpointRef ref =
                isLater ? joined(management.ensureAsync(spec(), configure)) : management.ensure(spec(), configure);
        return object(
                "project_slug", ref.projectSlug(), "workload_slug", ref.workloadSlug(), "plan", plan(ref.plan()));
    }

    private void lines(LogOptions options) {
        options.replica(text("replica")).project(text("project"));
        if (given.containsKey("tail")) {
            options.tail((int) Json.number(given, "tail"));
        }
    }

    private Object waited() {
        List<Object> items = new ArrayList<>();
        Consumer<WaitOptions> configure = o -> o.onProgress(event -> items.add(event(event)))
                .project(text("project"))
                .timeout(Duration.ofMillis(Json.number(given, "timeout_ms")));
        ReadinessEvent last = isLater
                ? joined(management.waitUntilReadyAsync(text("slug"), configure))
                : management.waitUntilReady(text("slug"), configure);
        if (!event(last).equals(items.get(items.size() - 1))) {
            throw new AssertionError("the result is not the last event");
        }
        return Map.of("items", items);
    }

    private String text(String name) {
        return Json.text(given, name);
    }
}
