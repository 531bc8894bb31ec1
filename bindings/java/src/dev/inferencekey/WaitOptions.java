package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** How to wait for a workload. Progress is shown on standard error unless told otherwise. */
public final class WaitOptions {
    private Duration timeout = Duration.ofSeconds(600);
    private String project;
    private Consumer<ReadinessEvent> onProgress;
    private boolean silent;

    /** 600 s, with progress on standard error. */
    WaitOptions() {}

    /**
     * How long to wait; 600 s unless set.
     *
     * @param time in whole milliseconds
     * @return these options
     */
    public WaitOptions timeout(Duration time) {
        timeout = time;
        return this;
    }

    /**
     * Who is told of each step, instead of standard error.
     *
     * @param consumer what it throws ends the wait
     * @return these options
     */
    public WaitOptions onProgress(Consumer<ReadinessEvent> consumer) {
        onProgress = consumer;
        return this;
    }

    /**
     * Whether nothing is shown.
     *
     * @param nothing true for nothing
     * @return these options
     */
    public WaitOptions silent(boolean nothing) {
        silent = nothing;
        return this;
    }

    /**
     * The project, before that of the client.
     *
     * @param slug of the project
     * @return these options
     */
    public WaitOptions project(String slug) {
        project = slug;
        return this;
    }

    Map<String, Object> wire(String slug) {
        return Json.of("slug", slug, "project", project, "timeout_ms", CallOptions.milliseconds(timeout));
    }

    Progress progress(String slug) {
        if (onProgress != null) {
            return onProgress::accept;
        }
        return silent ? event -> {} : TerminalProgress.onStandardError(slug);
    }
}
