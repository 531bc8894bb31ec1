package dev.inferencekey;

import static dev.inferencekey.Fixtures.TOKEN;
import static dev.inferencekey.Fixtures.happens;
import static dev.inferencekey.Fixtures.workload;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.inferencekey.internal.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ManagementTest extends ServerTest {
    static final WorkloadSpec SPEC =
            WorkloadSpec.builder().name("Bot").slug("bot").model("m").backend(Backend.VLLM).build();
    private static final Map<String, Object> SCHEDULING =
            Json.of("phase", "scheduling", "message", "placing", "elapsed_ms", 10);
    private static final Map<String, Object> READY =
            Json.of("phase", "ready", "message", "serving", "elapsed_ms", 70_000);

    private static Map<String, Object> loading(long bytes) {
        return Json.of(
                "phase", "bootstrapping", "message", "fetching", "elapsed_ms", 65_000, "step", "download_model",
                "bytes_done", bytes, "bytes_total", 2_000_000_000L, "eta_ms", 90_000);
    }

    /** Answers like a control plane with this one workload, or none. */
    private static LoopbackServer.Script platform(Map<String, Object> live) {
        return (request, reply) -> {
            switch (request.method()) {
                case "GET" -> reply.json(live == null ? List.of() : List.of(live));
                case "POST" -> reply.json(workload(), 201);
                default -> {
                    Map<String, Object> changed = workload("revision", 2);
                    changed.putAll(request.json());
                    reply.json(changed);
                }
            }
        };
    }

    /** One connection after the other, each with its events. */
    private static LoopbackServer.Script readiness(List<List<Map<String, Object>>> connections) {
        Iterator<List<Map<String, Object>>> rest = connections.iterator();
        return (request, reply) -> {
            reply.openEvents();
            for (Map<String, Object> event : rest.next()) {
                reply.event(event);
            }
            reply.end();
        };
    }

    @Test
    void anAbsentWorkloadIsCreated() {
        server.script = platform(null);
        EndpointRef ref = management.ensure(SPEC);
        assertEquals(new EndpointRef("acme", "bot", new Plan("create", List.of())), ref);
        assertEquals(List.of("GET", "POST"), server.requests.stream().map(LoopbackServer.Request::method).toList());
        assertEquals(
                Map.of("name", "Bot", "slug", "bot", "backend", "vllm", "model_name", "m"),
                server.requests.get(1).json());
    }

    @Test
    void driftIsPatchedFieldByField() {
        server.script = platform(workload("description", "old"));
        WorkloadSpec spec = WorkloadSpec.builder().name("Bot").slug("bot").model("m2").backend("vllm")
                .description("new").build();
        Plan plan = management.plan(spec);
        assertTrue(plan.hasChanges());
        assertEquals(
                List.of(
                        new FieldChange("description", "old", "new", "in_place"),
                        new FieldChange("model_name", "m", "m2", "rolling")),
                plan.changes());
        assertEquals(plan, management.ensure(spec).plan());
        LoopbackServer.Request last = server.requests.get(server.requests.size() - 1);
        assertEquals(Map.of("description", "new", "model_name", "m2"), last.json());
        assertEquals("\"1\"", last.headers().get("if-match"));
    }

    @Test
    void eachPolicyOfDrift() {
        server.script = platform(workload("model_name", "other"));
        var failed = assertThrows(ValidationException.class, () -> management.ensure(SPEC, OnDrift.FAIL));
        assertTrue(failed.getMessage().startsWith("workload drifted from spec: model_name"));
        List<String> warnings = new ArrayList<>();
        try (ManagementClient warned = ManagementClient.create(
                o -> o.baseUrl(server.url).project("acme").sdkToken(TOKEN).onWarning(warnings::add))) {
            warned.ensure(SPEC, o -> o.onDrift("warn"));
        }
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("workload bot drifted from spec: model_name"), warnings.get(0));
        for (OnDrift policy : List.of(OnDrift.IGNORE, OnDrift.DRY_RUN)) {
            assertEquals("update", management.ensure(SPEC, policy).plan().action());
        }
        assertTrue(server.requests.stream().allMatch(request -> request.method().equals("GET")));
        var unknown = assertThrows(
                ValidationException.class, () -> management.ensure(SPEC, o -> o.onDrift("sometimes")));
        assertTrue(unknown.getMessage().contains("on_drift: must be one of"), unknown.getMessage());
    }

    @Test
    void aWarningIsLoggedUnlessSomebodyTakesIt() {
        server.script = platform(workload("model_name", "other"));
        List<String> logged = new ArrayList<>();
        java.util.logging.Logger logger = java.util.logging.Logger.getLogger("dev.inferencekey");
        java.util.logging.Handler handler = new java.util.logging.Handler() {
            @Override
            public void publish(java.util.logging.LogRecord record) {
                logged.add(record.getLevel() + " " + record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
        management.ensure(SPEC, OnDrift.WARN);
        logger.removeHandler(handler);
        assertEquals(1, logged.size());
        assertTrue(logged.get(0).startsWith("WARNING workload bot drifted"), logged.get(0));
    }

    @Test
    void aSecretInASpecIsRefused() {
        WorkloadSpec spec = WorkloadSpec.builder().name("Bot").slug("bot").model("m").backend("vllm")
                .config(Map.of("env", Map.of("T", TOKEN))).build();
        var error = assertThrows(ConfigurationException.class, () -> management.ensure(spec));
        assertTrue(error.getMessage().contains("secrets must never go in specs"));
        assertFalse(error.getMessage().contains(TOKEN) || spec.toString().contains(TOKEN));
        assertEquals(0, server.accepted.get());
    }

    @Test
    void aSpecHoldsWhatWasDeclared() {
        WorkloadSpec spec = WorkloadSpec.builder().name("n").slug("s").model("m").backend(Backend.VLLM_OMNI)
                .taskType(TaskType.OMNI).executionPolicy(ExecutionPolicy.AUTOSCALING).description(null)
                .executionPolicyConfig(Map.of("max_workers", 2)).vllmVersion("0.32.0").build();
        assertEquals(
                "{name=n, slug=s, model=m, backend=vllm-omni, task_type=omni, execution_policy=autoscaling,"
                        + " execution_policy_config={max_workers=2}, vllm_version=0.32.0}",
                spec.toMap().toString());
        assertThrows(UnsupportedOperationException.class, () -> spec.toMap().clear());
    }

    @Test
    void reading() {
        server.script = (request, reply) -> reply.json(
                request.target().endsWith("/status")
                        ? Map.of("desired", 1, "ready", 1, "status", "ready", "revision", 1, "replicas", List.of())
                        : request.target().contains("/logs")
                                ? List.of(Map.of(
                                        "replica_id", "rep_1", "ts", "2026-11-24T08:00:00.250Z", "text", "hello"))
                                : List.of(workload()));
        assertEquals("vllm", management.get("bot").backend());
        assertEquals(List.of("bot"), management.list().stream().map(Workload::slug).toList());
        assertEquals(1, management.status("bot").ready());
        assertEquals(
                List.of(new LogLine("rep_1", "2026-11-24T08:00:00.250Z", "hello")),
                management.logs("bot", o -> o.tail(5)));
        server.script = platform(null);
        assertFalse(management.delete("bot"));
        assertThrows(NotFoundException.class, () -> management.get("bot"));
    }

    @Test
    void followingALogUntilTheBlockIsLeft() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server.script = (request, reply) -> {
            if (!request.target().contains("/logs")) {
                reply.json(List.of(workload()));
                return;
            }
            reply.openEvents();
            reply.event(Json.of("replica_id", "rep_1", "text", "hello"));
            if (reply.waitClosed()) {
                closed.countDown();
            }
        };
        try (LogStream lines = management.followLogs("bot")) {
            assertEquals("hello", lines.iterator().next().text());
        }
        assertTrue(happens(closed));
    }

    @Test
    void waitingTellsEachStepAndReconnects() {
        server.script = readiness(List.of(List.of(SCHEDULING), List.of(SCHEDULING, loading(500_000_000), READY)));
        List<ReadinessEvent> seen = new ArrayList<>();
        ReadinessEvent event = management.waitUntilReady("bot", o -> o.onProgress(seen::add));
        assertEquals("ready", event.phase());
        assertEquals(
                List.of("scheduling", "bootstrapping", "ready"), seen.stream().map(ReadinessEvent::phase).toList());
        assertEquals(2_000_000_000L, seen.get(1).bytesTotal());
    }

    @Test
    void waitingForWhatCannotBecomeReady() {
        server.script = readiness(List.of(List.of(
                Json.of("phase", "error", "message", "no room", "elapsed_ms", 1, "cause", "no_capacity"))));
        var error = assertThrows(ApiException.class, () -> management.waitUntilReady("bot", o -> o.silent(true)));
        assertTrue(error.getMessage().contains("cannot become ready: no room"), error.getMessage());
        assertEquals("no_capacity", error.code());
    }

    @Test
    void waitingEndsInTime() {
        server.script = (request, reply) -> {
            reply.openEvents();
            reply.event(SCHEDULING);
            reply.waitClosed();
        };
        var error = assertThrows(TimeoutException.class, () -> management.waitUntilReady(
                "bot", o -> o.timeout(Duration.ofMillis(300)).silent(true)));
        assertTrue(error.getMessage().contains("is not ready after"), error.getMessage());
    }

    @Test
    void theOptionsOfSomeCalls() throws Exception {
        server.script = (request, reply) -> {
            if (server.requests.size() < 3) {
                reply.json(Map.of("error", "unavailable"), 503, "retry-after-ms: 1");
            } else {
                reply.json(List.of());
            }
        };
        ManagementClient patient = management.withOptions(o -> o.requestTimeout(Duration.ofSeconds(60)))
                .withOptions(o -> o.maxRetries(2));
        assertEquals(List.of(), patient.list());
        assertEquals(3, server.requests.size());
        server.script = (request, reply) -> reply.waitClosed();
        ManagementClient hasty = management.withOptions(o -> o.requestTimeout(Duration.ofMillis(200)));
        for (Executable call : List.<Executable>of(
                () -> hasty.get("bot"), () -> hasty.status("bot"), () -> hasty.list("acme"), () -> hasty.delete("bot"),
                () -> hasty.plan(SPEC), () -> hasty.ensure(SPEC), () -> hasty.logs("bot"),
                () -> hasty.followLogs("bot"))) {
            assertThrows(TimeoutException.class, call);
        }
        Throwable reason = assertThrows(ExecutionException.class, () -> hasty.getAsync("bot").get()).getCause();
        assertEquals(TimeoutException.class, reason.getClass());
    }

    @Test
    void aTimeLongerThanMillisecondsCountIsRefused() {
        ManagementClient eternal = management.withOptions(o -> o.requestTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
        assertThrows(ValidationException.class, eternal::list);
    }

    @Test
    void aCallbackThatThrowsEndsTheWait() {
        server.script = readiness(List.of(List.of(SCHEDULING, READY)));
        RuntimeException enough = new IllegalStateException("enough");
        assertEquals(enough, assertThrows(IllegalStateException.class, () -> management.waitUntilReady(
                "bot", o -> o.onProgress(event -> {
                    throw enough;
                }))));
    }

    private static String shown(boolean isLive, List<Map<String, Object>> events) {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        TerminalProgress progress =
                new TerminalProgress("bot", new PrintStream(shown, true, StandardCharsets.UTF_8), isLive);
        events.forEach(event -> progress.show(ReadinessEvent.of(event)));
        progress.finish();
        return shown.toString(StandardCharsets.UTF_8);
    }

    @Test
    void progressIsPlainLinesWhereThereIsNoTerminal() {
        assertEquals(
                """
                0:00 bot: scheduling · placing
                1:05 bot: bootstrapping · fetching · 500.0 MB of 2.0 GB · about 90 s left
                1:10 bot: ready · serving
                """,
                shown(false, List.of(SCHEDULING, loading(500_000_000), loading(600_000_000), READY)));
    }

    @Test
    void progressIsOneLiveLineOnATerminal() {
        String shown = shown(true, List.of(SCHEDULING, loading(500_000_000), READY));
        assertEquals(3, shown.split("\r\u001b\\[K", -1).length - 1);
        assertEquals(1, shown.chars().filter(next -> next == '\n').count());
    }

    @Test
    void progressGoesToStandardErrorUnlessSilent() {
        PrintStream before = System.err;
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        System.setErr(new PrintStream(shown, true, StandardCharsets.UTF_8));
        try {
            server.script = readiness(List.of(List.of(READY), List.of(READY)));
            management.waitUntilReady("bot", o -> o.silent(true));
            assertEquals("", shown.toString(StandardCharsets.UTF_8));
            management.waitUntilReady("bot");
        } finally {
            System.setErr(before);
        }
        assertTrue(shown.toString(StandardCharsets.UTF_8).contains("1:10 bot: ready · serving"));
    }
}
