package dev.inferencekey;

import static dev.inferencekey.Fixtures.completion;
import static dev.inferencekey.Fixtures.delta;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadsTest extends ServerTest {
    private static final int THREADS = 64;
    private static final int TURNS = Integer.getInteger("ik.turns", 1000);

    private static String said(LoopbackServer.Request request) {
        Object message = ((List<?>) request.json().get("messages")).get(0);
        return (String) ((Map<?, ?>) message).get("content");
    }

    @Test
    void manyThreadsOnOneClient() throws Exception {
        server.script = (request, reply) -> reply.json(completion(said(request)));
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < THREADS; number++) {
            String name = "t" + number;
            Thread thread = new Thread(() -> {
                for (int turn = 0; turn < TURNS; turn++) {
                    String text = name + "-" + turn;
                    if (!endpoint.generateText(t -> t.prompt(text)).text().equals(text)) {
                        wrong.add(text);
                    }
                }
            });
            thread.setUncaughtExceptionHandler((where, reason) -> wrong.add(reason.toString()));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join(300_000);
        }
        assertEquals(List.of(), wrong);
        assertTrue(server.accepted.get() <= THREADS, "connections: " + server.accepted);
    }

    @Test
    void manyStreamsAtOnce() throws Exception {
        CountDownLatch everybody = new CountDownLatch(1000);
        server.script = (request, reply) -> {
            reply.openEvents();
            everybody.countDown();
            everybody.await(60, TimeUnit.SECONDS);
            for (int i = 0; i < 5; i++) {
                reply.event(delta(Integer.toString(i)));
            }
            reply.event(delta("", "stop"));
            reply.done();
        };
        List<Collector> collectors = new ArrayList<>();
        List<CompletableFuture<TextPublisher>> streams = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Collector collector = new Collector(i % 2 == 0 ? 100 : Long.MAX_VALUE);
            collectors.add(collector);
            streams.add(endpoint.generateTextStreamAsync(t -> t.prompt("Hola")));
            streams.get(i).thenAccept(stream -> stream.subscribe(collector));
        }
        for (int i = 0; i < 1000; i++) {
            streams.get(i).get(60, TimeUnit.SECONDS);
            collectors.get(i).end.get(60, TimeUnit.SECONDS);
            assertEquals(List.of("0", "1", "2", "3", "4", ""), collectors.get(i).texts);
        }
    }

    @Test
    void manyCallsAndCancellationsFromManyThreads() throws Exception {
        server.script = (request, reply) -> reply.json(completion(said(request)));
        List<String> wrong = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int number = 0; number < 8; number++) {
            String name = "t" + number;
            Thread thread = new Thread(() -> {
                for (int turn = 0; turn < 100; turn++) {
                    String text = name + "-" + turn;
                    var future = endpoint.generateTextAsync(t -> t.prompt(text));
                    if (turn % 3 == 0) {
                        future.cancel(true);
                    } else if (!future.orTimeout(60, TimeUnit.SECONDS).join().text().equals(text)) {
                        wrong.add(text);
                    }
                }
            });
            thread.setUncaughtExceptionHandler((where, reason) -> wrong.add(reason.toString()));
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join(120_000);
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void clientsComeAndGo() throws Exception {
        server.script = (request, reply) -> reply.json(completion("x"));
        int before = descriptors();
        for (int i = 0; i < 50; i++) {
            try (DataClient client = Fixtures.data(server)) {
                assertEquals("x", client.endpoint("bot").generateText(t -> t.prompt("a")).text());
                assertEquals("x", client.endpoint("bot").generateTextAsync(t -> t.prompt("a")).get().text());
            }
        }
        // The server's side of what is closed ends a little later, in its threads.
        assertTrue(Fixtures.becomes(() -> descriptors() <= before + 10), "descriptors: " + descriptors());
    }

    private static int descriptors() {
        return new java.io.File("/proc/self/fd").list().length;
    }
}
