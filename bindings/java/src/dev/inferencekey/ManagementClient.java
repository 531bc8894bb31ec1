package dev.inferencekey;

import dev.inferencekey.internal.Events;
import dev.inferencekey.internal.Json;
import dev.inferencekey.internal.NativeClient;
import dev.inferencekey.internal.Operation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Declares workloads and looks after them. Has no inference method: endpoints are called with a {@link DataClient}.
 *
 * <p>Safe to use from many threads. Interrupting a thread that waits closes its request.
 */
public final class ManagementClient implements AutoCloseable {
    private final NativeClient client;
    private final Consumer<String> onWarning;
    /** Options of this one, where they are not the client's. */
    private final Map<String, Object> own;

    private ManagementClient(NativeClient client, Consumer<String> onWarning, Map<String, Object> own) {
        this.client = client;
        this.onWarning = onWarning;
        this.own = own;
    }

    /**
     * Makes a client. Nothing is taken from the environment, and nothing is sent.
     *
     * @param configure sets its options
     * @return the client
     * @throws ConfigurationException when a setting is missing or malformed
     */
    public static ManagementClient create(Consumer<ManagementOptions> configure) {
        return make(configure, null);
    }

    /**
     * Makes a client of {@code INFERENCEKEY_SDK_TOKEN}, {@code INFERENCEKEY_PROJECT} and {@code INFERENCEKEY_BASE_URL}.
     *
     * @return the client
     * @throws ConfigurationException when a setting is missing or malformed
     */
    public static ManagementClient fromEnv() {
        return fromEnv(options -> {});
    }

    /**
     * Makes a client; what is not set is taken from {@code INFERENCEKEY_SDK_TOKEN}, {@code INFERENCEKEY_PROJECT} and
     * {@code INFERENCEKEY_BASE_URL}.
     *
     * @param configure sets its options
     * @return the client
     * @throws ConfigurationException when a setting is missing or malformed
     */
    public static ManagementClient fromEnv(Consumer<ManagementOptions> configure) {
        return make(configure, NativeClient.environment());
    }

    static ManagementClient make(Consumer<ManagementOptions> configure, Map<String, String> environment) {
        ManagementOptions options = new ManagementOptions();
        configure.accept(options);
        Map<String, Object> settings = options.settings();
        if (environment != null) {
            settings.put("environment", environment);
        }
        NativeClient client = new NativeClient("control", settings, options.executor);
        return new ManagementClient(client, options.onWarning, Map.of());
    }

    /**
     * The same client with other options; connections are shared, and closing one closes both.
     *
     * @param configure sets what is different
     * @return the other client
     */
    public ManagementClient withOptions(Consumer<RequestOptions> configure) {
        RequestOptions options = new RequestOptions();
        configure.accept(options);
        Map<String, Object> merged = new LinkedHashMap<>(own);
        Map<String, Object> changed = Json.object(options.wire(), "options");
        if (changed != null) {
            merged.putAll(changed);
        }
        return new ManagementClient(client, onWarning, merged);
    }

    /**
     * Makes the declared workload be there; with the same spec again it changes nothing.
     *
     * @param spec what is wanted
     * @return where it is, and what was to be changed
     */
    public EndpointRef ensure(WorkloadSpec spec) {
        return ensured(client.call(Operation.ENSURE, declaration(spec, options -> {})));
    }

    /**
     * Makes the declared workload be there; with the same spec again it changes nothing.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param spec what is wanted
     * @return the future of where it is, and what was to be changed
     */
    public CompletableFuture<EndpointRef> ensureAsync(WorkloadSpec spec) {
        return client.callLater(Operation.ENSURE, declaration(spec, options -> {}), this::ensured);
    }

    /**
     * Makes the declared workload be there; with the same spec again it changes nothing.
     *
     * @param spec what is wanted
     * @param onDrift what to do when the live workload differs
     * @return where it is, and what was to be changed
     */
    public EndpointRef ensure(WorkloadSpec spec, OnDrift onDrift) {
        return ensured(client.call(Operation.ENSURE, declaration(spec, options -> options.onDrift(onDrift))));
    }

    /**
     * Makes the declared workload be there; with the same spec again it changes nothing.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param spec what is wanted
     * @param onDrift what to do when the live workload differs
     * @return the future of where it is, and what was to be changed
     */
    public CompletableFuture<EndpointRef> ensureAsync(WorkloadSpec spec, OnDrift onDrift) {
        return ensureAsync(spec, options -> options.onDrift(onDrift));
    }

