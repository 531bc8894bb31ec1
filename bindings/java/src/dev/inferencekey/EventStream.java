package dev.inferencekey;

import dev.inferencekey.internal.Events;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Events as they arrive. For one reader at a time; {@link #close()}, which closes the request at once, may be called
 * from any thread. Leave a loop over it through try-with-resources:
 *
 * <pre>{@code
 * try (var stream = …) {
 *     for (var event : stream) …
 * }
 * }</pre>
 *
 * @param <T> what an event is
 */
public abstract sealed class EventStream<T> implements Iterable<T>, AutoCloseable permits TextStream, LogStream {
    private final Events events;
    private final Function<Map<String, Object>, T> make;

    EventStream(Events events, Function<Map<String, Object>, T> make) {
        this.events = events;
        this.make = make;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Waits for each event. Goes on where an earlier iterator stopped.
     */
    @Override
    public Iterator<T> iterator() {
        return new Pass();
    }

    /**
     * {@inheritDoc}
     *
     * <p>Closes the request also when the action throws.
     */
    @Override
    public void forEach(Consumer<? super T> action) {
        try (this) {
            iterator().forEachRemaining(action);
        }
    }

    /** {@return the events as a stream; closing it closes the request} */
    public Stream<T> stream() {
        int kind = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(iterator(), kind), false).onClose(this::close);
    }

    /** Closes the request at once; nothing more comes. From any thread, also more than once. */
    @Override
    public void close() {
        events.close();
    }

    private final class Pass implements Iterator<T> {
        private T ahead;

        @Override
        public boolean hasNext() {
            if (ahead == null) {
                Map<String, Object> members = events.next();
                ahead = members == null ? null : make.apply(members);
            }
            return ahead != null;
        }

        @Override
        public T next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the stream is over");
            }
            T given = ahead;
            ahead = null;
            return given;
        }
    }
}
