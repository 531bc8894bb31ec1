package dev.inferencekey;

/** How texts are turned into vectors: further fields, such as {@code dimensions}. */
public final class EmbedOptions extends ExtraOptions<EmbedOptions> {
    /** Nothing is set. */
    EmbedOptions() {}

    @Override
    EmbedOptions self() {
        return this;
    }
}