    /**
     * Makes the declared workload be there; with the same spec again it changes nothing.
     *
     * @param spec what is wanted
     * @param configure sets what to do on drift, and the project
     * @return where it is, and what was to be changed
     */
    public EndpointRef ensure(WorkloadSpec spec, Consumer<EnsureOptions> configure) {
        return ensured(client.call(Operation.ENSURE, declaration(spec, configure)));
    }

    /**
     * Makes the declared workload be there; with the same spec again it changes nothing.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param spec what is wanted
     * @param configure sets what to do on drift, and the project
     * @return the future of where it is, and what was to be changed
     */
    public CompletableFuture<EndpointRef> ensureAsync(WorkloadSpec spec, Consumer<EnsureOptions> configure) {
        return client.callLater(Operation.ENSURE, declaration(spec, configure), this::ensured);
    }

    /**
     * What {@code ensure} would do; nothing is changed.
     *
     * @param spec what is wanted
     * @return what would be changed
     */
    public Plan plan(WorkloadSpec spec) {
        return Plan.of(client.call(Operation.PLAN, specification(spec, null)));
    }

    /**
     * What {@code ensure} would do; nothing is changed.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param spec what is wanted
     * @return the future of what would be changed
     */
    public CompletableFuture<Plan> planAsync(WorkloadSpec spec) {
        return client.callLater(Operation.PLAN, specification(spec, null), Plan::of);
    }

    /**
     * What {@code ensure} would do; nothing is changed.
     *
     * @param spec what is wanted
     * @param project the project, before that of the spec and of the client; null for theirs
     * @return what would be changed
     */
    public Plan plan(WorkloadSpec spec, String project) {
        return Plan.of(client.call(Operation.PLAN, specification(spec, project)));
    }

    /**
     * What {@code ensure} would do; nothing is changed.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param spec what is wanted
     * @param project the project, before that of the spec and of the client; null for theirs
     * @return the future of what would be changed
     */
    public CompletableFuture<Plan> planAsync(WorkloadSpec spec, String project) {
        return client.callLater(Operation.PLAN, specification(spec, project), Plan::of);
    }

    /**
     * Deletes the workload: its replicas finish what they do and stop.
     *
     * @param slug of the workload
     * @return false when it was gone already
     */
    public boolean delete(String slug) {
        return wasDeleted(client.call(Operation.DELETE, place(slug, null)));
    }

    /**
     * Deletes the workload: its replicas finish what they do and stop.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @return the future of: false when it was gone already
     */
    public CompletableFuture<Boolean> deleteAsync(String slug) {
        return client.callLater(Operation.DELETE, place(slug, null), ManagementClient::wasDeleted);
    }

    /**
     * The workload; a {@link NotFoundException} where there is none.
     *
     * @param slug of the workload
     * @return the workload
     */
    public Workload get(String slug) {
        return Workload.of(client.call(Operation.GET, place(slug, null)));
    }

    /**
     * The workload; a {@link NotFoundException} where there is none.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @return the future of the workload
     */
    public CompletableFuture<Workload> getAsync(String slug) {
        return client.callLater(Operation.GET, place(slug, null), Workload::of);
    }

    /**
     * Every workload of the project, sorted by slug.
     *
     * @return the workloads
     */
    public List<Workload> list() {
        return workloads(client.call(Operation.LIST, project(null)));
    }

    /**
     * Every workload of the project, sorted by slug.
     * Asynchronously: cancelling the future closes the request.
     *
     * @return the future of the workloads
     */
    public CompletableFuture<List<Workload>> listAsync() {
        return client.callLater(Operation.LIST, project(null), ManagementClient::workloads);
    }

    /**
     * Desired and observed replicas, each with the one reason for its state.
     *
     * @param slug of the workload
     * @return how the workload stands
     */
    public WorkloadReport status(String slug) {
        return WorkloadReport.of(client.call(Operation.STATUS, place(slug, null)));
    }

    /**
     * Desired and observed replicas, each with the one reason for its state.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @return the future of how the workload stands
     */
    public CompletableFuture<WorkloadReport> statusAsync(String slug) {
        return client.callLater(Operation.STATUS, place(slug, null), WorkloadReport::of);
    }

    /**
     * Deletes the workload: its replicas finish what they do and stop.
     *
     * @param slug of the workload
     * @param project the project, before that of the client; null for it
     * @return false when it was gone already
     */
    public boolean delete(String slug, String project) {
        return wasDeleted(client.call(Operation.DELETE, place(slug, project)));
    }

    /**
     * Deletes the workload: its replicas finish what they do and stop.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @param project the project, before that of the client; null for it
     * @return the future of: false when it was gone already
     */
    public CompletableFuture<Boolean> deleteAsync(String slug, String project) {
        return client.callLater(Operation.DELETE, place(slug, project), ManagementClient::wasDeleted);
    }

