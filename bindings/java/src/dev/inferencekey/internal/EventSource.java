package dev.inferencekey.internal;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** The request behind {@link LoopEvents}: opens a future, then feeds one subscriber. */
final class EventSource extends LoopRequest implements Flow.Subscription {
    private final NativeClient owner;
    private final AtomicLong demand = new AtomicLong();
    /** Until it is open. */
    private volatile Runnable opened;
    private volatile CompletableFuture<?> opening;
    private Iterator<Object> ready = List.of().iterator();

    private final Object subscribing = new Object();
    private Flow.Subscriber<Object> subscriber;
    private Function<Map<String, Object>, ?> make;
    private boolean hasGreeted;
    private volatile boolean isOver;
    private volatile RuntimeException misuse;

    EventSource(NativeClient owner) {
        this.owner = owner;
    }

    <S> CompletableFuture<S> open(Operation operation, Map<String, Object> arguments, Supplier<S> whenOpen) {
        byte[] text = Json.write(arguments);
        CompletableFuture<S> future = new CompletableFuture<>();
        opening = future;
        opened = () -> future.complete(whenOpen.get());
        start(owner, operation, text);
        future.whenComplete((stream, reason) -> {
            if (reason != null) {
                end();
            }
        });
        return future;
    }

    @SuppressWarnings("unchecked")
    <T> void subscribe(Flow.Subscriber<? super T> given, Function<Map<String, Object>, T> mapping) {
        Objects.requireNonNull(given, "subscriber");
        synchronized (subscribing) {
            if (subscriber == null) {
                make = mapping;
                subscriber = (Flow.Subscriber<Object>) given;
                schedule();
                return;
            }
        }
        given.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long count) {}

            @Override
            public void cancel() {}
        });
        given.onError(Failures.misuse("this stream has a subscriber already; a stream is for one reader"));
    }

    @Override
    public void request(long count) {
        if (count <= 0) {
            misuse = new IllegalArgumentException("a demand must be at least 1, and is " + count);
        } else {
            demand.accumulateAndGet(count, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
        }
        schedule();
    }

    @Override
    public void cancel() {
        end();
    }

    /** Closes the request; nothing more is given. */
    void end() {
        isOver = true;
        close();
    }

    /** For when the stream itself is gone. */
    void closeIfNobodyReads() {
        synchronized (subscribing) {
            if (subscriber != null) {
                return;
            }
        }
        end();
    }

    @Override
    void step() {
        CompletableFuture<?> waiting = opening;
        if (waiting != null) {
            if (!waiting.isDone() && !openWith(waiting)) {
                return;
            }
            // From here on the stream is its user's alone, and ends when they drop it.
            opening = null;
            opened = null;
        }
        Flow.Subscriber<Object> reader;
        synchronized (subscribing) {
            reader = subscriber;
        }
        if (reader == null) {
            return;
        }
        try {
            if (!hasGreeted) {
                hasGreeted = true;
                reader.onSubscribe(this);
            }
            feed(reader);
        } catch (Throwable reason) {
            fail(reader, reason);
        }
    }

    /** The first answer of a stream says that it is open. False when it has not come. */
    private boolean openWith(CompletableFuture<?> waiting) {
        try {
            byte[] answer = next();
            if (answer == NOTHING_YET) {
                return false;
            }
            if (answer != null) {
                ready = LoopEvents.parsed(answer).iterator();
            }
            opened.run();
        } catch (Throwable reason) {
            waiting.completeExceptionally(reason);
        }
        return true;
    }

    private void feed(Flow.Subscriber<Object> reader) {
        while (!isOver) {
            throwIfAbandoned();
            if (misuse != null) {
                throw misuse;
            }
            if (ready.hasNext()) {
                if (demand.get() == 0) {
                    return;
                }
                demand.accumulateAndGet(1, (had, one) -> had == Long.MAX_VALUE ? had : had - one);
                reader.onNext(make.apply(Json.object(ready.next())));
                continue;
            }
            byte[] answer = next();
            if (answer == NOTHING_YET) {
                return;
            }
            if (answer == null) {
                end();
                reader.onComplete();
                return;
            }
            ready = LoopEvents.parsed(answer).iterator();
        }
    }

    private void fail(Flow.Subscriber<Object> reader, Throwable reason) {
        if (isOver) {
            return;
        }
        end();
        reader.onError(reason);
    }
}
