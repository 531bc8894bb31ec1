package dev.inferencekey;

/** What {@code ensure} does when the live workload differs from the spec. */
public enum OnDrift {
    /** Changes exactly what differs. */
    RECONCILE("reconcile"),
    /** Throws a {@link ValidationException} that lists what differs. */
    FAIL("fail"),
    /** Changes nothing; the plan says what would change. */
    DRY_RUN("dry_run"),
    /** Warns, and changes nothing. */
    WARN("warn"),
    /** Changes nothing. */
    IGNORE("ignore");

    private final String word;

    OnDrift(String word) {
        this.word = word;
    }

    /** {@return its name on the wire} */
    @Override
    public String toString() {
        return word;
    }
}
