package dev.inferencekey.internal;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What the core decides without a request: the subjects of {@code conformance/}. */
public final class Decisions {
    private Decisions() {}

    /** What the core decides about it. */
    public static Map<String, Object> decide(String subject, Object given) {
        NativeLibrary.load();
        byte[] name = subject.getBytes(StandardCharsets.UTF_8);
        return Json.object(Json.parse(Native.decide(name, Json.write(given))));
    }

    /** Whether standard error is a terminal. */
    public static boolean standardErrorIsTerminal() {
        NativeLibrary.load();
        return Native.isTerminal(2);
    }
}
