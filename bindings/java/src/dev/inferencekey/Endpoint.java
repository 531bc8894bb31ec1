package dev.inferencekey;

import dev.inferencekey.internal.Json;
import dev.inferencekey.internal.NativeClient;
import dev.inferencekey.internal.Operation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One workload that can be called. Safe to use from many threads.
 *
 * <p>Methods throw a {@link ValidationException} for a bad argument before anything is sent, and what else the platform
 * answers as the other kinds of {@link InferenceKeyException}. Interrupting a thread that waits closes its request.
 */
public final class Endpoint {
    private final NativeClient client;
    /** The slug, and what this endpoint has of its own. */
    private final Map<String, Object> own;

    private final String workloadSlug;
    private final String project;
    private final String baseUrl;

    Endpoint(NativeClient client, Map<String, Object> own) {
        this.client = client;
        this.own = own;
        Map<String, Object> place = client.call(Operation.ENDPOINT, own);
        workloadSlug = Json.text(place, "workload_slug");
        project = Json.text(place, "project");
        baseUrl = Json.text(place, "base_url");
    }

    /** {@return the slug of the workload} */
    public String workloadSlug() {
        return workloadSlug;
    }

    /** {@return the slug of its project} */
    public String project() {
        return project;
    }

    /** {@return what any OpenAI client takes as its base URL} */
    public String baseUrl() {
        return baseUrl;
    }

    /**
     * The same endpoint with other options; connections are shared.
     *
     * @param configure sets what is different
     * @return the other endpoint
     */
    public Endpoint withOptions(Consumer<EndpointOptions> configure) {
        EndpointOptions options = new EndpointOptions();
        configure.accept(options);
        Map<String, Object> changed = options.wire();
        Map<String, Object> merged = new LinkedHashMap<>();
        if (own.containsKey("options")) {
            merged.putAll(Json.object(own, "options"));
        }
        if (changed.containsKey("options")) {
            merged.putAll(Json.object(changed, "options"));
        }
        Map<String, Object> made = with(changed);
        if (!merged.isEmpty()) {
            made.put("options", merged);
        }
        return new Endpoint(client, made);
    }

    /**
     * Generates a text and waits for the whole of it.
     *
     * @param configure sets the prompt or the messages, and options
     * @return the text
     */
    public TextResult generateText(Consumer<TextOptions> configure) {
        return TextResult.of(client.call(Operation.GENERATE_TEXT, text(configure)));
    }

    /**
     * Generates a text and gives the whole of it.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param configure sets the prompt or the messages, and options
     * @return the future of the text
     */
    public CompletableFuture<TextResult> generateTextAsync(Consumer<TextOptions> configure) {
        return client.callLater(Operation.GENERATE_TEXT, text(configure), TextResult::of);
    }

    /**
     * Generates a text piece by piece. Returns once the stream is open: a refusal is thrown here.
     *
     * @param configure sets the prompt or the messages, and options
     * @return the stream, to be closed by its user
     */
    public TextStream generateTextStream(Consumer<TextOptions> configure) {
        return new TextStream(client.events(Operation.GENERATE_TEXT_STREAM, text(configure)).open());
    }

    /**
     * Generates a text piece by piece, asynchronously. The future completes once the stream is open: a refusal fails
     * it.
     *
     * @param configure sets the prompt or the messages, and options
     * @return the future of the stream, which one subscriber reads on demand
     */
    public CompletableFuture<TextPublisher> generateTextStreamAsync(Consumer<TextOptions> configure) {
        return client.openLater(Operation.GENERATE_TEXT_STREAM, text(configure), TextPublisher::new);
    }

    /**
     * Turns a text into a vector.
     *
     * @param input the text
     * @return the vectors
     */
    public EmbedResult embed(String input) {
        return EmbedResult.of(client.call(Operation.EMBED, embedding(input, options -> {})));
    }

    /**
     * Turns a text into a vector.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param input the text
     * @return the future of the vectors
     */
    public CompletableFuture<EmbedResult> embedAsync(String input) {
        return client.callLater(Operation.EMBED, embedding(input, options -> {}), EmbedResult::of);
    }

    /**
     * Turns a text into a vector.
     *
     * @param input the text
     * @param configure sets further fields
     * @return the vectors
     */
    public EmbedResult embed(String input, Consumer<EmbedOptions> configure) {
        return EmbedResult.of(client.call(Operation.EMBED, embedding(input, configure)));
    }

