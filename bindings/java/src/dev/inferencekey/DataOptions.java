package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;
import java.util.concurrent.Executor;

/** The settings of a {@link DataClient}. A blank value counts as none. */
public final class DataOptions extends CallOptions<DataOptions> {
    private String baseUrl;
    private String project;
    private String apiKey;
    Executor executor;

    /** Nothing is set. */
    DataOptions() {}

    /**
     * Where the platform is; {@code http://127.0.0.1:8080} unless set.
     *
     * @param url with {@code http} or {@code https}
     * @return these options
     */
    public DataOptions baseUrl(String url) {
        baseUrl = url;
        return this;
    }

    /**
     * The project of the workloads.
     *
     * @param slug of the project
     * @return these options
     */
    public DataOptions project(String slug) {
        project = slug;
        return this;
    }

    /**
     * The data key of endpoints that have none of their own.
     *
     * @param key {@code ik_live_…}
     * @return these options
     */
    public DataOptions apiKey(String key) {
        apiKey = key;
        return this;
    }

    /**
     * What completes futures and calls subscribers; {@code ForkJoinPool.commonPool()} unless set.
     *
     * @param executor of the caller, which stays theirs
     * @return these options
     */
    public DataOptions executor(Executor executor) {
        this.executor = executor;
        return this;
    }

    Map<String, Object> settings() {
        Map<String, Object> settings = Json.of("base_url", baseUrl, "project", project, "api_key", apiKey);
        settings.putAll(wire());
        return settings;
    }

    @Override
    DataOptions self() {
        return this;
    }
}
