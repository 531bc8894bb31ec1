package dev.inferencekey;

import static dev.inferencekey.Fixtures.delta;
import static dev.inferencekey.Fixtures.endless;
import static dev.inferencekey.Fixtures.happens;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class StreamTest extends ServerTest {
    @Test
    void aStreamBringsThePiecesAsTheyCome() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        server.script = (request, reply) -> {
            reply.openEvents();
            reply.event(delta("Hel"));
            happens(proceed);
            reply.event(delta("lo", "stop"));
            reply.done();
        };
        try (TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"))) {
            Iterator<TextChunk> pieces = stream.iterator();
            assertEquals(new TextChunk("Hel", null, null, delta("Hel")), pieces.next());
            proceed.countDown();
            assertEquals("lo", pieces.next().text());
            assertFalse(pieces.hasNext());
            assertThrows(java.util.NoSuchElementException.class, pieces::next);
        }
        assertEquals(true, server.requests.get(0).json().get("stream"));
    }

    @Test
    void aStreamOfTheLibrary() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server.script = endless(closed);
        try (var pieces = endpoint.generateTextStream(t -> t.prompt("Hola")).stream()) {
            assertEquals("xx", pieces.limit(2).map(TextChunk::text).reduce("", String::concat));
        }
        assertTrue(happens(closed));
    }

    @Test
    void aRefusalIsThrownWhenTheStreamIsOpened() {
        server.script = (request, reply) ->
                reply.json(java.util.Map.of("error", "invalid_credentials", "message", "no"), 401);
        AuthException error =
                assertThrows(AuthException.class, () -> endpoint.generateTextStream(t -> t.prompt("Hola")));
        assertTrue(error.getMessage().startsWith("authentication failed: no"));
    }

    @Test
    void leavingTheBlockClosesTheRequestAtOnce() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server.script = endless(closed);
        try (TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"))) {
            for (TextChunk chunk : stream) {
                assertEquals("x", chunk.text());
                break;
            }
        }
        assertTrue(happens(closed));
    }

    @Test
    void whatIsThrownInAForEachClosesTheRequest() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server.script = endless(closed);
        TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"));
        assertThrows(IllegalStateException.class, () -> stream.forEach(chunk -> {
            throw new IllegalStateException("enough");
        }));
        assertTrue(happens(closed));
    }

    @Test
    void aStreamThatIsDroppedClosesTheRequest() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server.script = endless(closed);
        openAndDrop();
        assertTrue(Fixtures.becomes(() -> {
            System.gc();
            return closed.getCount() == 0;
        }));
    }

    private void openAndDrop() {
        endpoint.generateTextStream(t -> t.prompt("Hola")).iterator().next();
    }

    @Test
    void aClosedStreamHasNothingMore() {
        server.script = endless(new CountDownLatch(1));
        TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"));
        Iterator<TextChunk> pieces = stream.iterator();
        pieces.next();
        stream.close();
        stream.close();
        assertFalse(pieces.hasNext());
    }

    @Test
    void anotherThreadCanCloseAStreamThatIsWaitedFor() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(3);
        AtomicReference<RuntimeException> ended = new AtomicReference<>();
        server.script = endless(closed);
        TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"));
        Thread reader = new Thread(() -> {
            try {
                stream.iterator().forEachRemaining(chunk -> read.countDown());
            } catch (RuntimeException reason) {
                ended.set(reason);
            }
        });
        reader.start();
        assertTrue(happens(read));
        assertTrue(Fixtures.becomes(() -> reader.getState() == Thread.State.RUNNABLE));
        stream.close();
        reader.join(10_000);
        assertFalse(reader.isAlive());
        assertTrue(happens(closed));
        assertTrue(ended.get() == null || ended.get() instanceof CancelledException, () -> ended.get().toString());
    }

    @Test
    void interruptingTheReaderClosesTheRequest() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        CountDownLatch read = new CountDownLatch(3);
        AtomicReference<RuntimeException> ended = new AtomicReference<>();
        server.script = endless(closed);
        TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"));
        Thread reader = new Thread(() -> {
            try {
                stream.iterator().forEachRemaining(chunk -> read.countDown());
            } catch (RuntimeException reason) {
                ended.set(Thread.currentThread().isInterrupted() ? reason : null);
            }
        });
        reader.start();
        assertTrue(happens(read));
        reader.interrupt();
        reader.join(10_000);
        assertTrue(happens(closed));
        assertEquals(CancelledException.class, ended.get().getClass());
    }

    @Test
    void aSecondReaderAtATimeIsRefusedAndTheFirstReadsOn() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        server.script = (request, reply) -> {
            reply.openEvents();
            reply.event(delta("a"));
            happens(proceed);
            reply.event(delta("b", "stop"));
            reply.done();
        };
        TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"));
        assertEquals("a", stream.iterator().next().text());
        BlockingQueue<Object> ends = new LinkedBlockingQueue<>();
        Runnable read = () -> {
            List<String> texts = new ArrayList<>();
            try {
                stream.iterator().forEachRemaining(chunk -> texts.add(chunk.text()));
                ends.add(texts);
            } catch (InferenceKeyException reason) {
                ends.add(reason);
            }
        };
        new Thread(read).start();
        new Thread(read).start();
        assertInstanceOf(ValidationException.class, ends.poll(10, TimeUnit.SECONDS));
        proceed.countDown();
        assertEquals(List.of("b"), ends.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void aStreamThatIsCutOffIsAnError() {
        server.script = (request, reply) -> {
            reply.openEvents();
            reply.event(delta("x"));
            reply.end();
        };
        List<String> pieces = new ArrayList<>();
        NetworkException error = assertThrows(NetworkException.class, () -> endpoint
                .generateTextStream(t -> t.prompt("Hola"))
                .forEach(chunk -> pieces.add(chunk.text())));
        assertTrue(error.getMessage().contains("ended before it was complete"), error.getMessage());
        assertEquals(List.of("x"), pieces);
    }

    @Test
    void anEmptyStreamIsAnError() {
        server.script = (request, reply) -> {
            reply.openEvents();
            reply.end();
        };
        assertThrows(
                NetworkException.class, () -> endpoint.generateTextStream(t -> t.prompt("Hola")).forEach(chunk -> {}));
    }

    @Test
    void aSilentStreamTimesOut() {
        server.script = endless(new CountDownLatch(1));
        Endpoint impatient = endpoint.withOptions(o -> o.streamIdleTimeout(Duration.ofMillis(200)));
        TimeoutException error = assertThrows(TimeoutException.class, () -> impatient
                .generateTextStream(t -> t.prompt("Hola"))
                .forEach(chunk -> {}));
        assertTrue(error.getMessage().contains("sent nothing"), error.getMessage());
    }
}
