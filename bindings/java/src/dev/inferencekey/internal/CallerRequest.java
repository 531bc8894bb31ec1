package dev.inferencekey.internal;

import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;

/**
 * One request that is driven by the thread that waits for it. For one reader at a time; closed from any thread.
 *
 * <pre>
 * idle ──next──▶ waited for ──▶ idle … ──close──▶ freed
 *                    └──close: cancelled, and freed by the reader──▶
 * </pre>
 */
final class CallerRequest {
    private final ClientHandle client;
    private final Object lock = new Object();
    private final Interruption interruption = new Interruption();
    private long pointer;
    private boolean isWaitedFor;
    private boolean isClosed;
    private boolean isOver;
    /** Why it was ended by another than its user. */
    private volatile RuntimeException reasonOfEnd;

    CallerRequest(ClientHandle client, Operation operation, byte[] arguments) {
        this.client = client;
        long owner = client.enter();
        try {
            pointer = Native.start(owner, operation.word, arguments, Native.ON_CALLING_THREAD);
        } finally {
            client.leave();
        }
        client.add(this);
    }

    /** What comes next, waiting for it; null at the end. Throws why it failed or was abandoned. */
    byte[] next() {
        long open;
        synchronized (lock) {
            if (isWaitedFor) {
                throw Failures.misuse("another thread reads this stream; a stream is for one reader at a time");
            }
            if (reasonOfEnd != null) {
                isOver = true;
                throw reasonOfEnd;
            }
            if (isClosed) {
                return null;
            }
            isWaitedFor = true;
            open = pointer;
        }
        byte[] answer = null;
        try {
            answer = interruption.during(open);
        } finally {
            synchronized (lock) {
                isWaitedFor = false;
                isOver = answer == null || reasonOfEnd != null;
                if (isClosed) {
                    free();
                }
            }
            if (reasonOfEnd != null) {
                throw reasonOfEnd;
            }
        }
        return answer;
    }

    /** Whether nothing more comes. */
    boolean isOver() {
        synchronized (lock) {
            return isOver;
        }
    }

    boolean isAbandoned() {
        return reasonOfEnd != null;
    }

    /** Ends it for this reason, which the next read throws. */
    void abandon(RuntimeException reason) {
        synchronized (lock) {
            if (isClosed) {
                return;
            }
            reasonOfEnd = reason;
        }
        close();
    }

    /** Closes the connection. */
    void close() {
        synchronized (lock) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            if (isWaitedFor) {
                Native.cancel(pointer);
            } else {
                free();
            }
        }
        client.remove(this);
    }

    private void cancel() {
        synchronized (lock) {
            if (pointer != 0) {
                Native.cancel(pointer);
            }
        }
    }

    private void free() {
        Native.freeRequest(pointer);
        pointer = 0;
    }

    /** Interrupting the thread that waits cancels the request: the JDK's own hook for what blocks. */
    private final class Interruption extends AbstractInterruptibleChannel {
        byte[] during(long open) {
            byte[] answer = null;
            RuntimeException failure = null;
            boolean isInterrupted = false;
            begin();
            try {
                answer = Native.next(open, -1);
            } catch (RuntimeException reason) {
                failure = reason;
            } finally {
                try {
                    end(true);
                } catch (IOException reason) {
                    isInterrupted = true;
                }
            }
            if (isInterrupted) {
                throw Failures.cancelled("the thread was interrupted while it waited, and the request was closed");
            }
            if (failure != null) {
                throw failure;
            }
            return answer;
        }

        @Override
        protected void implCloseChannel() {
            cancel();
        }
    }
}
