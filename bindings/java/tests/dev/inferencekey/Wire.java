package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.time.Duration;
import java.util.Map;

/** One case of {@code requests.json}: its client, and its operation by the classes' own methods. */
final class Wire implements AutoCloseable {
    private final String operation;
    private final Map<String, Object> given;
    private final boolean isLater;
    private final ManagementClient management;
    private final DataClient data;

    Wire(Map<String, Object> one, String url, boolean isLater) {
        this.isLater = isLater;
        operation = Json.text(one, "operation");
        given = Json.object(one, "arguments");
        Map<String, Object> settings = Json.object(one, "client");
        boolean isControl = one.get("plane").equals("control");
        management = !isControl ? null : ManagementClient.create(o -> options(o, settings)
                .baseUrl(url).project(Json.text(settings, "project")).sdkToken(Json.text(settings, "sdk_token")));
        data = isControl ? null : DataClient.create(o -> options(o, settings)
                .baseUrl(url).project(Json.text(settings, "project")).apiKey(Json.text(settings, "api_key")));
    }

    private static <O extends CallOptions<O>> O options(O options, Map<String, Object> members) {
        Map<String, Object> given = Json.object(members, "options");
        if (given == null) {
            return options;
        }
        given.forEach((name, value) -> {
            long number = ((Number) value).longValue();
            switch (name) {
                case "max_retries" -> options.maxRetries((int) number);
                case "connect_timeout_ms" -> options.connectTimeout(Duration.ofMillis(number));
                case "request_timeout_ms" -> options.requestTimeout(Duration.ofMillis(number));
                case "stream_idle_timeout_ms" -> options.streamIdleTimeout(Duration.ofMillis(number));
                default -> throw new AssertionError("unknown option " + name);
            }
        });
        return options;
    }

    @Override
    public void close() {
        if (management != null) {
            management.close();
        } else {
            data.close();
        }
    }

    Object perform() {
        if (management != null) {
            return new WireControl(management, given, isLater).perform(operation);
        }
        Endpoint endpoint =
                data.endpoint(Json.text(given, "slug"), o -> options(o, given).apiKey(Json.text(given, "api_key")));
        return new WireData(endpoint, given, isLater).perform(operation);
    }
}
