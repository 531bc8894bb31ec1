package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * How far a workload is on its way to serving.
 *
 * @param phase {@code scheduling}, {@code provisioning}, {@code bootstrapping}, {@code ready} or {@code error}
 * @param message the same in words
 * @param elapsedMs milliseconds since the revision was accepted
 * @param step such as {@code download_model}; null where there is none
 * @param bytesDone of a download; null where there is none
 * @param bytesTotal of a download; null where it is not known
 * @param etaMs milliseconds that are left; null where that is not known
 * @param stalled no progress for 60 s
 * @param cause why it cannot become ready, such as {@code no_capacity}; null unless it cannot
 */
public record ReadinessEvent(
        String phase,
        String message,
        long elapsedMs,
        String step,
        Long bytesDone,
        Long bytesTotal,
        Long etaMs,
        boolean stalled,
        String cause) {
    static ReadinessEvent of(Map<String, Object> members) {
        return new ReadinessEvent(
                Json.text(members, "phase"),
                Json.text(members, "message"),
                Json.number(members, "elapsed_ms"),
                Json.text(members, "step"),
                Json.optionalNumber(members, "bytes_done"),
                Json.optionalNumber(members, "bytes_total"),
                Json.optionalNumber(members, "eta_ms"),
                Boolean.TRUE.equals(members.get("stalled")),
                Json.text(members, "cause"));
    }
}
