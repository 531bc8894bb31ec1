package dev.inferencekey.internal;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a client can be asked to do, as the header lists it. */
public enum Operation {
    /** Declares a workload. */
    ENSURE,
    /** What declaring it would change. */
    PLAN,
    /** Deletes a workload. */
    DELETE,
    /** Reads a workload. */
    GET,
    /** Reads every workload. */
    LIST,
    /** How a workload stands. */
    STATUS,
    /** What the engines wrote. */
    LOGS,
    /** What they write; a stream. */
    FOLLOW_LOGS,
    /** Events until it serves; a stream. */
    WAIT_UNTIL_READY,
    /** Where a workload is called. */
    ENDPOINT,
    /** A whole text. */
    GENERATE_TEXT,
    /** A text in pieces; a stream. */
    GENERATE_TEXT_STREAM,
    /** Vectors of texts. */
    EMBED,
    /** Documents in order. */
    RERANK,
    /** A forecast. */
    FORECAST,
    /** Submits a job. */
    SUBMIT_JOB,
    /** Reads a job. */
    GET_JOB,
    /** Any other route. */
    REQUEST;

    final byte[] word = name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
}
