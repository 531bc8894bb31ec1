package dev.inferencekey.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * The events of a streaming operation on the loop, for one subscriber, as far as it asks for them.
 *
 * <pre>
 * opening ──▶ open ──subscribe──▶ read on demand ──▶ over
 * </pre>
 */
public final class LoopEvents {
    private final EventSource source;

    LoopEvents(NativeClient client) {
        source = new EventSource(client);
    }

    <S> CompletableFuture<S> begin(
            Operation operation, Map<String, Object> arguments, Function<LoopEvents, S> make) {
        return source.open(operation, arguments, () -> {
            S made = make.apply(this);
            NativeClient.CLEANER.register(made, source::closeIfNobodyReads);
            return made;
        });
    }

    /** Gives the events to the subscriber; a second one is refused, through its {@code onError}. */
    public <T> void subscribe(Flow.Subscriber<? super T> subscriber, Function<Map<String, Object>, T> make) {
        source.subscribe(subscriber, make);
    }

    /** Closes the request. */
    public void close() {
        source.end();
    }

    /** Of the events that were parsed and not given yet. */
    static List<Object> parsed(byte[] answer) {
        @SuppressWarnings("unchecked")
        List<Object> events = (List<Object>) Json.parse(answer);
        return events;
    }
}
