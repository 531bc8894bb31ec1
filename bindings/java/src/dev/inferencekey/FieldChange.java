package dev.inferencekey;

import dev.inferencekey.internal.Json;
import java.util.Map;

/**
 * One declared field whose live value differs, and how the change would be carried out.
 *
 * @param field its name on the wire
 * @param from the live value
 * @param to the declared value
 * @param effect {@code in_place}, {@code rolling} or {@code recreate}
 */
public record FieldChange(String field, Object from, Object to, String effect) {
    static FieldChange of(Map<String, Object> members) {
        return new FieldChange(
                Json.text(members, "field"), members.get("from"), members.get("to"), Json.text(members, "effect"));
    }
}
