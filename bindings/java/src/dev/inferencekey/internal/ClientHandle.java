package dev.inferencekey.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The pointer of a client, and who uses it at this moment: it is freed when it was closed and the last of them has
 * left.
 */
final class ClientHandle {
    private final long pointer;
    private final Executor executor;
    /** The owner counts as one. */
    private final AtomicInteger users = new AtomicInteger(1);
    /** Those that are driven by their callers, until they are closed. */
    private final Set<CallerRequest> requests = ConcurrentHashMap.newKeySet();

    private volatile boolean isClosed;
    private ClientLoop loop;

    ClientHandle(long pointer, Executor executor) {
        this.pointer = pointer;
        this.executor = executor;
    }

    Executor executor() {
        return executor;
    }

    /** The pointer, until {@link #leave()}. Throws where the client was closed. */
    long enter() {
        while (true) {
            int count = users.get();
            if (isClosed || count == 0) {
                throw Failures.closed();
            }
            if (users.compareAndSet(count, count + 1)) {
                return pointer;
            }
        }
    }

    void leave() {
        if (users.decrementAndGet() == 0) {
            Native.freeClient(pointer);
        }
    }

    /** The request ends with the client. */
    void add(CallerRequest request) {
        requests.add(request);
        if (isClosed) {
            request.abandon(Failures.ended());
        }
    }

    void remove(CallerRequest request) {
        requests.remove(request);
    }

    /** The loop, whose thread starts when it is first asked for. */
    synchronized ClientLoop loop() {
        if (loop == null) {
            loop = new ClientLoop(this, enter());
        }
        return loop;
    }

    void close() {
        ClientLoop running;
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            running = loop;
        }
        requests.forEach(request -> request.abandon(Failures.ended()));
        if (running != null) {
            running.close();
        }
        leave();
    }
}
