package dev.inferencekey;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.inferencekey.internal.Decisions;
import dev.inferencekey.internal.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every vector of {@code conformance/}: what the core decides, and what the classes send and give. */
class ConformanceTest {
    private static final Path FOLDER = Path.of(System.getProperty("ik.conformance"));
    private static final Pattern ARGUMENT = Pattern.compile("\\{argument:([a-z_]+)\\}");
    private static final Map<String, Map<String, Object>> RESULTS = new TreeMap<>();

    @TestFactory
    Stream<DynamicContainer> vectors() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(FOLDER)) {
            files = found.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
        assertTrue(files.size() >= 13, files::toString);
        List<DynamicContainer> subjects = new ArrayList<>();
        for (Path file : files) {
            String subject = file.getFileName().toString().replace(".json", "");
            Map<String, Object> counts = new LinkedHashMap<>(Map.of("passed", 0, "failed", 0));
            RESULTS.put(subject, counts);
            List<Object> cases = Json.list(Json.object(Json.parse(Files.readAllBytes(file))), "cases");
            assertTrue(!cases.isEmpty(), subject);
            subjects.add(DynamicContainer.dynamicContainer(subject, cases.stream()
                    .map(one -> test(subject, Json.object(one), counts))));
        }
        return subjects.stream();
    }

    private static DynamicTest test(String subject, Map<String, Object> one, Map<String, Object> counts) {
        return DynamicTest.dynamicTest(Json.text(one, "name"), () -> {
            String outcome = "failed";
            try {
                check(subject, Json.object(one, "given"), Json.object(one, "expect"));
                outcome = "passed";
            } finally {
                counts.merge(outcome, 1, (had, more) -> (int) had + (int) more);
            }
        });
    }

    @AfterAll
    static void report() throws IOException {
        String folder = System.getenv("IK_CONFORMANCE_RESULTS");
        if (folder != null && !folder.isBlank()) {
            Files.createDirectories(Path.of(folder));
            Files.write(Path.of(folder, "java.json"), Json.write(RESULTS));
        }
    }

    private static void check(String subject, Map<String, Object> given, Map<String, Object> expect) throws Exception {
        switch (subject) {
            case "sse" -> checkEvents(Json.text(given, "text"), expect);
            case "requests" -> checkRequests(given, expect);
            case "configuration" -> checkConfiguration(given, expect);
            case "spec-checks" -> checkError(Decisions.decide(subject, given), expect);
            case "webhooks" -> {
                assertSame(expect, Decisions.decide(subject, given));
                checkWebhook(given, expect);
            }
            default -> assertSame(expect, Decisions.decide(subject, given));
        }
    }

    private static void assertSame(Object expect, Object found) {
        assertTrue(Comparison.same(expect, found), () -> "expected " + expect + "\n   found " + found);
    }

    /** Whole, in two parts cut at every byte, and byte by byte. */
    private static void checkEvents(String text, Map<String, Object> expect) {
        int size = text.getBytes(StandardCharsets.UTF_8).length;
        for (int place = 0; place <= size; place++) {
            assertSame(expect, Decisions.decide("sse", Map.of("text", text, "cuts", List.of(place))));
        }
        List<Integer> all = IntStream.range(0, size).boxed().toList();
        assertSame(expect, Decisions.decide("sse", Map.of("text", text, "cuts", all)));
    }

    private static void checkError(Map<String, Object> found, Map<String, Object> expect) {
        Map<String, Object> wanted = Json.object(expect, "error");
        if (wanted == null) {
            assertSame(expect, found);
            return;
        }
        Map<String, Object> error = Json.object(found, "error");
        assertEquals(wanted.get("kind"), error.get("kind"));
        assertStarts(wanted, Json.text(error, "message"));
        assertEquals(wanted.get("code"), error.get("code"));
    }

    private static void assertStarts(Map<String, Object> wanted, String message) {
        String start = ARGUMENT.matcher(Json.text(wanted, "message"))
                .replaceAll(name -> "." + camel(name.group(1)) + "(…)");
        assertTrue(message.startsWith(start), () -> "expected " + start + "\n   found " + message);
    }

    private static String camel(String name) {
        return Pattern.compile("_([a-z])")
                .matcher(name)
                .replaceAll(part -> part.group(1).toUpperCase(java.util.Locale.ROOT));
    }

    /** Of the core, and through the classes that users have. */
    private static void checkConfiguration(Map<String, Object> given, Map<String, Object> expect) {
        Map<String, Object> asked = new LinkedHashMap<>(given);
        asked.put("language", "java");
        checkError(Decisions.decide("configuration", asked), expect);

        Map<String, Object> wanted = Json.object(expect, "error");
        Map<String, String> environment = new LinkedHashMap<>();
        Json.object(given, "environment").forEach((name, value) -> environment.put(name, (String) value));
        Map<String, Object> arguments = Json.object(given, "arguments");
        if (wanted == null) {
            Map<String, Object> found = settings(given, arguments, environment, false);
            if (found != null) {
                assertEquals(expect.get("base_url"), found.get("base_url"));
                assertEquals(expect.get("project"), found.get("project"));
            }
            return;
        }
        var error = assertThrows(
                InferenceKeyException.class, () -> settings(given, arguments, environment, true));
        assertEquals(wanted.get("kind"), Comparison.kind(error));
        assertStarts(wanted, error.getMessage());
        assertEquals(wanted.get("code"), error.code());
    }

    private static Map<String, Object> settings(
            Map<String, Object> given,
            Map<String, Object> arguments,
            Map<String, String> environment,
            boolean isError) {
        if (given.get("client").equals("control")) {
            try (ManagementClient client = ManagementClient.make(
                    o -> o.baseUrl(Json.text(arguments, "base_url"))
                            .project(Json.text(arguments, "project"))
                            .sdkToken(Json.text(arguments, "sdk_token"))
                            .maxRetries(0)
                            .connectTimeout(Duration.ofMillis(1)),
                    environment)) {
                // The last settings are checked before anything is sent.
                if (isError) {
                    client.plan(ManagementTest.SPEC);
                }
                return null;
            }
        }
        try (DataClient client = DataClient.make(
                o -> o.baseUrl(Json.text(arguments, "base_url"))
                        .project(Json.text(arguments, "project"))
                        .apiKey(Json.text(arguments, "api_key")),
                environment)) {
            Endpoint endpoint = client.endpoint("support-bot");
            return Map.of(
                    "base_url", endpoint.baseUrl(),
                    "project", endpoint.project());
        }
    }

    /** Through the method that users have, at the moment of the case. */
    private static void checkWebhook(Map<String, Object> given, Map<String, Object> expect) {
        if (expect.containsKey("event")) {
            assertSame(expect.get("event"), Webhooks.decide(given).raw());
            return;
        }
        Map<String, Object> wanted = Json.object(expect, "error");
        var error = assertThrows(ValidationException.class, () -> Webhooks.decide(given));
        assertEquals(wanted.get("message"), error.getMessage());
        assertEquals(wanted.get("code"), error.code());
    }

    /** Byte for byte, once waiting and once asynchronously. */
    private static void checkRequests(Map<String, Object> given, Map<String, Object> expect) throws Exception {
        for (boolean isLater : new boolean[] {false, true}) {
            try (WireServer server = new WireServer(Json.list(given, "answers"))) {
                Object result = null;
                InferenceKeyException failure = null;
                try (Wire wire = new Wire(given, server.url, isLater)) {
                    result = wire.perform();
                } catch (InferenceKeyException reason) {
                    failure = reason;
                }
                List<Object> wanted = Json.list(expect, "requests");
                List<byte[]> sent = server.sent();
                for (int i = 0; i < Math.min(wanted.size(), sent.size()); i++) {
                    String request = ((String) wanted.get(i)).replace("{host}", server.host);
                    assertEquals(request, new String(sent.get(i), StandardCharsets.UTF_8));
                    assertArrayEquals(request.getBytes(StandardCharsets.UTF_8), sent.get(i));
                }
                assertEquals(wanted.size(), sent.size());
                checkOutcome(expect, result, failure);
            }
        }
    }

    private static void checkOutcome(Map<String, Object> expect, Object result, InferenceKeyException failure) {
        Map<String, Object> wanted = Json.object(expect, "error");
        if (wanted == null) {
            assertNull(failure, () -> failure.toString());
            assertTrue(
                    Comparison.holds(expect.get("result"), result),
                    () -> "expected " + expect.get("result") + "\n   found " + result);
            return;
        }
        assertNotNull(failure, () -> "no error, but " + result);
        assertEquals(wanted.get("kind"), Comparison.kind(failure));
        assertStarts(wanted, failure.getMessage());
        assertEquals(wanted.get("code"), failure.code());
    }
}
