package dev.inferencekey;

import java.util.Map;

/**
 * A forecast, as the backend gave it.
 *
 * @param raw the answer untouched
 */
public record ForecastResult(Object raw) {
    static ForecastResult of(Map<String, Object> members) {
        return new ForecastResult(members.get("raw"));
    }
}
