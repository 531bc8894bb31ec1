import CSockets
import NIOCore
import NIOPosix
import Synchronization

/// The event loops of this process. The first process that asks has the shared ones; those do not live on in the child of
/// a `fork`, which gets one loop of its own.
enum ProcessLoops {
    private struct Owned {
        var processID: Int32
        var group: any EventLoopGroup
    }

    private static let owned = Mutex<Owned?>(nil)

    /// What a loop opens, and what is left for the rest of the process.
    private static let descriptorsOfLoop = 3
    private static let spareDescriptors = 8

    /// Throws where the loops cannot have their descriptors: making one without ends the process.
    static func group(of processID: Int32) throws(TransportError) -> any EventLoopGroup {
        try owned.withLock { owned throws(TransportError) in
            if let owned, owned.processID == processID { return owned.group }
            let loops = owned == nil ? NIOSingletons.groupLoopCountSuggestion : 1
            let code = csockets_room(Int32(loops * descriptorsOfLoop + spareDescriptors))
            guard code == 0 else { throw .noDescriptors(code) }
            let group: any EventLoopGroup =
                owned == nil
                ? MultiThreadedEventLoopGroup.singleton : MultiThreadedEventLoopGroup(numberOfThreads: 1)
            owned = Owned(processID: processID, group: group)
            return group
        }
    }
}
