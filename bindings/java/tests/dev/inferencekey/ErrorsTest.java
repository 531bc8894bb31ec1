package dev.inferencekey;

import static dev.inferencekey.Fixtures.KEY;
import static dev.inferencekey.Fixtures.TOKEN;
import static dev.inferencekey.Fixtures.completion;
import static dev.inferencekey.Fixtures.happens;
import static dev.inferencekey.Fixtures.silent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorsTest extends ServerTest {
    static Stream<Arguments> kinds() {
        return Stream.of(
                Arguments.of(400, ValidationException.class),
                Arguments.of(401, AuthException.class),
                Arguments.of(403, PermissionDeniedException.class),
                Arguments.of(404, NotFoundException.class),
                Arguments.of(409, ApiException.class),
                Arguments.of(422, ValidationException.class),
                Arguments.of(429, RateLimitException.class),
                Arguments.of(500, ApiException.class));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void eachRefusalHasItsKind(int status, Class<? extends InferenceKeyException> kind) throws Exception {
        Map<String, Object> body = Map.of("error", Map.of("message", "because", "code", "why", "type", "t"));
        server.script = (request, reply) -> reply.json(body, status, "x-request-id: r-7", "retry-after: 3");
        var error = assertThrows(InferenceKeyException.class, () -> endpoint.generateText(t -> t.prompt("Hola")));
        assertEquals(kind, error.getClass());
        check(error, status);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(error);
        Object copy = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        check((InferenceKeyException) copy, status);
        assertEquals(error.getMessage(), ((Exception) copy).getMessage());
    }

    private static void check(InferenceKeyException error, int status) {
        assertEquals(status, error.status());
        assertEquals("why", error.code());
        assertEquals("r-7", error.requestId());
        assertEquals(Duration.ofSeconds(3), error.retryAfter());
    }

    @Test
    void theFamilies() {
        for (Class<?> kind : new Class<?>[] {
            NotFoundException.class, RateLimitException.class, NetworkException.class
        }) {
            assertEquals(ApiException.class, kind.getSuperclass());
        }
        for (Class<?> kind : new Class<?>[] {
            ConfigurationException.class, ValidationException.class, AuthException.class,
            PermissionDeniedException.class, ApiException.class, TimeoutException.class, CancelledException.class
        }) {
            assertEquals(InferenceKeyException.class, kind.getSuperclass());
        }
    }

    @Test
    void theFieldsThatAreWrong() {
        var error = assertThrows(ValidationException.class, () -> endpoint.generateText(t -> t.prompt(" ")));
        assertEquals(Map.of("prompt", "must not be blank"), error.fields());
    }

    @Test
    void noPlatformThere() {
        try (DataClient client =
                DataClient.create(o -> o.baseUrl("http://127.0.0.1:9").project("acme").apiKey(KEY).maxRetries(0))) {
            Endpoint nowhere = client.endpoint("bot");
            var error = assertThrows(NetworkException.class, () -> nowhere.generateText(t -> t.prompt("Hola")));
            assertTrue(error.getMessage().contains("Is a platform running at http://127.0.0.1:9"), error.getMessage());
        }
    }

    @Test
    void aBaseUrlThatIsNone() {
        var error = assertThrows(
                ConfigurationException.class,
                () -> ManagementClient.create(o -> o.baseUrl("localhost:8080").sdkToken(TOKEN).project("acme")));
        assertTrue(error.getMessage().contains("is no base URL"), error.getMessage());
    }

    @Test
    void theWrongCredentialIsRefusedBeforeAnythingIsSent() {
        try (ManagementClient wrong =
                        ManagementClient.create(o -> o.baseUrl(server.url).sdkToken(KEY).project("acme"));
                DataClient wrongToo = DataClient.create(o -> o.baseUrl(server.url).apiKey(TOKEN).project("acme"))) {
            var error = assertThrows(PermissionDeniedException.class, wrong::list);
            assertEquals("wrong_credential_type", error.code());
            assertFalse(error.getMessage().contains(KEY));
            assertThrows(PermissionDeniedException.class, () -> wrongToo.endpoint("bot"));
            assertEquals(0, server.accepted.get());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>proxy</html>", "{\"choices\": [", "", "[]", "{}"})
    void anAnswerThatIsNone(String body) {
        server.script = (request, reply) -> reply.answer(body.getBytes(StandardCharsets.UTF_8), 200, "text/html");
        var error = assertThrows(ApiException.class, () -> endpoint.generateText(t -> t.prompt("Hola")));
        assertTrue(error.getMessage().startsWith("api error (status 200): "), error.getMessage());
    }

    @Test
    void aServerThatSpeaksNoHttp() {
        server.script = (request, reply) -> {
            reply.send("SSH-2.0-x\r\n".getBytes(StandardCharsets.UTF_8));
            reply.close();
        };
        assertThrows(NetworkException.class, () -> endpoint.generateText(t -> t.prompt("Hola")));
    }

    @Test
    void plainHttpBehindAnHttpsAddress() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getByName("127.0.0.1"))) {
            Thread refuser = new Thread(() -> {
                try (Socket connection = listener.accept()) {
                    byte[] hello = new byte[65536];
                    connection.getInputStream().read(hello);
                    connection.getOutputStream().write("HTTP/1.1 400 X\r\ncontent-length: 0\r\n\r\n".getBytes(
                            StandardCharsets.UTF_8));
                    // Until the other side leaves: closing on unread bytes would take the answer away.
                    while (connection.getInputStream().read(hello) >= 0) {}
                } catch (java.io.IOException gone) {
                    return;
                }
            });
            refuser.start();
            String url = "https://127.0.0.1:" + listener.getLocalPort();
            try (DataClient client = DataClient.create(
                    o -> o.baseUrl(url).project("acme").apiKey(KEY).maxRetries(0))) {
                Endpoint secure = client.endpoint("bot");
                var error = assertThrows(NetworkException.class, () -> secure.generateText(t -> t.prompt("Hola")));
                assertTrue(error.getMessage().contains("TLS"), error.getMessage());
            }
            refuser.join(10_000);
        }
    }

    @Test
    void anAnswerThatTakesTooLong() {
        server.script = (request, reply) -> reply.waitClosed();
        Endpoint impatient = endpoint.withOptions(o -> o.requestTimeout(Duration.ofMillis(200)));
        var error = assertThrows(TimeoutException.class, () -> impatient.generateText(t -> t.prompt("Hola")));
        assertTrue(error.getMessage().startsWith("timed out: no answer within"), error.getMessage());
    }

    @Test
    void aRefusalThatPassesIsRetried() {
        server.script = (request, reply) -> {
            if (server.requests.size() < 3) {
                reply.json(Map.of("error", "rate_limited"), 429, "retry-after-ms: 1");
            } else {
                reply.json(completion("Hola"));
            }
        };
        assertEquals("Hola", endpoint.withOptions(o -> o.maxRetries(2)).generateText(t -> t.prompt("Hola")).text());
        assertEquals(3, server.requests.size());
    }

    @Test
    void interruptingAThreadEndsItsCall() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        server.script = silent(arrived, closed);
        AtomicReference<RuntimeException> ended = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                endpoint.generateText(t -> t.prompt("Hola"));
            } catch (RuntimeException reason) {
                ended.set(Thread.currentThread().isInterrupted() ? reason : null);
            }
        });
        caller.start();
        assertTrue(happens(arrived));
        caller.interrupt();
        caller.join(10_000);
        assertTrue(happens(closed));
        assertEquals(CancelledException.class, ended.get().getClass());
    }

    @Test
    void aThreadThatIsInterruptedAlreadyDoesNotWait() {
        server.script = (request, reply) -> reply.waitClosed();
        Thread.currentThread().interrupt();
        try {
            assertThrows(CancelledException.class, () -> endpoint.generateText(t -> t.prompt("Hola")));
        } finally {
            assertTrue(Thread.interrupted());
        }
    }
}
