package dev.inferencekey;

import dev.inferencekey.internal.Json;
import dev.inferencekey.internal.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** An answer of any other route, as it came. */
public final class Response {
    private final int status;
    private final List<Map.Entry<String, String>> headers;
    private final byte[] content;

    private Response(int status, List<Map.Entry<String, String>> headers, byte[] content) {
        this.status = status;
        this.headers = headers;
        this.content = content;
    }

    /** {@return the HTTP status} */
    public int status() {
        return status;
    }

    /** {@return the headers, in the order and spelling of the server} */
    public List<Map.Entry<String, String>> headers() {
        return headers;
    }

    /**
     * Looks a header up, whatever the case of its name.
     *
     * @param name of the header
     * @return its first value; null where there is none
     */
    public String header(String name) {
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    /** {@return the body} */
    public byte[] content() {
        return content.clone();
    }

    /** {@return the body as UTF-8; what is none is replaced} */
    public String text() {
        return new String(content, StandardCharsets.UTF_8);
    }

    /**
     * Reads the body as JSON.
     *
     * @return a {@code Map}, {@code List}, {@code String}, {@code Number}, {@code Boolean} or null
     * @throws ApiException when it is none
     */
    public Object json() {
        try {
            return Json.parse(content);
        } catch (JsonException reason) {
            String start = text().substring(0, Math.min(200, text().length()));
            String message = "api error (status " + status + "): the answer was not JSON ("
                    + reason.getMessage() + "): " + start;
            throw new ApiException(
                    message, new ErrorDetails(status, null, header("x-request-id"), null, Map.of()));
        }
    }

    @Override
    public String toString() {
        return "Response[status=" + status + ", " + content.length + " bytes]";
    }

    static Response of(Map<String, Object> members) {
        List<Map.Entry<String, String>> headers = Json.list(members, "headers").stream()
                .map(pair -> (List<?>) pair)
                .map(pair -> Map.entry((String) pair.get(0), (String) pair.get(1)))
                .toList();
        String base64 = Json.text(members, "base64");
        byte[] content = base64 != null
                ? Base64.getDecoder().decode(base64)
                : Json.text(members, "text").getBytes(StandardCharsets.UTF_8);
        return new Response((int) Json.number(members, "status"), headers, content);
    }
}
