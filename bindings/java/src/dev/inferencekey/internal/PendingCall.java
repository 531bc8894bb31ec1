package dev.inferencekey.internal;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A plain operation and the future of its result. */
final class PendingCall<T> extends LoopRequest {
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Function<Map<String, Object>, T> make;

    PendingCall(Function<Map<String, Object>, T> make) {
        this.make = make;
    }

    CompletableFuture<T> begin(NativeClient client, Operation operation, Map<String, Object> arguments) {
        start(client, operation, Json.write(arguments));
        // Also when its user cancels it, or lets it time out.
        future.whenComplete((result, reason) -> close());
        return future;
    }

    @Override
    void step() {
        if (future.isDone()) {
            return;
        }
        try {
            byte[] answer = next();
            if (answer != NOTHING_YET) {
                close();
                future.complete(make.apply(Json.object(Json.parse(answer))));
            }
        } catch (Throwable reason) {
            future.completeExceptionally(reason);
        }
    }
}
