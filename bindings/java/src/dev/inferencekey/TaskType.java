package dev.inferencekey;

/** What a workload does. */
public enum TaskType {
    /** Text from text. */
    TEXT2TEXT("text2text"),
    /** Vectors of texts. */
    EMBEDDING("embedding"),
    /** Images from text. */
    TEXT2IMAGE("text2image"),
    /** Videos from text. */
    TEXT2VIDEO("text2video"),
    /** Speech or sound from text. */
    TEXT2AUDIO("text2audio"),
    /** Images from images. */
    IMAGE2IMAGE("image2image"),
    /** Videos from images. */
    IMAGE2VIDEO("image2video"),
    /** Transcripts and translations. */
    AUDIO2TEXT("audio2text"),
    /** Text, sound and images together. */
    OMNI("omni"),
    /** Documents in the order of a query. */
    RERANKER("reranker"),
    /** Classes; by job. */
    CLASSIFICATION("classification"),
    /** Rewards; by job. */
    REWARD("reward"),
    /** Forecasts; custom backends. */
    FORECAST("forecast");

    private final String word;

    TaskType(String word) {
        this.word = word;
    }

    /** {@return its name on the wire} */
    @Override
    public String toString() {
        return word;
    }
}
