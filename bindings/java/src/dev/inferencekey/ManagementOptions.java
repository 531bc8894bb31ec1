package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The settings of a {@link ManagementClient}. A blank value counts as none. */
public final class ManagementOptions extends CallOptions<ManagementOptions> {
    private String baseUrl;
    private String project;
    private String sdkToken;
    Executor executor;
    Consumer<String> onWarning = ManagementOptions::log;

    /** Nothing is set. */
    ManagementOptions() {}

    /**
     * Where the platform is; {@code http://127.0.0.1:8080} unless set.
     *
     * @param url with {@code http} or {@code https}
     * @return these options
     */
    public ManagementOptions baseUrl(String url) {
        baseUrl = url;
        return this;
    }

    /**
     * The project of what names no other.
     *
     * @param slug of the project
     * @return these options
     */
    public ManagementOptions project(String slug) {
        project = slug;
        return this;
    }

    /**
     * The control token.
     *
     * @param token {@code ik_sdk_…}
     * @return these options
     */
    public ManagementOptions sdkToken(String token) {
        sdkToken = token;
        return this;
    }

    /**
     * What completes futures and calls {@code onProgress}; {@code ForkJoinPool.commonPool()} unless set.
     *
     * @param executor of the caller, which stays theirs
     * @return these options
     */
    public ManagementOptions executor(Executor executor) {
        this.executor = executor;
        return this;
    }

    /**
     * Who hears of drift under {@link OnDrift#WARN}; unless set, it is logged with {@link System.Logger} as a warning
     * of
     * {@code dev.inferencekey}.
     *
     * @param consumer of the text
     * @return these options
     */
    public ManagementOptions onWarning(Consumer<String> consumer) {
        onWarning = consumer;
        return this;
    }

    Map<String, Object> settings() {
        Map<String, Object> settings = Json.of("base_url", baseUrl, "project", project, "sdk_token", sdkToken);
        settings.putAll(wire());
        return settings;
    }

    @Override
    ManagementOptions self() {
        return this;
    }

    private static void log(String warning) {
        System.getLogger("dev.inferencekey").log(System.Logger.Level.WARNING, warning);
    }
}