    /**
     * The workload; a {@link NotFoundException} where there is none.
     *
     * @param slug of the workload
     * @param project the project, before that of the client; null for it
     * @return the workload
     */
    public Workload get(String slug, String project) {
        return Workload.of(client.call(Operation.GET, place(slug, project)));
    }

    /**
     * The workload; a {@link NotFoundException} where there is none.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @param project the project, before that of the client; null for it
     * @return the future of the workload
     */
    public CompletableFuture<Workload> getAsync(String slug, String project) {
        return client.callLater(Operation.GET, place(slug, project), Workload::of);
    }

    /**
     * Every workload of the project, sorted by slug.
     *
     * @param project the project, before that of the client; null for it
     * @return the workloads
     */
    public List<Workload> list(String project) {
        return workloads(client.call(Operation.LIST, project(project)));
    }

    /**
     * Every workload of the project, sorted by slug.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param project the project, before that of the client; null for it
     * @return the future of the workloads
     */
    public CompletableFuture<List<Workload>> listAsync(String project) {
        return client.callLater(Operation.LIST, project(project), ManagementClient::workloads);
    }

    /**
     * Desired and observed replicas, each with the one reason for its state.
     *
     * @param slug of the workload
     * @param project the project, before that of the client; null for it
     * @return how the workload stands
     */
    public WorkloadReport status(String slug, String project) {
        return WorkloadReport.of(client.call(Operation.STATUS, place(slug, project)));
    }

    /**
     * Desired and observed replicas, each with the one reason for its state.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @param project the project, before that of the client; null for it
     * @return the future of how the workload stands
     */
    public CompletableFuture<WorkloadReport> statusAsync(String slug, String project) {
        return client.callLater(Operation.STATUS, place(slug, project), WorkloadReport::of);
    }

    /**
     * What the engines wrote.
     *
     * @param slug of the workload
     * @return the lines
     */
    public List<LogLine> logs(String slug) {
        return lines(client.call(Operation.LOGS, lines(slug, options -> {})));
    }

    /**
     * What the engines wrote.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @return the future of the lines
     */
    public CompletableFuture<List<LogLine>> logsAsync(String slug) {
        return client.callLater(Operation.LOGS, lines(slug, options -> {}), ManagementClient::lines);
    }

    /**
     * What the engines wrote.
     *
     * @param slug of the workload
     * @param configure says which lines
     * @return the lines
     */
    public List<LogLine> logs(String slug, Consumer<LogOptions> configure) {
        return lines(client.call(Operation.LOGS, lines(slug, configure)));
    }

    /**
     * What the engines wrote.
     * Asynchronously: cancelling the future closes the request.
     *
     * @param slug of the workload
     * @param configure says which lines
     * @return the future of the lines
     */
    public CompletableFuture<List<LogLine>> logsAsync(String slug, Consumer<LogOptions> configure) {
        return client.callLater(Operation.LOGS, lines(slug, configure), ManagementClient::lines);
    }

    /**
     * What the engines wrote and will write. Returns once the stream is open: a refusal is thrown here.
     *
     * @param slug of the workload
     * @return the lines, to be closed by their user
     */
    public LogStream followLogs(String slug) {
        return new LogStream(client.events(Operation.FOLLOW_LOGS, lines(slug, options -> {})).open());
    }

    /**
     * What the engines wrote and will write, asynchronously. The future completes once the stream is open.
     *
     * @param slug of the workload
     * @return the future of the lines, which one subscriber reads on demand
     */
    public CompletableFuture<LogPublisher> followLogsAsync(String slug) {
        return client.openLater(Operation.FOLLOW_LOGS, lines(slug, options -> {}), LogPublisher::new);
    }

    /**
     * What the engines wrote and will write. Returns once the stream is open: a refusal is thrown here.
     *
     * @param slug of the workload
     * @param configure says which lines
     * @return the lines, to be closed by their user
     */
    public LogStream followLogs(String slug, Consumer<LogOptions> configure) {
        return new LogStream(client.events(Operation.FOLLOW_LOGS, lines(slug, configure)).open());
    }

    /**
     * What the engines wrote and will write, asynchronously. The future completes once the stream is open.
     *
     * @param slug of the workload
     * @param configure says which lines
     * @return the future of the lines, which one subscriber reads on demand
     */
    public CompletableFuture<LogPublisher> followLogsAsync(String slug, Consumer<LogOptions> configure) {
        return client.openLater(Operation.FOLLOW_LOGS, lines(slug, configure), LogPublisher::new);
    }

