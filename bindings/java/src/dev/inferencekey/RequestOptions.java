package dev.inferencekey;

/** How patient some requests of a {@link ManagementClient} are; what is not set is the client's. */
public final class RequestOptions extends CallOptions<RequestOptions> {
    /** Nothing is set. */
    RequestOptions() {}

    @Override
    RequestOptions self() {
        return this;
    }
}
