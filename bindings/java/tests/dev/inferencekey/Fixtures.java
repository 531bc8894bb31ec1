package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** What the tests of this package share. */
final class Fixtures {
    static final String SECRET = "0123456789abcdef".repeat(4);
    static final String TOKEN = "ik_sdk_a1b2c3d4_" + SECRET;
    static final String KEY = "ik_live_0badcafe_" + SECRET;

    private Fixtures() {}

    static DataClient data(LoopbackServer server) {
        return DataClient.create(o -> o.baseUrl(server.url).project("acme").apiKey(KEY).maxRetries(0));
    }

    static ManagementClient management(LoopbackServer server) {
        return ManagementClient.create(o -> o.baseUrl(server.url).project("acme").sdkToken(TOKEN).maxRetries(0));
    }

    static Map<String, Object> completion(String text) {
        return Json.of(
                "id", "c-1",
                "object", "chat.completion",
                "model", "m",
                "choices", List.of(Json.of(
                        "index", 0L,
                        "message", Json.of("role", "assistant", "content", text),
                        "finish_reason", "stop")),
                "usage", Json.of("prompt_tokens", 3L, "completion_tokens", 2L, "total_tokens", 5L));
    }

    static Map<String, Object> delta(String text, String finish) {
        Map<String, Object> choice = Json.of("index", 0L, "delta", Json.of("content", text), "finish_reason", finish);
        return Json.of("choices", List.of(choice));
    }

    static Map<String, Object> delta(String text) {
        return delta(text, null);
    }

    static Map<String, Object> workload(Object... more) {
        Map<String, Object> made = Json.of(
                "id", "wl_1", "name", "Bot", "slug", "bot", "project_id", "prj_1", "project_slug", "acme",
                "workload_slug", "bot", "task_type", "text2text", "backend", "vllm", "model_name", "m",
                "execution_policy", "fixed", "revision", 1L, "status", "ready", "replacement", "rolling",
                "created_at", "2026-11-24T08:00:00Z", "updated_at", "2026-11-24T08:00:00Z");
        for (String absent : List.of("description", "config", "worker_id", "gpu_resource_id", "execution_policy_config",
                "status_reason")) {
            made.put(absent, null);
        }
        made.putAll(Json.of(more));
        return made;
    }

    /** Sends three pieces and waits; counts down when the other side has closed the connection. */
    static LoopbackServer.Script endless(CountDownLatch closed) {
        return (request, reply) -> {
            try {
                reply.openEvents();
                for (int i = 0; i < 3; i++) {
                    reply.event(delta("x"));
                }
            } catch (IOException left) {
                closed.countDown();
                throw left;
            }
            if (reply.waitClosed()) {
                closed.countDown();
            }
        };
    }

    /** Answers nothing; counts down when a request is there, and when its connection is closed. */
    static LoopbackServer.Script silent(CountDownLatch arrived, CountDownLatch closed) {
        return (request, reply) -> {
            arrived.countDown();
            if (reply.waitClosed()) {
                closed.countDown();
            }
        };
    }

    static boolean happens(CountDownLatch latch) throws InterruptedException {
        return latch.await(10, TimeUnit.SECONDS);
    }

    /** Whether it becomes true within 10 s. */
    static boolean becomes(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return true;
    }
}
