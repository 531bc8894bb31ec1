package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/** Which lines of a log are wanted. */
public final class LogOptions {
    private String replica;
    private Integer tail;
    private String project;

    /** Every line of every replica. */
    LogOptions() {}

    /**
     * Only those of one replica.
     *
     * @param id of the replica
     * @return these options
     */
    public LogOptions replica(String id) {
        replica = id;
        return this;
    }

    /**
     * Only the last ones.
     *
     * @param lines how many
     * @return these options
     */
    public LogOptions tail(int lines) {
        tail = lines;
        return this;
    }

    /**
     * The project, before that of the client.
     *
     * @param slug of the project
     * @return these options
     */
    public LogOptions project(String slug) {
        project = slug;
        return this;
    }

    Map<String, Object> wire(String slug) {
        return Json.of("slug", slug, "project", project, "replica", replica, "tail", tail);
    }
}
