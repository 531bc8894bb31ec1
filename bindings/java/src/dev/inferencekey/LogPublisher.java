package dev.inferencekey;

import dev.inferencekey.internal.LoopEvents;

/** The lines of a log as they are written, for one subscriber. */
public final class LogPublisher extends EventPublisher<LogLine> {
    LogPublisher(LoopEvents events) {
        super(events, LogLine::of);
    }
}
