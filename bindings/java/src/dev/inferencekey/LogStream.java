package dev.inferencekey;

import dev.inferencekey.internal.Events;

/** The lines of a log as they are written. */
public final class LogStream extends EventStream<LogLine> {
    LogStream(Events events) {
        super(events, LogLine::of);
    }
}