    /**
     * Turns a text into a vector.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param input the text
     * @param configure sets further fields
     * @return the future of the vectors
     */
    public CompletableFuture<EmbedResult> embedAsync(String input, Consumer<EmbedOptions> configure) {
        return client.callLater(Operation.EMBED, embedding(input, configure), EmbedResult::of);
    }

    /**
     * Turns texts into vectors, in their order.
     *
     * @param input the texts
     * @return the vectors
     */
    public EmbedResult embed(List<String> input) {
        return EmbedResult.of(client.call(Operation.EMBED, embedding(input, options -> {})));
    }

    /**
     * Turns texts into vectors, in their order.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param input the texts
     * @return the future of the vectors
     */
    public CompletableFuture<EmbedResult> embedAsync(List<String> input) {
        return client.callLater(Operation.EMBED, embedding(input, options -> {}), EmbedResult::of);
    }

    /**
     * Turns texts into vectors, in their order.
     *
     * @param input the texts
     * @param configure sets further fields
     * @return the vectors
     */
    public EmbedResult embed(List<String> input, Consumer<EmbedOptions> configure) {
        return EmbedResult.of(client.call(Operation.EMBED, embedding(input, configure)));
    }

    /**
     * Turns texts into vectors, in their order.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param input the texts
     * @param configure sets further fields
     * @return the future of the vectors
     */
    public CompletableFuture<EmbedResult> embedAsync(List<String> input, Consumer<EmbedOptions> configure) {
        return client.callLater(Operation.EMBED, embedding(input, configure), EmbedResult::of);
    }

    /**
     * Orders documents by how well they answer the query.
     *
     * @param query what is looked for
     * @param documents where it may be found
     * @return the documents, the best first
     */
    public RerankResult rerank(String query, List<String> documents) {
        return RerankResult.of(client.call(Operation.RERANK, ranking(query, documents, options -> {})));
    }

    /**
     * Orders documents by how well they answer the query.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param query what is looked for
     * @param documents where it may be found
     * @return the future of the documents, the best first
     */
    public CompletableFuture<RerankResult> rerankAsync(String query, List<String> documents) {
        return client.callLater(Operation.RERANK, ranking(query, documents, options -> {}), RerankResult::of);
    }

    /**
     * Orders documents by how well they answer the query.
     *
     * @param query what is looked for
     * @param documents where it may be found
     * @param configure sets options
     * @return the documents, the best first
     */
    public RerankResult rerank(String query, List<String> documents, Consumer<RerankOptions> configure) {
        return RerankResult.of(client.call(Operation.RERANK, ranking(query, documents, configure)));
    }

    /**
     * Orders documents by how well they answer the query.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param query what is looked for
     * @param documents where it may be found
     * @param configure sets options
     * @return the future of the documents, the best first
     */
    public CompletableFuture<RerankResult> rerankAsync(
            String query, List<String> documents, Consumer<RerankOptions> configure) {
        return client.callLater(Operation.RERANK, ranking(query, documents, configure), RerankResult::of);
    }

    /**
     * Asks for a forecast.
     *
     * @param body as the backend knows it, sent untouched
     * @return the forecast
     */
    public ForecastResult forecast(Map<String, ?> body) {
        return ForecastResult.of(client.call(Operation.FORECAST, with(Json.of("body", body))));
    }

    /**
     * Asks for a forecast.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param body as the backend knows it, sent untouched
     * @return the future of the forecast
     */
    public CompletableFuture<ForecastResult> forecastAsync(Map<String, ?> body) {
        return client.callLater(Operation.FORECAST, with(Json.of("body", body)), ForecastResult::of);
    }

    /**
     * Submits a job. It is durable when this returns.
     *
     * @param kind such as {@code chat} or {@code audio_transcriptions}
     * @param body what JSON can say, or a {@code byte[]}, which needs a content type
     * @return the job, with its id
     */
    public Job submitJob(String kind, Object body) {
        return Job.of(client.call(Operation.SUBMIT_JOB, with(new JobOptions().wire(kind, body))));
    }

    /**
     * Submits a job. It is durable when the future completes.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param kind such as {@code chat} or {@code audio_transcriptions}
     * @param body what JSON can say, or a {@code byte[]}, which needs a content type
     * @return the future of the job, with its id
     */
    public CompletableFuture<Job> submitJobAsync(String kind, Object body) {
        return client.callLater(Operation.SUBMIT_JOB, with(new JobOptions().wire(kind, body)), Job::of);
    }

