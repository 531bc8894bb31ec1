package dev.inferencekey;

import static dev.inferencekey.Fixtures.completion;
import static dev.inferencekey.Fixtures.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each sample runs as its users run it. */
class SamplesTest extends ServerTest {
    @BeforeEach
    void platform() {
        List<Map<String, Object>> live = new ArrayList<>();
        server.script = (request, reply) -> {
            if (request.target().endsWith("/readiness-events")) {
                reply.openEvents();
                reply.event(Map.of("phase", "ready", "message", "serving", "elapsed_ms", 1));
                reply.end();
            } else if (request.method().equals("GET")) {
                reply.json(live);
            } else if (request.method().equals("DELETE")) {
                reply.json(Map.of());
            } else if (!request.json().containsKey("messages")) {
                live.add(Fixtures.workload("slug", request.json().get("slug")));
                reply.json(live.get(0), 201);
            } else if (request.target().contains("nobody")) {
                reply.json(
                        Map.of("error", Map.of("message", "no such workload", "code", "workload_not_found")), 404);
            } else if (!request.isStream()) {
                reply.json(completion("Hola"));
            } else {
                reply.openEvents();
                reply.event(delta("1 "));
                reply.event(delta("2", "stop"));
                reply.done();
            }
        };
    }

    static String run(LoopbackServer server, String name, Map<String, String> more, String... words) throws Exception {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("INFERENCEKEY_BASE_URL", server.url);
        settings.put("INFERENCEKEY_PROJECT", "acme");
        settings.put("INFERENCEKEY_API_KEY", Fixtures.KEY);
        settings.put("INFERENCEKEY_SDK_TOKEN", Fixtures.TOKEN);
        List<String> options = new ArrayList<>(List.of(
                "-cp", System.getProperty("ik.jar"),
                Path.of(System.getProperty("ik.samples"), name + ".java").toString()));
        options.addAll(List.of(words));
        return Programs.run(settings, options);
    }

    @Test
    void basic() throws Exception {
        assertEquals("Hola\n", run(server, "Basic", Map.of()));
    }

    @Test
    void streaming() throws Exception {
        assertEquals("1 2\n", run(server, "Streaming", Map.of()));
    }

    @Test
    void errors() throws Exception {
        List<String> kinds = run(server, "Errors", Map.of()).lines()
                .map(line -> line.substring(0, line.indexOf(':')))
                .toList();
        assertEquals(List.of("ValidationException", "NotFoundException", "NetworkException"), kinds);
    }

    @Test
    void walkthrough() throws Exception {
        assertEquals(
                "plan: create\nanswer: Hola\n1 2\ndeleted: true\n",
                run(server, "Walkthrough", Map.of(), "vllm", "m", "vllm serve m"));
    }
}
