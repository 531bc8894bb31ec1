import Files

/// One line of `/proc/PID/stat`.
package struct ProcStat: Sendable, Hashable {
    package var processID: Int32
    /// `R`, `S`, `D`, `Z`, …
    package var state: Character
    package var group: Int32
    package var session: Int32
    /// In clock ticks since the machine started.
    package var startTicks: UInt64
    /// It is being replaced by another program, and has no environment that can be read until that is done. The kernel
    /// shows other users' processes like this too.
    package var isLoading: Bool

    /// The name of the program stands in parentheses and may hold any character, parentheses and line ends too.
    package init?(parsing text: String) {
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"),
            let processID = Int32(text[..<open].trimmed)
        else { return nil }
        let fields = text[text.index(after: close)...].split(separator: " ")
        guard fields.count > 19, let state = fields[0].first, let group = Int32(fields[2]),
            let session = Int32(fields[3]), let startTicks = UInt64(fields[19])
        else { return nil }
        self.processID = processID
        self.state = state
        self.group = group
        self.session = session
        self.startTicks = startTicks
        // `vsize`, which kernel threads have none of, and `env_end`.
        isLoading = fields.count > 48 && fields[20] != "0" && fields[48] == "0"
    }

    /// It has ended; only its exit status is left.
    package var isGone: Bool { state == "Z" || state == "X" }
}
