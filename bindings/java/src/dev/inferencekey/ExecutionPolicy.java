package dev.inferencekey;

/** How many replicas run, and when. */
public enum ExecutionPolicy {
    /** Always as many as declared. */
    FIXED("fixed"),
    /** Inside a window, or from a start that repeats. */
    SCHEDULED("scheduled"),
    /** As the load asks for. */
    AUTOSCALING("autoscaling");

    private final String word;

    ExecutionPolicy(String word) {
        this.word = word;
    }

    /** {@return its name on the wire} */
    @Override
    public String toString() {
        return word;
    }
}
