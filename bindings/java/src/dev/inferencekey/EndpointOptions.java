package dev.inferencekey;

import java.util.Map;

/** The settings of one {@link Endpoint}; what is not set is its client's. */
public final class EndpointOptions extends CallOptions<EndpointOptions> {
    private String apiKey;

    /** Nothing is set. */
    EndpointOptions() {}

    /**
     * The endpoint's own data key.
     *
     * @param key {@code ik_live_…}
     * @return these options
     */
    public EndpointOptions apiKey(String key) {
        apiKey = key;
        return this;
    }

    @Override
    Map<String, Object> wire() {
        Map<String, Object> made = super.wire();
        if (apiKey != null) {
            made.put("api_key", apiKey);
        }
        return made;
    }

    @Override
    EndpointOptions self() {
        return this;
    }
}
