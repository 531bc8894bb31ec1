package dev.inferencekey;

import static dev.inferencekey.WireAnswers.collected;
import static dev.inferencekey.WireAnswers.joined;
import static dev.inferencekey.WireResults.job;
import static dev.inferencekey.WireResults.object;
import static dev.inferencekey.WireResults.response;
import static dev.inferencekey.WireResults.result;
import static dev.inferencekey.WireResults.usage;

import dev.inferencekey.internal.Json;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The operations of the data plane, by the methods of an endpoint. */
final class WireData {
    private final Endpoint endpoint;
    private final Map<String, Object> given;
    private final boolean isLater;

    WireData(Endpoint endpoint, Map<String, Object> given, boolean isLater) {
        this.endpoint = endpoint;
        this.given = given;
        this.isLater = isLater;
    }

    Object perform(String operation) {
        return switch (operation) {
            case "endpoint" -> object(
                    "workload_slug", endpoint.workloadSlug(),
                    "project", endpoint.project(),
                    "base_url", endpoint.baseUrl());
            case "generate_text" -> result(isLater
                    ? joined(endpoint.generateTextAsync(this::texts))
                    : endpoint.generateText(this::texts));
            case "generate_text_stream" -> Map.of("items", isLater
                    ? collected(joined(endpoint.generateTextStreamAsync(this::texts)), WireResults::chunk)
                    : collected(endpoint.generateTextStream(this::texts), WireResults::chunk));
            case "embed" -> embedded();
            case "rerank" -> ranked();
            case "forecast" -> object("raw", (isLater
                    ? joined(endpoint.forecastAsync(Json.object(given, "body")))
                    : endpoint.forecast(Json.object(given, "body"))).raw());
            case "submit_job" -> submitted();
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
    private Object embedded() {
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
    private Object ranked() {
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

    private Object submitted() {
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

    private String text(String name) {
        return Json.text(given, name);
    }
}
