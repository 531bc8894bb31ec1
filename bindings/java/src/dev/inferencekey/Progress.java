package dev.inferencekey;

/** Who is told how far a workload is. */
interface Progress {
    void show(ReadinessEvent event);

    /** Nothing more comes. */
    default void finish() {}
}
