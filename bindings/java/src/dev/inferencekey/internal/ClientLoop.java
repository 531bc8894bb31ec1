package dev.inferencekey.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One daemon thread that drives every asynchronous request of a client. */
final class ClientLoop implements Runnable {
    private static final int MAX_POLLED = 256;

    private final ClientHandle client;
    private final long pointer;
    private final int descriptor;
    private final int bell;
    /** Those that are not over, by id. */
    private final Map<Long, LoopRequest> running = new HashMap<>();

    private boolean isClosed;

    /** The client has been entered for it. */
    ClientLoop(ClientHandle client, long pointer) {
        this.client = client;
        this.pointer = pointer;
        descriptor = Native.descriptor(pointer);
        bell = descriptor < 0 ? -1 : Native.openBell();
        if (bell < 0) {
            client.leave();
            throw Failures.noDescriptor();
        }
        Thread thread = new Thread(null, this, "inferencekey-loop", 1024 * 1024, false);
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts the operation for the request, which is told of each announcement. */
    long start(LoopRequest request, Operation operation, byte[] arguments) {
        // Held over the start: what is announced meanwhile finds its request.
        synchronized (running) {
            if (isClosed) {
                throw Failures.closed();
            }
            long started = Native.start(pointer, operation.word, arguments, Native.ON_CLIENT_LOOP);
            running.put(Native.requestId(started), request);
            return started;
        }
    }

    void remove(long id) {
        synchronized (running) {
            running.remove(id);
        }
    }

    @Override
    public void run() {
        long[] ids = new long[MAX_POLLED];
        List<LoopRequest> ready = new ArrayList<>();
        try {
            while (true) {
                int count = Native.poll(pointer, descriptor, bell, ids);
                synchronized (running) {
                    if (isClosed) {
                        return;
                    }
                    for (int i = 0; i < count; i++) {
                        LoopRequest request = running.get(ids[i]);
                        if (request != null) {
                            ready.add(request);
                        }
                    }
                }
                ready.forEach(LoopRequest::schedule);
                ready.clear();
            }
        } finally {
            // Without its thread nothing would ever be told to whoever waits.
            close();
            synchronized (running) {
                Native.closeBell(bell);
            }
            client.leave();
        }
    }

    /** Ends every request and the thread. */
    void close() {
        List<LoopRequest> ended;
        synchronized (running) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            ended = new ArrayList<>(running.values());
            running.clear();
            Native.ringBell(bell);
        }
        for (LoopRequest request : ended) {
            request.abandon(Failures.ended());
        }
    }
}
