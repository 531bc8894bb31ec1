package dev.inferencekey;

import static dev.inferencekey.Fixtures.delta;
import static dev.inferencekey.Fixtures.happens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Closing a client ends what it does and refuses what comes. */
class ClosingTest extends ServerTest {
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(2);

    /** Answers a call with nothing, and a stream with two pieces at once that are not the last. */
    @BeforeEach
    void neverComplete() {
        server.script = (request, reply) -> {
            if (request.json().containsKey("stream")) {
                reply.openEvents();
                reply.event(delta("a"));
                reply.event(delta("b"));
            } else {
                arrived.countDown();
            }
            if (reply.waitClosed()) {
                closed.countDown();
            }
        };
    }

    private static void endsWith(Throwable reason) {
        assertInstanceOf(CancelledException.class, reason);
        assertEquals("cancelled: the client was closed", reason.getMessage());
    }

    private static void isRefused(Executable call) {
        ConfigurationException error = assertThrows(ConfigurationException.class, call);
        assertTrue(error.getMessage().contains("closed"), error.getMessage());
    }

    @Test
    void whatAThreadWaitsForAndStreams() throws Exception {
        Iterator<TextChunk> stream = endpoint.generateTextStream(t -> t.prompt("Hola")).iterator();
        assertEquals("a", stream.next().text());
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        new Thread(() -> {
            try {
                end.complete(new AssertionError(endpoint.generateText(t -> t.prompt("Hola"))));
            } catch (InferenceKeyException reason) {
                end.complete(reason);
            }
        }).start();
        assertTrue(happens(arrived));
        data.close();
        data.close();
        endsWith(end.get(10, TimeUnit.SECONDS));
        endsWith(assertThrows(CancelledException.class, stream::hasNext));
        isRefused(() -> endpoint.generateText(t -> t.prompt("Hola")));
        isRefused(() -> endpoint.generateTextStream(t -> t.prompt("Hola")));
        isRefused(() -> endpoint.withOptions(o -> o.maxRetries(1)));
        isRefused(() -> data.endpoint("bot"));
        assertTrue(happens(closed));
    }

    @Test
    void futuresAndPublishers() throws Exception {
        Collector reader = new Collector(1);
        Collector late = new Collector(1);
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS).subscribe(reader);
        TextPublisher unread = endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS);
        CompletableFuture<TextResult> call = endpoint.generateTextAsync(t -> t.prompt("Hola"));
        assertTrue(happens(arrived));
        assertTrue(Fixtures.becomes(() -> reader.texts.equals(List.of("a"))));
        data.close();
        unread.subscribe(late);
        for (CompletableFuture<?> future : List.of(call, reader.end, late.end)) {
            endsWith(assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS)).getCause());
        }
        assertEquals(List.of("a"), reader.texts);
        for (CompletableFuture<?> later : List.of(
                endpoint.generateTextAsync(t -> t.prompt("Hola")),
                endpoint.generateTextStreamAsync(t -> t.prompt("Hola")))) {
            isRefused(() -> {
                throw assertThrows(ExecutionException.class, () -> later.get(10, TimeUnit.SECONDS)).getCause();
            });
        }
        assertTrue(happens(closed));
    }

    @Test
    void aManagementClientAndThoseMadeOfIt() {
        ManagementClient other = management.withOptions(o -> o.maxRetries(1));
        other.close();
        isRefused(() -> management.get("bot"));
        isRefused(() -> other.list());
    }
}
