import Files
import Fleet
import Glibc
import InferenceKeyWire
import Testing
import Worker

/// A small disk of its own; nil where this process may not mount one.
private final class SmallDisk: Sendable {
    let path: String

    init?(at path: String, size: String) {
        self.path = path
        mkdir(path, 0o700)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(size)") == 0 else { return nil }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    static var isPossible: Bool {
        let folder = TemporaryFolder()
        return SmallDisk(at: folder.path + "/probe", size: "64k") != nil
    }
}

@Suite("A full disk", .enabled(if: SmallDisk.isPossible), .timeLimit(.minutes(5)))
struct FullDiskTests {
    private let harness = AgentHarness()
    private var manager: ManagerDouble { harness.manager }

    @Test("does not end the agent or a running engine; a new replica says storage_full and comes when there is room")
    func full() async throws {
        let disk = try #require(SmallDisk(at: harness.dataFolder, size: "400k"))
        let (chatty, late) = (harness.newID(), harness.newID())
        let script = """
            touch $READY
            while :; do echo a line that fills the disk, a line that fills the disk, a line that fills the disk; done
            """
        try await harness.withAgent {
            manager.assign([harness.replica(chatty, script)])
            let first = try await harness.until(chatty, .ready)
            await eventually("the disk is full") {
                let descriptor = open(disk.path + "/probe", O_WRONLY | O_CREAT, 0o600)
                defer { close(descriptor) }
                let count = [UInt8](repeating: 1, count: 16_384).withUnsafeBytes {
                    write(descriptor, $0.baseAddress, $0.count)
                }
                unlink(disk.path + "/probe")
                return count < 16_384
            }
            // No room for another folder: the last bit is taken too.
            let filler = open(disk.path + "/filler", O_WRONLY | O_CREAT, 0o600)
            let page = [UInt8](repeating: 1, count: 4096)
            while page.withUnsafeBytes({ write(filler, $0.baseAddress, $0.count) }) > 0 {}
            manager.assign([
                harness.replica(chatty, script), harness.replica(late, "touch $READY; exec sleep 600"),
            ])
            await eventually("the new one tells, or runs without a log") {
                manager.replica(late)?.cause == .storageFull || manager.replica(late)?.state == .ready
            }
            #expect(manager.replica(chatty)?.state == .ready)
            #expect(manager.replica(chatty)?.processID == first.processID)
            manager.assign([harness.replica(late, "touch $READY; exec sleep 600")])
            _ = try await harness.until(chatty, .stopped)
            ftruncate(filler, 0)
            close(filler)
            Folder.remove(harness.dataFolder + "/replicas/\(chatty)")
            _ = try await harness.until(late, .ready)
            manager.assign([])
            _ = try await harness.until(late, .stopped)
        }
    }
}
