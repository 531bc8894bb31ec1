package dev.inferencekey.internal;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The events of a streaming operation. For one reader at a time; closed from any thread, and when it is dropped. */
public final class Events implements AutoCloseable {
    private final NativeClient client;
    private final CallerRequest request;
    private final Cleaner.Cleanable cleanable;
    private Iterator<Object> ready = List.of().iterator();
    private volatile boolean isEnded;
    private volatile boolean isClosed;

    Events(NativeClient client, CallerRequest request) {
        this.client = client;
        this.request = request;
        cleanable = NativeClient.CLEANER.register(this, request::close);
    }

    /** Waits until the stream is open; what refuses it is thrown. */
    public Events open() {
        more();
        return this;
    }

    /** The next event, waiting for it; null at the end. */
    public Map<String, Object> next() {
        while (!ready.hasNext() || request.isAbandoned()) {
            if (isEnded) {
                return null;
            }
            more();
        }
        return isClosed ? null : Json.object(ready.next());
    }

    @SuppressWarnings("unchecked")
    private void more() {
        byte[] answer = null;
        try {
            answer = request.next();
        } finally {
            if (request.isOver()) {
                isEnded = true;
                cleanable.clean();
            }
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(client);
        }
        if (answer != null) {
            ready = ((List<Object>) Json.parse(answer)).iterator();
        }
    }

    /** Closes the request; nothing more comes. */
    @Override
    public void close() {
        isClosed = true;
        isEnded = true;
        cleanable.clean();
    }
}
