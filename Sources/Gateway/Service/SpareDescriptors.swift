import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A few descriptors that a loop keeps in hand, to accept clients with and tell them so when there are no others.
///
/// ```
///         accept fails for want of one
/// held ─────────────────────────────────▶ spent (new clients are turned away)
///   ▲          as many are free again         │
///   └─────────────────────────────────────────┘
/// ```
struct SpareDescriptors {
    /// Clients that can be told at the same time.
    static let count = 8

    /// Loops of this process that are short. What one of them sets free may be taken by another: all turn clients away.
    private static let shortLoops = Atomic<Int>(0)
    /// New clients are turned away.
    static var areShort: Bool { shortLoops.load(ordering: .relaxed) > 0 }

    private var held: [Int32] = []
    private var isShort = false {
        didSet {
            guard isShort != oldValue else { return }
            Self.shortLoops.wrappingAdd(isShort ? 1 : -1, ordering: .relaxed)
        }
    }

    init() { refill() }

    /// Looks whether there are descriptors again.
    mutating func refill() {
        while held.count < Self.count {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return }
            held.append(descriptor)
        }
        isShort = false
    }

    /// Makes room for a few clients; false when that was done before.
    mutating func spend() -> Bool {
        defer { closeAll() }
        isShort = true
        return !held.isEmpty
    }

    /// The loop ends.
    mutating func letGo() {
        closeAll()
        isShort = false
    }

    private mutating func closeAll() {
        for descriptor in held { close(descriptor) }
        held = []
    }

    /// Whether an error of the system means that there are none left, in this process or on this machine.
    static func isCause(of error: any Error) -> Bool {
        switch error {
        case let error as IOError: [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode)
        case let error as NIOConnectionError: error.connectionErrors.contains { isCause(of: $0.error) }
        default: false
        }
    }
}
