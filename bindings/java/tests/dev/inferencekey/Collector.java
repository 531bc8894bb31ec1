package dev.inferencekey;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;

/** A subscriber that keeps the texts, and first asks for as many as it is told. */
final class Collector implements Flow.Subscriber<TextChunk> {
    final List<String> texts = new CopyOnWriteArrayList<>();
    final CompletableFuture<Void> end = new CompletableFuture<>();
    private final long first;
    volatile Flow.Subscription subscription;

    Collector(long first) {
        this.first = first;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(first);
    }

    @Override
    public void onNext(TextChunk chunk) {
        texts.add(chunk.text());
    }

    @Override
    public void onError(Throwable reason) {
        end.completeExceptionally(reason);
    }

    @Override
    public void onComplete() {
        end.complete(null);
    }
}