    /**
     * Submits a job. It is durable when this returns.
     *
     * @param kind such as {@code chat} or {@code audio_transcriptions}
     * @param body what JSON can say, or a {@code byte[]}, which needs a content type
     * @param configure sets the context, a key, the type of bytes
     * @return the job, with its id
     */
    public Job submitJob(String kind, Object body, Consumer<JobOptions> configure) {
        return Job.of(client.call(Operation.SUBMIT_JOB, job(kind, body, configure)));
    }

    /**
     * Submits a job. It is durable when the future completes.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param kind such as {@code chat} or {@code audio_transcriptions}
     * @param body what JSON can say, or a {@code byte[]}, which needs a content type
     * @param configure sets the context, a key, the type of bytes
     * @return the future of the job, with its id
     */
    public CompletableFuture<Job> submitJobAsync(String kind, Object body, Consumer<JobOptions> configure) {
        return client.callLater(Operation.SUBMIT_JOB, job(kind, body, configure), Job::of);
    }

    /**
     * How a job stands.
     *
     * @param id of the job
     * @return the job
     */
    public Job getJob(String id) {
        return Job.of(client.call(Operation.GET_JOB, with(Json.of("job_id", id))));
    }

    /**
     * How a job stands.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param id of the job
     * @return the future of the job
     */
    public CompletableFuture<Job> getJobAsync(String id) {
        return client.callLater(Operation.GET_JOB, with(Json.of("job_id", id)), Job::of);
    }

    /**
     * Calls any other route below {@link #baseUrl()}.
     *
     * @param method such as {@code POST}
     * @param path such as {@code /images/generations}
     * @return the answer
     */
    public Response request(String method, String path) {
        return Response.of(client.call(Operation.REQUEST, route(method, path, options -> {})));
    }

    /**
     * Calls any other route below {@link #baseUrl()}.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param method such as {@code POST}
     * @param path such as {@code /images/generations}
     * @return the future of the answer
     */
    public CompletableFuture<Response> requestAsync(String method, String path) {
        return client.callLater(Operation.REQUEST, route(method, path, options -> {}), Response::of);
    }

    /**
     * Calls any other route below {@link #baseUrl()}.
     *
     * @param method such as {@code POST}
     * @param path such as {@code /images/generations}
     * @param configure sets the body and headers
     * @return the answer
     */
    public Response request(String method, String path, Consumer<RouteOptions> configure) {
        return Response.of(client.call(Operation.REQUEST, route(method, path, configure)));
    }

    /**
     * Calls any other route below {@link #baseUrl()}.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param method such as {@code POST}
     * @param path such as {@code /images/generations}
     * @param configure sets the body and headers
     * @return the future of the answer
     */
    public CompletableFuture<Response> requestAsync(String method, String path, Consumer<RouteOptions> configure) {
        return client.callLater(Operation.REQUEST, route(method, path, configure), Response::of);
    }

    private Map<String, Object> with(Map<String, Object> arguments) {
        Map<String, Object> made = new LinkedHashMap<>(own);
        made.putAll(arguments);
        return made;
    }

    private Map<String, Object> text(Consumer<TextOptions> configure) {
        TextOptions options = new TextOptions();
        configure.accept(options);
        return with(options.wire());
    }

    private Map<String, Object> embedding(Object input, Consumer<EmbedOptions> configure) {
        EmbedOptions options = new EmbedOptions();
        configure.accept(options);
        Map<String, Object> made = with(options.wire());
        made.put("input", input);
        return made;
    }

    private Map<String, Object> ranking(String query, List<String> documents, Consumer<RerankOptions> configure) {
        RerankOptions options = new RerankOptions();
        configure.accept(options);
        Map<String, Object> made = with(options.wire());
        made.put("query", query);
        made.put("documents", documents);
        return made;
    }

    private Map<String, Object> job(String kind, Object body, Consumer<JobOptions> configure) {
        JobOptions options = new JobOptions();
        configure.accept(options);
        return with(options.wire(kind, body));
    }

    private Map<String, Object> route(String method, String path, Consumer<RouteOptions> configure) {
        RouteOptions options = new RouteOptions();
        configure.accept(options);
        return with(options.wire(method, path));
    }
}
