package dev.inferencekey.internal;

import dev.inferencekey.ApiException;
import dev.inferencekey.AuthException;
import dev.inferencekey.CancelledException;
import dev.inferencekey.ConfigurationException;
import dev.inferencekey.ErrorDetails;
import dev.inferencekey.InferenceKeyException;
import dev.inferencekey.NetworkException;
import dev.inferencekey.NotFoundException;
import dev.inferencekey.PermissionDeniedException;
import dev.inferencekey.RateLimitException;
import dev.inferencekey.TimeoutException;
import dev.inferencekey.ValidationException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes exceptions of the errors of the library, and of what the binding itself refuses. */
public final class Failures {
    private Failures() {}

    /** Called by the library. */
    static RuntimeException make(
            int kind, int status, long retryAfter, byte[] message, byte[] code, byte[] requestId, byte[] fields) {
        Map<String, String> reasons = new LinkedHashMap<>();
        if (fields != null && fields.length > 2) {
            Json.object(Json.parse(fields)).forEach((name, reason) -> reasons.put(name, String.valueOf(reason)));
        }
        ErrorDetails details = new ErrorDetails(
                status,
                text(code),
                text(requestId),
                retryAfter < 0 ? null : Duration.ofMillis(retryAfter),
                reasons);
        String said = text(message);
        return switch (kind) {
            case 1 -> new ConfigurationException(said, details);
            case 2 -> new ValidationException(said, details);
            case 3 -> new AuthException(said, details);
            case 4 -> new PermissionDeniedException(said, details);
            case 5 -> new NotFoundException(said, details);
            case 6 -> new RateLimitException(said, details);
            case 7 -> new ApiException(said, details);
            case 8 -> new NetworkException(said, details);
            case 9 -> new TimeoutException(said, details);
            case 10 -> new CancelledException(said, details);
            default -> new InferenceKeyException(said, details);
        };
    }

    /** An argument that cannot be sent. */
    public static ValidationException unsendable(String reason) {
        return new ValidationException(
                "validation error: an argument cannot be sent as JSON: " + reason, ErrorDetails.NONE);
    }

    /** What the library says to a call of a client that was closed. */
    static RuntimeException closed() {
        try {
            Native.start(0, Operation.ENDPOINT.word, new byte[0], Native.ON_CALLING_THREAD);
            throw new IllegalStateException("libinferencekey began a request of no client");
        } catch (RuntimeException said) {
            return said;
        }
    }

    /** What a request ends with whose client is closed. */
    static CancelledException ended() {
        return cancelled("the client was closed");
    }

    /** An executor of the user that does not run what it is given. */
    static ConfigurationException ofExecutor(Throwable reason) {
        String message = "configuration error: the executor of this client failed: " + reason;
        ConfigurationException made = new ConfigurationException(message, ErrorDetails.NONE);
        made.initCause(reason);
        return made;
    }

    /** An answer with a number that is none. */
    static ApiException notANumber() {
        return new ApiException("api error: the answer has null where a number should be", ErrorDetails.NONE);
    }

    static ValidationException misuse(String reason) {
        return new ValidationException("validation error: " + reason, ErrorDetails.NONE);
    }

    static NetworkException noDescriptor() {
        return new NetworkException(
                "network error: no more connections can be had (this process has no file descriptor left); raise the"
                        + " limit of open files (ulimit -n)",
                ErrorDetails.NONE);
    }

    static CancelledException cancelled(String reason) {
        return new CancelledException("cancelled: " + reason, ErrorDetails.NONE);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
