import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.management.OperatingSystemMXBean;
import dev.inferencekey.DataClient;
import dev.inferencekey.Endpoint;
import dev.inferencekey.TextChunk;
import dev.inferencekey.TextStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One client doing one thing, in a process of its own. Prints JSON, as client.py does.
 * Usage: Client inferencekey|java.net.http import|calls|streams|threads URL COUNT
 */
final class Client {
    private static final String KEY = "ik_live_0badcafe_" + "0123456789abcdef".repeat(4);
    /** So many units of work before the clock starts: the compiler has seen them. */
    private static final int WARM_UP_CALLS = 1000;

    private static final int WARM_UP_STREAMS = 20;

    /** What is measured: one chat call, and the events of one stream. */
    interface Caller {
        String call() throws Exception;

        int stream() throws Exception;
    }

    public static void main(String[] words) throws Exception {
        String url = words[2];
        int count = Integer.parseInt(words[3]);
        long bare = resident();
        long began = System.nanoTime();
        boolean isOurs = words[0].equals("inferencekey");
        Class.forName(isOurs ? "dev.inferencekey.DataClient" : "java.net.http.HttpClient");
        double imported = (System.nanoTime() - began) / 1e6;
        Caller caller = isOurs ? ours(url) : theirs(url);
        double ready = (System.nanoTime() - began) / 1e6;
        String head = String.format(Locale.ROOT, "{\"import_ms\": %f, \"ready_ms\": %f", imported, ready);
        String found =
                switch (words[1]) {
                    case "import" -> ", \"rss_kb\": " + (resident() - bare);
                    case "threads" -> threads(caller, count);
                    case "calls" -> units(count, WARM_UP_CALLS, () -> caller.call().isEmpty() ? 0 : 1);
                    default -> units(count, WARM_UP_STREAMS, caller::stream);
                };
        System.out.println(head + found + "}");
        System.exit(0);
    }

    private static Caller ours(String url) {
        Endpoint endpoint =
                DataClient.create(o -> o.baseUrl(url).project("acme").apiKey(KEY).maxRetries(0)).endpoint("bot");
        return new Caller() {
            @Override
            public String call() {
                return endpoint.generateText(t -> t.prompt("Hola").maxTokens(300)).text();
            }

            @Override
            public int stream() {
                int events = 0;
                try (TextStream stream = endpoint.generateTextStream(t -> t.prompt("Hola"))) {
                    for (TextChunk chunk : stream) {
                        events++;
                    }
                }
                return events;
            }
        };
    }

    /** With what every Java has, and the usual reader of JSON. */
    private static Caller theirs(String url) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        URI address = URI.create(url + "/endpoint/acme/bot/v1/chat/completions");
        return new Caller() {
            private HttpRequest request(boolean isStream) {
                JsonObject message = new JsonObject();
                message.addProperty("role", "user");
                message.addProperty("content", "Hola");
                JsonArray messages = new JsonArray();
                messages.add(message);
                JsonObject body = new JsonObject();
                body.addProperty("model", "bot");
                body.add("messages", messages);
                if (isStream) {
                    body.addProperty("stream", true);
                } else {
                    body.addProperty("max_tokens", 300);
                }
                return HttpRequest.newBuilder(address)
                        .header("content-type", "application/json")
                        .header("authorization", "Bearer " + KEY)
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build();
            }

            private JsonObject choice(String text) {
                JsonArray choices = JsonParser.parseString(text).getAsJsonObject().getAsJsonArray("choices");
                return choices.get(0).getAsJsonObject();
            }

            @Override
            public String call() throws Exception {
                String answer = client.send(request(false), HttpResponse.BodyHandlers.ofString()).body();
                return choice(answer).getAsJsonObject("message").get("content").getAsString();
            }

            @Override
            public int stream() throws Exception {
                int events = 0;
                try (Stream<String> lines = client.send(request(true), HttpResponse.BodyHandlers.ofLines()).body()) {
                    for (String line : (Iterable<String>) lines::iterator) {
                        if (line.startsWith("data: ")
                                && !line.equals("data: [DONE]")
                                && choice(line.substring(6)).has("delta")) {
                            events++;
                        }
                    }
                }
                return events;
            }
        };
    }

    interface Work {
        int units() throws Exception;
    }

    private static String units(int count, int warmUp, Work work) throws Exception {
        for (int i = 0; i < warmUp; i++) {
            work.units();
        }
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long wall = System.nanoTime();
        long units = 0;
        for (int i = 0; i < count; i++) {
            units += work.units();
        }
        return String.format(
                Locale.ROOT,
                ", \"cpu_us\": %f, \"wall_us\": %f",
                (system.getProcessCpuTime() - cpu) / 1e3 / units,
                (System.nanoTime() - wall) / 1e3 / units);
    }

    private static String threads(Caller caller, int count) throws Exception {
        for (int i = 0; i < WARM_UP_CALLS; i++) {
            caller.call();
        }
        List<Thread> threads = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < 16; i++) {
            Thread thread = new Thread(() -> {
                try {
                    for (int turn = 0; turn < count / 16; turn++) {
                        caller.call();
                    }
                } catch (Exception reason) {
                    throw new IllegalStateException(reason);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        return String.format(Locale.ROOT, ", \"per_second\": %f", count / 16 * 16 / seconds);
    }

    /** Of this process, in kB. */
    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException("no VmRSS");
    }
}
