package dev.inferencekey;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a text is generated from, and how: a prompt or messages, never both. What is not set is not sent. */
public final class TextOptions extends ExtraOptions<TextOptions> {
    private String prompt;
    private List<Map<String, ?>> messages;
    private Double temperature;
    private Integer maxTokens;

    /** Nothing is set. */
    TextOptions() {}

    /**
     * What the user says.
     *
     * @param text not blank
     * @return these options
     */
    public TextOptions prompt(String text) {
        prompt = text;
        return this;
    }

    /**
     * One more turn of a conversation.
     *
     * @param role such as {@code system}, {@code user} or {@code assistant}
     * @param content what it says
     * @return these options
     */
    public TextOptions message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return messages(List.of(message));
    }

    /**
     * More turns of a conversation, in the form of OpenAI.
     *
     * @param turns each with {@code role}, {@code content} and whatever else the server knows
     * @return these options
     */
    public TextOptions messages(List<? extends Map<String, ?>> turns) {
        if (messages == null) {
            messages = new ArrayList<>();
        }
        messages.addAll(turns);
        return this;
    }

    /**
     * How freely it is generated.
     *
     * @param degree 0 for the likeliest text
     * @return these options
     */
    public TextOptions temperature(double degree) {
        temperature = degree;
        return this;
    }

    /**
     * How long it may get.
     *
     * @param count in tokens
     * @return these options
     */
    public TextOptions maxTokens(int count) {
        maxTokens = count;
        return this;
    }

    @Override
    Map<String, Object> wire() {
        Map<String, Object> made = super.wire();
        if (prompt != null) {
            made.put("prompt", prompt);
        }
        if (messages != null) {
            made.put("messages", messages);
        }
        if (temperature != null) {
            made.put("temperature", temperature);
        }
        if (maxTokens != null) {
            made.put("max_tokens", maxTokens);
        }
        return made;
    }

    @Override
    TextOptions self() {
        return this;
    }
}
