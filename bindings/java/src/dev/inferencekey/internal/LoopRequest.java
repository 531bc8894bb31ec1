package dev.inferencekey.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request on a client's loop. What is to be done with its answers is done on the executor, one after another.
 *
 * <p>The loop calls {@link #schedule()} when something has come, and so does whoever wants more of it.
 */
abstract class LoopRequest implements Runnable {
    /** Answers of {@link #next()}. */
    static final byte[] NOTHING_YET = new byte[0];

    private final Object lock = new Object();
    private final AtomicInteger wanted = new AtomicInteger();
    private ClientLoop loop;
    private Executor executor;
    private long pointer;
    private RuntimeException reasonOfEnd;
    /** Keeps the client as long as somebody waits for this. */
    private NativeClient client;

    final void start(NativeClient owner, Operation operation, byte[] arguments) {
        ClientHandle handle = owner.handle();
        synchronized (lock) {
            client = owner;
            executor = handle.executor();
            loop = handle.loop();
            pointer = loop.start(this, operation, arguments);
        }
    }

    /** What has come; nothing where nothing has yet; null at the end. Throws why it failed or was abandoned. */
    final byte[] next() {
        synchronized (lock) {
            throwIfAbandoned();
            if (pointer == 0) {
                return null;
            }
            byte[] answer = Native.next(pointer, 0);
            return answer != null && answer.length == 0 ? NOTHING_YET : answer;
        }
    }

    /** Throws why it was abandoned, where it was. */
    final void throwIfAbandoned() {
        synchronized (lock) {
            if (reasonOfEnd != null) {
                throw reasonOfEnd;
            }
        }
    }

    /** Closes the connection and forgets the request. From any thread, also more than once. */
    final void close() {
        synchronized (lock) {
            if (pointer == 0) {
                return;
            }
            loop.remove(Native.requestId(pointer));
            Native.freeRequest(pointer);
            pointer = 0;
            client = null;
        }
    }

    /** Ends it for this reason. */
    final void abandon(RuntimeException reason) {
        if (end(reason)) {
            schedule();
        }
    }

    private boolean end(RuntimeException reason) {
        synchronized (lock) {
            if (pointer == 0) {
                return false;
            }
            reasonOfEnd = reason;
        }
        close();
        return true;
    }

    /**
     * Runs {@link #step()} on the executor; once more when it runs at this moment. On this thread where the executor
     * takes nothing more. One that fails in any other way ends the request. Throws nothing.
     */
    final void schedule() {
        if (wanted.getAndIncrement() > 0) {
            return;
        }
        try {
            executor.execute(this);
        } catch (RejectedExecutionException refused) {
            run();
        } catch (Throwable reason) {
            end(Failures.ofExecutor(reason));
            run();
        }
    }

    @Override
    public final void run() {
        int left = wanted.get();
        while (left > 0) {
            try {
                step();
            } catch (Throwable reason) {
                Thread here = Thread.currentThread();
                here.getUncaughtExceptionHandler().uncaughtException(here, reason);
            }
            left = wanted.addAndGet(-left);
        }
    }

    /** Takes what has come, as far as it is wanted. Never runs twice at a time. What it throws goes to the thread. */
    abstract void step();
}
