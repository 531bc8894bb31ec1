package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;

/** One case of {@code requests.json}: the classes' own methods, and their results in the words of the wire. */
final class Wire implements AutoCloseable {
    private final String operation;
    private final Map<String, Object> given;
    private final boolean isLater;
    private final ManagementClient management;
    private final DataClient data;

    Wire(Map<String, Object> one, String url, boolean isLater) {
        this.isLater = isLater;
        operation = Json.text(one, "operation");
        given = Json.object(one, "arguments");
        Map<String, Object> settings = Json.object(one, "client");
        boolean isControl = one.get("plane").equals("control");
        management = !isControl ? null : ManagementClient.create(o -> options(o, settings)
                .baseUrl(url).project(Json.text(settings, "project")).sdkToken(Json.text(settings, "sdk_token")));
        data = isControl ? null : DataClient.create(o -> options(o, settings)
                .baseUrl(url).project(Json.text(settings, "project")).apiKey(Json.text(settings, "api_key")));
    }

    private static <O extends CallOptions<O>> O options(O options, Map<String, Object> members) {
        Map<String, Object> given = Json.object(members, "options");
        if (given == null) {
            return options;
        }
        given.forEach((name, value) -> {
            long number = ((Number) value).longValue();
            switch (name) {
                case "max_retries" -> options.maxRetries((int) number);
                case "connect_timeout_ms" -> options.connectTimeout(Duration.ofMillis(number));
                case "request_timeout_ms" -> options.requestTimeout(Duration.ofMillis(number));
                case "stream_idle_timeout_ms" -> options.streamIdleTimeout(Duration.ofMillis(number));
                default -> throw new AssertionError("unknown option " + name);
            }
        });
        return options;
    }

    @Override
    public void close() {
        if (management != null) {
            management.close();
        } else {
            data.close();
        }
    }

    Object perform() {
        return management != null ? control() : call();
    }

    private String text(String name) {
        return Json.text(given, name);
    }

