package dev.inferencekey;

import static dev.inferencekey.Fixtures.completion;
import static dev.inferencekey.Fixtures.delta;
import static dev.inferencekey.Fixtures.endless;
import static dev.inferencekey.Fixtures.happens;
import static dev.inferencekey.Fixtures.silent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AsyncTest extends ServerTest {
    /** The reason of a future that fails. */
    private static Throwable reason(CompletableFuture<?> future) {
        return assertThrows(ExecutionException.class, () -> future.get(10, TimeUnit.SECONDS)).getCause();
    }

    private static long loops() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("inferencekey-loop"))
                .count();
    }

    @Test
    void callsRunSideBySideOnOneThread() throws Exception {
        CyclicBarrier barrier = new CyclicBarrier(20);
        server.script = (request, reply) -> {
            barrier.await(10, TimeUnit.SECONDS);
            reply.json(completion((String) request.json().get("seed")));
        };
        long before = loops();
        List<CompletableFuture<TextResult>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String seed = "n" + i;
            calls.add(endpoint.generateTextAsync(t -> t.prompt("Hola").extra("seed", seed)));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals("n" + i, calls.get(i).get(10, TimeUnit.SECONDS).text());
        }
        // The loop of the test before may have been counted, and have ended since.
        assertTrue(loops() <= before + 1);
        data.close();
        assertTrue(Fixtures.becomes(() -> loops() <= before));
    }

    @Test
    void aFutureMayWaitForAnotherInItsCallback() throws Exception {
        server.script = (request, reply) -> reply.json(completion("x"));
        String both = endpoint.generateTextAsync(t -> t.prompt("a"))
                .thenApply(first -> first.text() + endpoint.generateTextAsync(t -> t.prompt("b")).join().text())
                .get(10, TimeUnit.SECONDS);
        assertEquals("xx", both);
    }

    @Test
    void cancellingAFutureClosesTheRequest() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        server.script = silent(arrived, closed);
        CompletableFuture<TextResult> future = endpoint.generateTextAsync(t -> t.prompt("Hola"));
        assertTrue(happens(arrived));
        assertTrue(future.cancel(true));
        assertTrue(happens(closed));
        assertThrows(CancellationException.class, future::join);
    }

    @Test
    void aFutureThatTimesOutClosesTheRequest() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        server.script = silent(arrived, closed);
        var call = endpoint.generateTextAsync(t -> t.prompt("Hola"));
        assertTrue(happens(arrived));
        var future = call.orTimeout(200, TimeUnit.MILLISECONDS);
        assertInstanceOf(java.util.concurrent.TimeoutException.class, reason(future));
        assertTrue(happens(closed));
    }

    @Test
    void closingTheClientCancelsWhatIsAsynchronous() throws Exception {
        CountDownLatch arrived = new CountDownLatch(2);
        CountDownLatch closed = new CountDownLatch(2);
        server.script = (request, reply) -> {
            if (request.isStream()) {
                reply.openEvents();
            }
            silent(arrived, closed).answer(request, reply);
        };
        var call = endpoint.generateTextAsync(t -> t.prompt("Hola"));
        Collector collector = new Collector(Long.MAX_VALUE);
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS).subscribe(collector);
        assertTrue(happens(arrived));
        data.close();
        assertInstanceOf(CancelledException.class, reason(call));
        assertInstanceOf(CancelledException.class, reason(collector.end));
        assertTrue(happens(closed));
        assertInstanceOf(ConfigurationException.class, reason(endpoint.generateTextAsync(t -> t.prompt("Hola"))));
        assertThrows(ConfigurationException.class, () -> endpoint.generateText(t -> t.prompt("Hola")));
    }

    @Test
    void errorsAreTheSame() {
        server.script = (request, reply) ->
                reply.json(Map.of("error", "rate_limited", "message", "slow"), 429, "retry-after: 2");
        var refused = assertInstanceOf(
                RateLimitException.class, reason(endpoint.generateTextStreamAsync(t -> t.prompt("Hola"))));
        assertEquals(Duration.ofSeconds(2), refused.retryAfter());
        assertInstanceOf(RateLimitException.class, reason(endpoint.embedAsync("a")));
        assertInstanceOf(ValidationException.class, reason(endpoint.generateTextAsync(t -> t.prompt(" "))));
        assertInstanceOf(
                ValidationException.class,
                reason(endpoint.generateTextAsync(t -> t.prompt("a").extra("b", new Object()))));
    }

    @Test
    void aDeadlinePassesWhileTheLoopIsIdle() {
        server.script = (request, reply) -> reply.waitClosed();
        Endpoint impatient = endpoint.withOptions(o -> o.requestTimeout(Duration.ofMillis(200)));
        assertInstanceOf(TimeoutException.class, reason(impatient.generateTextAsync(t -> t.prompt("Hola"))));
    }

    @Test
    void aSubscriberGetsWhatItAsksFor() throws Exception {
        server.script = (request, reply) -> {
            reply.openEvents();
            for (String text : List.of("a", "b", "c")) {
                reply.event(delta(text));
            }
            reply.event(delta("", "stop"));
            reply.done();
        };
        Collector collector = new Collector(2);
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS).subscribe(collector);
        assertTrue(Fixtures.becomes(() -> collector.texts.size() == 2));
        collector.subscription.request(1);
        assertTrue(Fixtures.becomes(() -> collector.texts.size() == 3));
        collector.subscription.request(Long.MAX_VALUE);
        collector.end.get(10, TimeUnit.SECONDS);
        assertEquals(List.of("a", "b", "c", ""), collector.texts);
    }

    @Test
    void cancellingASubscriptionClosesTheRequest() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        server.script = endless(closed);
        Collector collector = new Collector(1);
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS).subscribe(collector);
        assertTrue(Fixtures.becomes(() -> collector.texts.size() == 1));
        collector.subscription.cancel();
        assertTrue(happens(closed));
        collector.subscription.request(5);
        assertEquals(List.of("x"), collector.texts);
    }

    @Test
    void aPublisherThatNobodyReadsClosesTheRequest() throws Exception {
        CountDownLatch closed = new CountDownLatch(2);
        server.script = endless(closed);
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS).close();
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS);
        assertTrue(Fixtures.becomes(() -> {
            System.gc();
            return closed.getCount() == 0;
        }));
    }

    @Test
    void cancellingTheOpeningClosesTheRequest() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        server.script = silent(arrived, closed);
        var future = endpoint.generateTextStreamAsync(t -> t.prompt("Hola"));
        assertTrue(happens(arrived));
        future.cancel(true);
        assertTrue(happens(closed));
    }

    @Test
    void aSecondSubscriberAndABadDemandAreRefused() throws Exception {
        server.script = endless(new CountDownLatch(1));
        TextPublisher publisher = endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS);
        Collector first = new Collector(1);
        publisher.subscribe(first);
        Collector second = new Collector(1);
        publisher.subscribe(second);
        assertInstanceOf(ValidationException.class, reason(second.end));
        assertTrue(Fixtures.becomes(() -> first.texts.size() == 1));
        first.subscription.request(0);
        assertInstanceOf(IllegalArgumentException.class, reason(first.end));
    }

    @Test
    void aStreamThatIsCutOffIsAnError() throws Exception {
        server.script = (request, reply) -> {
            reply.openEvents();
            reply.event(delta("x"));
            reply.end();
        };
        Collector collector = new Collector(Long.MAX_VALUE);
        endpoint.generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS).subscribe(collector);
        assertInstanceOf(NetworkException.class, reason(collector.end));
        assertEquals(List.of("x"), collector.texts);
    }

    @Test
    void anExecutorOfTheCaller() throws Exception {
        server.script = (request, reply) -> reply.json(completion("x"));
        ExecutorService executor = Executors.newSingleThreadExecutor(work -> new Thread(work, "mine"));
        try (DataClient own = DataClient.create(
                o -> o.baseUrl(server.url).project("acme").apiKey(Fixtures.KEY).executor(executor))) {
            CompletableFuture<Thread> where = new CompletableFuture<>();
            CountDownLatch proceed = new CountDownLatch(1);
            server.script = (request, reply) -> {
                happens(proceed);
                reply.json(completion("x"));
            };
            own.endpoint("bot").generateTextAsync(t -> t.prompt("a"))
                    .thenRun(() -> where.complete(Thread.currentThread()));
            proceed.countDown();
            assertEquals("mine", where.get(10, TimeUnit.SECONDS).getName());
        } finally {
            executor.shutdown();
        }
    }

    /** An executor of the user may throw whatever it likes: that ends the request it was given, and no other. */
    @Test
    void anExecutorThatFailsEndsItsRequestAlone() throws Exception {
        server.script = (request, reply) -> reply.json(completion("x"));
        AtomicReference<Error> broken = new AtomicReference<>(new Error("no thread for this one"));
        Executor executor = work -> {
            Error once = broken.getAndSet(null);
            if (once != null) {
                throw once;
            }
            new Thread(work).start();
        };
        try (DataClient own = DataClient.create(
                o -> o.baseUrl(server.url).project("acme").apiKey(Fixtures.KEY).executor(executor))) {
            Throwable reason = reason(own.endpoint("bot").generateTextAsync(t -> t.prompt("a")));
            assertInstanceOf(ConfigurationException.class, reason);
            assertEquals("no thread for this one", reason.getCause().getMessage());
            assertEquals(
                    "x",
                    own.endpoint("bot").generateTextAsync(t -> t.prompt("a")).get(10, TimeUnit.SECONDS).text());
        }
    }

    @Test
    void aSubscriberThatThrowsToTheEndHarmsNobodyElse() throws Exception {
        server.script = endless(new CountDownLatch(1));
        CompletableFuture<Throwable> uncaught = new CompletableFuture<>();
        Executor direct = work -> {
            Thread.currentThread().setUncaughtExceptionHandler((thread, reason) -> uncaught.complete(reason));
            work.run();
        };
        try (DataClient own = DataClient.create(
                o -> o.baseUrl(server.url).project("acme").apiKey(Fixtures.KEY).executor(direct))) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            TextPublisher publisher =
                    own.endpoint("bot").generateTextStreamAsync(t -> t.prompt("Hola")).get(10, TimeUnit.SECONDS);
            publisher.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(TextChunk chunk) {
                    throw new IllegalStateException("no");
                }

                @Override
                public void onError(Throwable reason) {
                    thrown.complete(reason);
                    throw new IllegalStateException("never");
                }

                @Override
                public void onComplete() {}
            });
            assertEquals("no", thrown.get(10, TimeUnit.SECONDS).getMessage());
            assertEquals("never", uncaught.get(10, TimeUnit.SECONDS).getMessage());
            server.script = (request, reply) -> reply.json(completion("x"));
            assertEquals(
                    "x",
                    own.endpoint("bot").generateTextAsync(t -> t.prompt("a")).get(10, TimeUnit.SECONDS).text());
        }
    }

    @Test
    void theControlPlane() throws Exception {
        server.script = (request, reply) -> {
            if (request.target().endsWith("/readiness-events")) {
                reply.openEvents();
                reply.event(Map.of("phase", "scheduling", "message", "placing", "elapsed_ms", 1));
                reply.event(Map.of("phase", "ready", "message", "serving", "elapsed_ms", 5));
                reply.end();
            } else if (request.method().equals("GET")) {
                reply.json(List.of());
            } else {
                reply.json(Fixtures.workload(), 201);
            }
        };
        EndpointRef ref = management.ensureAsync(ManagementTest.SPEC).get(10, TimeUnit.SECONDS);
        assertEquals("bot", ref.workloadSlug());
        List<String> seen = new ArrayList<>();
        ReadinessEvent event = management
                .waitUntilReadyAsync("bot", o -> o.onProgress(one -> seen.add(one.phase())))
                .get(10, TimeUnit.SECONDS);
        assertEquals("ready", event.phase());
        assertEquals(List.of("scheduling", "ready"), seen);
        assertEquals(false, management.deleteAsync("bot").get(10, TimeUnit.SECONDS));
        RuntimeException enough = new IllegalStateException("enough");
        assertSame(enough, reason(management.waitUntilReadyAsync("bot", o -> o.onProgress(one -> {
            throw enough;
        }))));
    }
}
