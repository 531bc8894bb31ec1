import CSockets

/// Which process this is, asked for without a system call.
package enum ThisProcess {
    /// Another one in the child of a `fork`.
    package static var id: Int32 { csockets_process_id() }
}
