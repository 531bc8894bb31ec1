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
    private final Object lock = new Object();
    private final Interruption interruption = new Interruption();
    private long pointer;
    private boolean isWaitedFor;
    private boolean isClosed;

    CallerRequest(ClientHandle client, Operation operation, byte[] arguments) {
        long owner = client.enter();
        try {
            pointer = Native.start(owner, operation.word, arguments, Native.ON_CALLING_THREAD);
        } finally {
            client.leave();
        }
    }

    /** What comes next, waiting for it; null at the end. */
    byte[] next() {
        long open;
        synchronized (lock) {
            if (isWaitedFor) {
                throw Failures.misuse("another thread reads this stream; a stream is for one reader at a time");
            }
            if (isClosed) {
                return null;
            }
            isWaitedFor = true;
            open = pointer;
        }
        try {
            return interruption.during(open);
        } finally {
            synchronized (lock) {
                isWaitedFor = false;
                if (isClosed) {
                    free();
                }
            }
        }
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
