package dev.inferencekey;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** JSON compared by meaning: key order and the spelling of numbers do not count. */
final class Comparison {
    private Comparison() {}

    static boolean same(Object wanted, Object found) {
        return compare(wanted, found, true);
    }

    /** Whether everything that is wanted is found; objects may have more. */
    static boolean holds(Object wanted, Object found) {
        return compare(wanted, found, false);
    }

    private static boolean compare(Object wanted, Object found, boolean isWhole) {
        if (wanted instanceof Map<?, ?> left && found instanceof Map<?, ?> right) {
            return (!isWhole || left.size() == right.size())
                    && left.entrySet().stream().allMatch(member -> right.containsKey(member.getKey())
                            && compare(member.getValue(), right.get(member.getKey()), isWhole));
        }
        if (wanted instanceof List<?> left && found instanceof List<?> right) {
            if (left.size() != right.size()) {
                return false;
            }
            for (int i = 0; i < left.size(); i++) {
                if (!compare(left.get(i), right.get(i), isWhole)) {
                    return false;
                }
            }
            return true;
        }
        if (wanted instanceof Number left && found instanceof Number right) {
            return new BigDecimal(left.toString()).compareTo(new BigDecimal(right.toString())) == 0;
        }
        return wanted == null ? found == null : wanted.equals(found);
    }

    /** The word of the vectors for it. */
    static String kind(InferenceKeyException error) {
        return Map.of(
                        ConfigurationException.class, "configuration",
                        ValidationException.class, "validation",
                        AuthException.class, "authentication",
                        PermissionDeniedException.class, "permission_denied",
                        NotFoundException.class, "not_found",
                        RateLimitException.class, "rate_limited",
                        ApiException.class, "api",
                        NetworkException.class, "network",
                        TimeoutException.class, "timeout",
                        CancelledException.class, "cancelled")
                .get(error.getClass());
    }
}
