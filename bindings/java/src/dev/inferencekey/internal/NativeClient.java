package dev.inferencekey.internal;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;

/** One client of the library, and the loop that its asynchronous requests run on. Safe to use from many threads. */
public final class NativeClient implements AutoCloseable {
    static final Cleaner CLEANER = Cleaner.create();

    private static final List<String> VARIABLES = List.of(
            "INFERENCEKEY_SDK_TOKEN", "INFERENCEKEY_API_KEY", "INFERENCEKEY_PROJECT", "INFERENCEKEY_BASE_URL");

    private final ClientHandle handle;
    private final Cleaner.Cleanable cleanable;

    /**
     * Makes a client of the plane.
     *
     * @param plane {@code control} or {@code data}
     * @param settings as the header names them
     * @param executor what completes what is asynchronous; the common pool where it is null
     */
    public NativeClient(String plane, Map<String, Object> settings, Executor executor) {
        NativeLibrary.load();
        Map<String, Object> configuration = Json.of("plane", plane, "language", "java");
        configuration.putAll(settings);
        Executor chosen = executor != null
                ? executor
                : ForkJoinPool.getCommonPoolParallelism() > 0 ? ForkJoinPool.commonPool() : Runnable::run;
        handle = new ClientHandle(Native.createClient(Json.write(configuration)), chosen);
        cleanable = CLEANER.register(this, handle::close);
    }

    /** The variables of the environment that settings are taken from. */
    public static Map<String, String> environment() {
        Map<String, String> found = new LinkedHashMap<>();
        for (String name : VARIABLES) {
            String value = System.getenv(name);
            if (value != null) {
                found.put(name, value);
            }
        }
        return found;
    }

    /** The result of a plain operation. Interrupting the thread closes the request. */
    public Map<String, Object> call(Operation operation, Map<String, Object> arguments) {
        CallerRequest request = new CallerRequest(handle, operation, Json.write(arguments));
        try {
            return Json.object(Json.parse(request.next()));
        } finally {
            request.close();
            Reference.reachabilityFence(this);
        }
    }

    /** The events of a streaming operation, which the reading thread drives. */
    public Events events(Operation operation, Map<String, Object> arguments) {
        return new Events(this, new CallerRequest(handle, operation, Json.write(arguments)));
    }

    /** The result of a plain operation, later. Completing the future in any other way closes the request. */
    public <T> CompletableFuture<T> callLater(
            Operation operation, Map<String, Object> arguments, Function<Map<String, Object>, T> make) {
        try {
            return new PendingCall<>(make).begin(this, operation, arguments);
        } catch (RuntimeException reason) {
            return CompletableFuture.failedFuture(reason);
        }
    }

    /** The last event of a streaming operation, later; {@code show} sees each. */
    public <T> CompletableFuture<T> lastLater(
            Operation operation, Map<String, Object> arguments, Function<Map<String, Object>, T> show) {
        try {
            return new PendingLast<>(show).begin(this, operation, arguments);
        } catch (RuntimeException reason) {
            return CompletableFuture.failedFuture(reason);
        }
    }

    /** A stream that has a loop to drive it, once it is open. */
    public <S> CompletableFuture<S> openLater(
            Operation operation, Map<String, Object> arguments, Function<LoopEvents, S> make) {
        try {
            return new LoopEvents(this).begin(operation, arguments, make);
        } catch (RuntimeException reason) {
            return CompletableFuture.failedFuture(reason);
        }
    }

    ClientHandle handle() {
        return handle;
    }

    /** Ends every request and closes the connections. */
    @Override
    public void close() {
        cleanable.clean();
    }
}