    private static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException reason) {
            throw reason.getCause() instanceof RuntimeException known ? known : reason;
        }
    }

    // ---- The control plane

    private Object control() {
        String slug = text("slug");
        String project = text("project");
        return switch (operation) {
            case "ensure" -> ensured();
            case "plan" -> plan(isLater ? joined(management.planAsync(spec())) : management.plan(spec()));
            case "get" -> workload(isLater ? joined(management.getAsync(slug)) : management.get(slug));
            case "list" -> Map.of("workloads", (project == null
                            ? isLater ? joined(management.listAsync()) : management.list()
                            : isLater ? joined(management.listAsync(project)) : management.list(project))
                    .stream().map(Wire::workload).toList());
            case "delete" -> Map.of(
                    "deleted", isLater ? joined(management.deleteAsync(slug)) : management.delete(slug));
            case "status" -> report(isLater ? joined(management.statusAsync(slug)) : management.status(slug));
            case "logs" -> Map.of("lines", (isLater ? joined(management.logsAsync(slug, this::lines))
                    : management.logs(slug, this::lines)).stream().map(Wire::line).toList());
            case "follow_logs" -> Map.of("items", isLater
                    ? collected(joined(management.followLogsAsync(slug, this::lines)), Wire::line)
                    : collected(management.followLogs(slug, this::lines), Wire::line));
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

    private static Map<String, Object> object(Object... pairs) {
        Map<String, Object> made = new java.util.LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            made.put((String) pairs[i], pairs[i + 1]);
        }
        return made;
    }

    private static Object plan(Plan plan) {
        return object("action", plan.action(), "changes", plan.changes().stream()
                .map(one -> object("field", one.field(), "from", one.from(), "to", one.to(), "effect", one.effect()))
                .toList());
    }

    private static Object workload(Workload one) {
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

    private static Object report(WorkloadReport report) {
        Map<String, Object> made = object(
                "desired", report.desired(), "ready", report.ready(), "status", report.status(),
                "status_reason", report.statusReason(), "revision", report.revision(), "replicas", report.replicas());
        report.raw().forEach(made::putIfAbsent);
        return made;
    }

    private static Object line(LogLine line) {
        return object("replica_id", line.replicaId(), "ts", line.timestamp(), "text", line.text());
    }

    private static Object event(ReadinessEvent event) {
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

    // ---- The data plane

    private Object call() {
        Endpoint endpoint = data.endpoint(text("slug"), o -> options(o, given).apiKey(text("api_key")));
        return switch (operation) {
            case "endpoint" -> object(
                    "workload_slug", endpoint.workloadSlug(),
                    "project", endpoint.project(),
                    "base_url", endpoint.baseUrl());
            case "generate_text" -> result(isLater
                    ? joined(endpoint.generateTextAsync(this::texts))
                    : endpoint.generateText(this::texts));
            case "generate_text_stream" -> Map.of("items", isLater
                    ? collected(joined(endpoint.generateTextStreamAsync(this::texts)), Wire::chunk)
                    : collected(endpoint.generateTextStream(this::texts), Wire::chunk));
            case "embed" -> embedded(endpoint);
            case "rerank" -> ranked(endpoint);
            case "forecast" -> object("raw", (isLater
                    ? joined(endpoint.forecastAsync(Json.object(given, "body")))
                    : endpoint.forecast(Json.object(given, "body"))).raw());
            case "submit_job" -> submitted(endpoint);
            case "get_job" -> job(isLater
                    ? joined(endpoint.getJobAsync(text("job_id")))
                    : endpoint.getJob(text("job_id")));
            case "request" -> response(isLater
                    ? joined(endpoint.requestAsync(text("method"), text("path"), this::route))
                    : endpoint.request(text("method"), text("path"), this::route));
            default -> throw new AssertionError("unknown operation " + operation);
        };
    }

    @SuppressWarnings("unchecked")
    private void texts(TextOptions options) {
        options.prompt(text("prompt"));
        if (given.containsKey("messages")) {
            options.messages((List<Map<String, Object>>) given.get("messages"));
        }
        if (given.containsKey("temperature")) {
            options.temperature(((Number) given.get("temperature")).doubleValue());
        }
        if (given.containsKey("max_tokens")) {
            options.maxTokens((int) Json.number(given, "max_tokens"));
        }
        extra(options);
    }

    private void extra(ExtraOptions<?> options) {
        if (given.containsKey("extra")) {
            options.extra(Json.object(given, "extra"));
        }
    }

    @SuppressWarnings("unchecked")
    private Object embedded(Endpoint endpoint) {
        EmbedResult result;
        if (given.get("input") instanceof String input) {
            result = isLater ? joined(endpoint.embedAsync(input, this::extra)) : endpoint.embed(input, this::extra);
        } else {
            List<String> input = (List<String>) given.get("input");
            result = isLater ? joined(endpoint.embedAsync(input, this::extra)) : endpoint.embed(input, this::extra);
        }
        List<List<Double>> vectors = result.embeddings().stream()
                .map(vector -> Arrays.stream(vector).boxed().toList())
                .toList();
        return object(
                "embeddings", vectors, "model", result.model(), "usage", usage(result.usage()), "raw", result.raw());
    }

    @SuppressWarnings("unchecked")
    private Object ranked(Endpoint endpoint) {
        List<String> documents = (List<String>) given.get("documents");
        Consumer<RerankOptions> configure = o -> {
            if (given.containsKey("top_n")) {
                o.topN((int) Json.number(given, "top_n"));
            }
            extra(o);
        };
        RerankResult result = isLater
                ? joined(endpoint.rerankAsync(text("query"), documents, configure))
                : endpoint.rerank(text("query"), documents, configure);
        List<Map<String, Object>> items = result.results().stream()
                .map(one -> object("index", one.index(), "relevance_score", one.relevanceScore()))
                .toList();
        return object("results", items, "model", result.model(), "raw", result.raw());
    }

    private Object submitted(Endpoint endpoint) {
        Object body = given.containsKey("base64") ? Base64.getDecoder().decode(text("base64")) : given.get("body");
        Consumer<JobOptions> configure = o -> {
            if (given.containsKey("context")) {
                o.context(given.get("context"));
            }
            o.idempotencyKey(text("idempotency_key")).contentType(text("content_type"));
        };
        return job(isLater
                ? joined(endpoint.submitJobAsync(text("kind"), body, configure))
                : endpoint.submitJob(text("kind"), body, configure));
    }

    private static Object job(Job job) {
        return object(
                "job_id", job.id(), "state", job.state(), "attempts", job.attempts(), "result", job.result(),
                "raw", job.raw());
    }

    private void route(RouteOptions options) {
        if (given.containsKey("json")) {
            options.json(given.get("json"));
        }
        if (given.containsKey("text")) {
            options.content(text("text"));
        }
        if (given.containsKey("base64")) {
            options.content(Base64.getDecoder().decode(text("base64")));
        }
        options.contentType(text("content_type"));
        if (given.containsKey("headers")) {
            Json.object(given, "headers").forEach((name, value) -> options.header(name, value.toString()));
        }
    }

    private static Object response(Response response) {
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

    private static Object result(TextResult result) {
        return object(
                "text", result.text(), "model", result.model(), "finish_reason", result.finishReason(),
                "usage", usage(result.usage()), "raw", result.raw());
    }

    private static Object chunk(TextChunk chunk) {
        return object(
                "text", chunk.text(), "finish_reason", chunk.finishReason(), "usage", usage(chunk.usage()),
                "raw", chunk.raw());
    }

    private static Object usage(Usage usage) {
        return usage == null ? null : object(
                "prompt_tokens", usage.promptTokens(), "completion_tokens", usage.completionTokens(),
                "total_tokens", usage.totalTokens());
    }

    private static <T> List<Object> collected(EventStream<T> stream, Function<T, Object> make) {
        try (stream; var events = stream.stream()) {
            return events.map(make).toList();
        }
    }

    private static <T> List<Object> collected(EventPublisher<T> publisher, Function<T, Object> make) {
        List<Object> items = new ArrayList<>();
        CompletableFuture<List<Object>> all = new CompletableFuture<>();
        publisher.subscribe(new Flow.Subscriber<T>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(T event) {
                items.add(make.apply(event));
            }

            @Override
            public void onError(Throwable reason) {
                all.completeExceptionally(reason);
            }

            @Override
            public void onComplete() {
                all.complete(items);
            }
        });
        return joined(all);
    }
}
