package dev.inferencekey;

import java.util.Map;

/** How documents are ordered. */
public final class RerankOptions extends ExtraOptions<RerankOptions> {
    private Integer topN;

    /** Nothing is set. */
    RerankOptions() {}

    /**
     * How many of the best to give back; all unless set.
     *
     * @param count at least 1
     * @return these options
     */
    public RerankOptions topN(int count) {
        topN = count;
        return this;
    }

    @Override
    Map<String, Object> wire() {
        Map<String, Object> made = super.wire();
        if (topN != null) {
            made.put("top_n", topN);
        }
        return made;
    }

    @Override
    RerankOptions self() {
        return this;
    }
}
