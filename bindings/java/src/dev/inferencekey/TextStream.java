package dev.inferencekey;

import dev.inferencekey.internal.Events;

/** The pieces of a text as they arrive. */
public final class TextStream extends EventStream<TextChunk> {
    TextStream(Events events) {
        super(events, TextChunk::of);
    }
}
