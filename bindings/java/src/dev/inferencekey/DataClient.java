package dev.inferencekey;

import dev.inferencekey.internal.Json;
import dev.inferencekey.internal.NativeClient;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Calls workloads. Has no provisioning method: workloads are declared with a {@link ManagementClient}.
 *
 * <p>Safe to use from many threads; its endpoints share one pool of connections.
 */
public final class DataClient implements AutoCloseable {
    private final NativeClient client;

    private DataClient(NativeClient client) {
        this.client = client;
    }

    /**
     * Makes a client. Nothing is taken from the environment, and nothing is sent.
     *
     * @param configure sets its options
     * @return the client
     * @throws ConfigurationException when a setting is missing or malformed
     */
    public static DataClient create(Consumer<DataOptions> configure) {
        return make(configure, null);
    }

    /**
     * Makes a client of {@code INFERENCEKEY_API_KEY}, {@code INFERENCEKEY_PROJECT} and {@code INFERENCEKEY_BASE_URL}.
     *
     * @return the client
     * @throws ConfigurationException when a setting is missing or malformed
     */
    public static DataClient fromEnv() {
        return fromEnv(options -> {});
    }

    /**
     * Makes a client; what is not set is taken from {@code INFERENCEKEY_API_KEY}, {@code INFERENCEKEY_PROJECT} and
     * {@code INFERENCEKEY_BASE_URL}.
     *
     * @param configure sets its options
     * @return the client
     * @throws ConfigurationException when a setting is missing or malformed
     */
    public static DataClient fromEnv(Consumer<DataOptions> configure) {
        return make(configure, NativeClient.environment());
    }

    static DataClient make(Consumer<DataOptions> configure, Map<String, String> environment) {
        DataOptions options = new DataOptions();
        configure.accept(options);
        Map<String, Object> settings = options.settings();
        if (environment != null) {
            settings.put("environment", environment);
        }
        return new DataClient(new NativeClient("data", settings, options.executor));
    }

    /**
     * The endpoint of one workload, with the client's key. Nothing is sent.
     *
     * @param slug of the workload
     * @return the endpoint
     * @throws ConfigurationException when there is no project or no key
     */
    public Endpoint endpoint(String slug) {
        return endpoint(slug, options -> {});
    }

    /**
     * The endpoint of one workload. Nothing is sent.
     *
     * @param slug of the workload
     * @param configure sets its own key and options
     * @return the endpoint
     * @throws ConfigurationException when there is no project or no key
     */
    public Endpoint endpoint(String slug, Consumer<EndpointOptions> configure) {
        EndpointOptions options = new EndpointOptions();
        configure.accept(options);
        Map<String, Object> own = Json.of("slug", slug);
        own.putAll(options.wire());
        return new Endpoint(client, own);
    }

    /**
     * Ends every request of the client and of its endpoints, and closes their connections. What was waited for, or
     * is read of a stream, fails with a {@link CancelledException}, what is called afterwards with a
     * {@link ConfigurationException}. From any thread, also more than once.
     */
    @Override
    public void close() {
        client.close();
    }
}
