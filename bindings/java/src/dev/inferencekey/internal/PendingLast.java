package dev.inferencekey.internal;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A streaming operation of which the last event counts, and its future. */
final class PendingLast<T> extends LoopRequest {
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Function<Map<String, Object>, T> show;
    private T last;

    PendingLast(Function<Map<String, Object>, T> show) {
        this.show = show;
    }

    CompletableFuture<T> begin(NativeClient client, Operation operation, Map<String, Object> arguments) {
        start(client, operation, Json.write(arguments));
        future.whenComplete((result, reason) -> close());
        return future;
    }

    @Override
    @SuppressWarnings("unchecked")
    void step() {
        try {
            while (!future.isDone()) {
                byte[] answer = next();
                if (answer == null) {
                    future.complete(last);
                } else if (answer == NOTHING_YET) {
                    return;
                } else {
                    for (Object event : (List<Object>) Json.parse(answer)) {
                        last = show.apply(Json.object(event));
                    }
                }
            }
        } catch (Throwable reason) {
            future.completeExceptionally(reason);
        }
    }
}