    /**
     * Waits until the workload is ready. Progress is shown on standard error unless told otherwise.
     *
     * @param slug of the workload
     * @return the event that said so
     * @throws ApiException when it cannot become ready; its code is the cause
     * @throws TimeoutException when the time is up
     */
    public ReadinessEvent waitUntilReady(String slug) {
        return waitUntilReady(slug, options -> {});
    }

    /**
     * Waits until the workload is ready, asynchronously. Cancelling the future ends the wait.
     *
     * @param slug of the workload
     * @return the future of the event that said so
     */
    public CompletableFuture<ReadinessEvent> waitUntilReadyAsync(String slug) {
        return waitUntilReadyAsync(slug, options -> {});
    }

    /**
     * Waits until the workload is ready. Progress is shown on standard error unless told otherwise.
     *
     * @param slug of the workload
     * @param configure sets how long, and who is told
     * @return the event that said so
     * @throws ApiException when it cannot become ready; its code is the cause
     * @throws TimeoutException when the time is up
     */
    public ReadinessEvent waitUntilReady(String slug, Consumer<WaitOptions> configure) {
        return wait(slug, waiting(configure));
    }

    /**
     * Waits until the workload is ready, asynchronously. Cancelling the future ends the wait.
     *
     * @param slug of the workload
     * @param configure sets how long, and who is told
     * @return the future of the event that said so
     */
    public CompletableFuture<ReadinessEvent> waitUntilReadyAsync(String slug, Consumer<WaitOptions> configure) {
        return waitLater(slug, waiting(configure));
    }

    /**
     * Ends every request of the client and of those made with {@link #withOptions}, and closes their connections. What
     * was waited for, or is read of a stream, fails with a {@link CancelledException}, what is called afterwards with a
     * {@link ConfigurationException}. From any thread, also more than once.
     */
    @Override
    public void close() {
        client.close();
    }

    private EndpointRef ensured(Map<String, Object> result) {
        for (Object warning : Json.list(result, "warnings")) {
            onWarning.accept((String) warning);
        }
        return EndpointRef.of(result);
    }

    private static boolean wasDeleted(Map<String, Object> result) {
        return Boolean.TRUE.equals(result.get("deleted"));
    }

    private static List<Workload> workloads(Map<String, Object> result) {
        return Json.list(result, "workloads").stream()
                .map(one -> Workload.of(Json.object(one)))
                .toList();
    }

    private static List<LogLine> lines(Map<String, Object> result) {
        return Json.list(result, "lines").stream()
                .map(line -> LogLine.of(Json.object(line)))
                .toList();
    }

    private ReadinessEvent wait(String slug, WaitOptions options) {
        Progress progress = options.progress(slug);
        ReadinessEvent last = null;
        try (Events events = client.events(Operation.WAIT_UNTIL_READY, with(options.wire(slug)))) {
            for (Map<String, Object> members = events.next(); members != null; members = events.next()) {
                last = ReadinessEvent.of(members);
                progress.show(last);
            }
        } finally {
            progress.finish();
        }
        return last;
    }

    private CompletableFuture<ReadinessEvent> waitLater(String slug, WaitOptions options) {
        Progress progress = options.progress(slug);
        CompletableFuture<ReadinessEvent> future =
                client.lastLater(Operation.WAIT_UNTIL_READY, with(options.wire(slug)), members -> {
                    ReadinessEvent event = ReadinessEvent.of(members);
                    progress.show(event);
                    return event;
                });
        future.whenComplete((event, reason) -> progress.finish());
        return future;
    }

    private static WaitOptions waiting(Consumer<WaitOptions> configure) {
        WaitOptions options = new WaitOptions();
        configure.accept(options);
        return options;
    }

    private Map<String, Object> project(String project) {
        return with(Json.of("project", project));
    }

    private Map<String, Object> place(String slug, String project) {
        return with(Json.of("slug", slug, "project", project));
    }

    private Map<String, Object> lines(String slug, Consumer<LogOptions> configure) {
        LogOptions options = new LogOptions();
        configure.accept(options);
        return with(options.wire(slug));
    }

    private Map<String, Object> specification(WorkloadSpec spec, String project) {
        return with(Json.of("spec", spec.toMap(), "project", project));
    }

    /** The arguments, and what this client has of its own. */
    private Map<String, Object> with(Map<String, Object> arguments) {
        if (!own.isEmpty()) {
            arguments.put("options", own);
        }
        return arguments;
    }

    private Map<String, Object> declaration(WorkloadSpec spec, Consumer<EnsureOptions> configure) {
        EnsureOptions options = new EnsureOptions();
        configure.accept(options);
        Map<String, Object> made = specification(spec, options.project);
        made.put("on_drift", options.onDrift);
        return made;
    }
}
