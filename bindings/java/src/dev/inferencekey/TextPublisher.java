package dev.inferencekey;

import dev.inferencekey.internal.LoopEvents;

/** The pieces of a text as they arrive, for one subscriber. */
public final class TextPublisher extends EventPublisher<TextChunk> {
    TextPublisher(LoopEvents events) {
        super(events, TextChunk::of);
    }
}
