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

    static func group(of processID: Int32) -> any EventLoopGroup {
        owned.withLock { owned in
            if let owned, owned.processID == processID { return owned.group }
            let group: any EventLoopGroup =
                owned == nil
                ? MultiThreadedEventLoopGroup.singleton : MultiThreadedEventLoopGroup(numberOfThreads: 1)
            owned = Owned(processID: processID, group: group)
            return group
        }
    }
}
