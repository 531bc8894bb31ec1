package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.List;
import java.util.Map;

/**
 * What would change.
 *
 * @param action {@code create}, {@code update} or {@code none}
 * @param changes those of an update
 */
public record Plan(String action, List<FieldChange> changes) {
    /** {@return whether anything would change} */
    public boolean hasChanges() {
        return !action.equals("none");
    }

    static Plan of(Map<String, Object> members) {
        List<FieldChange> changes = Json.list(members, "changes").stream()
                .map(change -> FieldChange.of(Json.object(change)))
                .toList();
        return new Plan(Json.text(members, "action"), changes);
    }
}
