package dev.inferencekey.internal;

/** The functions of the C library, as {@code src/native} translates them. Of use after {@link NativeLibrary#load()}. */
final class Native {
    static final int ON_CALLING_THREAD = 0;
    static final int ON_CLIENT_LOOP = 1;

    private Native() {}

    static native boolean isTerminal(int descriptor);

    /** Of the header in the upper half, of the library in the lower. */
    static native long abiVersions();

    static native byte[] decide(byte[] subject, byte[] given);

    static native long createClient(byte[] configuration);

    static native void freeClient(long client);

    static native long start(long client, byte[] operation, byte[] arguments, int where);

    /** The answer; of no length where nothing has come in time; null at the end. */
    static native byte[] next(long request, long timeoutMilliseconds);

    static native long requestId(long request);

    static native void cancel(long request);

    static native void freeRequest(long request);

    static native int openBell();

    static native void ringBell(int bell);

    static native void closeBell(int bell);

    /** Readable when the client's loop has something to do; negative where none is left. */
    static native int descriptor(long client);

    /** Waits for requests of the client's loop, or the bell; returns how many ids it has put into {@code ids}. */
    static native int poll(long client, int descriptor, int bell, long[] ids);
}
