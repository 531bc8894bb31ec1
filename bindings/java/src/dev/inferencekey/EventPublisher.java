package dev.inferencekey;

import dev.inferencekey.internal.LoopEvents;
import java.util.Map;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * Events as they arrive, for one subscriber, which is given as many as it asks for. Cancelling the subscription closes
 * the request at once, as {@link #close()} does.
 *
 * @param <T> what an event is
 */
public abstract sealed class EventPublisher<T> implements Flow.Publisher<T>, AutoCloseable
        permits TextPublisher, LogPublisher {
    private final LoopEvents events;
    private final Function<Map<String, Object>, T> make;

    EventPublisher(LoopEvents events, Function<Map<String, Object>, T> make) {
        this.events = events;
        this.make = make;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A second subscriber gets an error. Signals come from the client's executor.
     */
    @Override
    public void subscribe(Flow.Subscriber<? super T> subscriber) {
        events.subscribe(subscriber, make);
    }

    /** Closes the request at once; nothing more comes. From any thread, also more than once. */
    @Override
    public void close() {
        events.close();
    }
}
