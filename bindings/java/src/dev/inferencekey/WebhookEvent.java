package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * What the platform delivered to a webhook, verified.
 *
 * @param raw the body, read as JSON
 */
public record WebhookEvent(Object raw) {
    /** {@return its members; none where it is no object} */
    public Map<String, Object> members() {
        return raw instanceof Map<?, ?> ? Json.object(raw) : Map.of();
    }

    /** {@return such as {@code job.completed}; null where there is none} */
    public String name() {
        return text("event");
    }

    /** {@return the id of the job; null where there is none} */
    public String jobId() {
        return text("job_id");
    }

    /** {@return what was given as context when the job was submitted; null where there is none} */
    public Object context() {
        return members().get("context");
    }

    /** {@return what came of it; null where there is none} */
    public Object data() {
        return members().get("data");
    }

    private String text(String member) {
        return members().get(member) instanceof String text ? text : null;
    }
}
