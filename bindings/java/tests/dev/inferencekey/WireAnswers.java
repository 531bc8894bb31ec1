package dev.inferencekey;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.function.Function;

/** What futures, streams and publishers bring, waited for. */
final class WireAnswers {
    private WireAnswers() {}

    static <T> T joined(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException reason) {
            throw reason.getCause() instanceof RuntimeException known ? known : reason;
        }
    }

    static <T> List<Object> collected(EventStream<T> stream, Function<T, Object> make) {
        try (stream; var events = stream.stream()) {
            return events.map(make).toList();
        }
    }

    static <T> List<Object> collected(EventPublisher<T> publisher, Function<T, Object> make) {
        List<Object> items = new ArrayList<>();
        CompletableFuture<List<Object>> all = new CompletableFuture<>();
        publisher.subscribe(new Flow.Subscriber<T>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(T event) {
                items.add(make.apply(event));
            }

            @Override
            public void onError(Throwable reason) {
                all.completeExceptionally(reason);
            }

            @Override
            public void onComplete() {
                all.complete(items);
            }
        });
        return joined(all);
    }
}
