package dev.inferencekey;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** The body and headers of a request to any route. */
public final class RouteOptions {
    private final Map<String, Object> given = new LinkedHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>();

    /** No body and no header. */
    RouteOptions() {}

    /**
     * A JSON body.
     *
     * @param value a map, iterable, array, text, number, boolean or null
     * @return these options
     */
    public RouteOptions json(Object value) {
        return with("json", value);
    }

    /**
     * A body of text.
     *
     * @param text sent as UTF-8
     * @return these options
     */
    public RouteOptions content(String text) {
        return with("text", text);
    }

    /**
     * A body of bytes.
     *
     * @param bytes sent as they are
     * @return these options
     */
    public RouteOptions content(byte[] bytes) {
        return with("base64", Base64.getEncoder().encodeToString(bytes));
    }

    /**
     * What the body of text or bytes is.
     *
     * @param type such as {@code audio/wav}
     * @return these options
     */
    public RouteOptions contentType(String type) {
        return with("content_type", type);
    }

    /**
     * One more header. An {@code Idempotency-Key} lets a request that may have begun be sent again.
     *
     * @param name of the header
     * @param value of the header
     * @return these options
     */
    public RouteOptions header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    private RouteOptions with(String name, Object value) {
        given.put(name, value);
        return this;
    }

    Map<String, Object> wire(String method, String path) {
        Map<String, Object> made = new LinkedHashMap<>(given);
        made.put("method", method);
        made.put("path", path);
        made.put("headers", headers);
        return made;
    }
}
