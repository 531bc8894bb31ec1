package dev.inferencekey;

/** How a workload is declared. */
public final class EnsureOptions {
    String onDrift = OnDrift.RECONCILE.toString();
    String project;

    /** Drift is reconciled, in the project of the spec or the client. */
    EnsureOptions() {}

    /**
     * What to do when the live workload differs.
     *
     * @param policy {@link OnDrift#RECONCILE} unless set
     * @return these options
     */
    public EnsureOptions onDrift(OnDrift policy) {
        return onDrift(policy.toString());
    }

    /**
     * What to do when the live workload differs.
     *
     * @param policy the word of the wire
     * @return these options
     */
    public EnsureOptions onDrift(String policy) {
        onDrift = policy;
        return this;
    }

    /**
     * The project, before that of the spec and of the client.
     *
     * @param slug of the project
     * @return these options
     */
    public EnsureOptions project(String slug) {
        project = slug;
        return this;
    }
}
