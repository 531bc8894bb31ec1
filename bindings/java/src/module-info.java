/** Declares AI workloads in code, and calls them. */
module dev.inferencekey {
    exports dev.inferencekey;
}
