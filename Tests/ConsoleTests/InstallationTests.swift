import Console
import Files
import InferenceKeyWire
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("The data folder")
struct InstallationTests {
    private let scratch = Scratch()

    @Test("the folder is found by XDG_DATA_HOME, else under the home")
    func standard() {
        #expect(
            Installation.standard(environment: ["XDG_DATA_HOME": "/x", "HOME": "/h"])?.path == "/x/inferencekey")
        #expect(Installation.standard(environment: ["HOME": "/h"])?.path == "/h/.local/share/inferencekey")
        #expect(Installation.standard(environment: [:]) == nil)
    }

    @Test("a relative folder is one of the working folder")
    func relative() {
        #expect(Installation("/a//b/./c/").path == "/a/b/c")
        #expect(Installation("./x").path.hasPrefix("/"))
        #expect(Installation("./x").path.hasSuffix("/x"))
    }

    @Test("a folder is made private with what is above it, and one that stands there is made private")
    func folder() throws {
        let path = scratch.path + "/a/b"
        try PrivateFolder(path).makePrivate()
        #expect(mode(path) == 0o700)
        chmod(path, 0o755)
        try PrivateFolder(path).makePrivate()
        #expect(mode(path) == 0o700)
        #expect((PrivateFolder(path).freeBytes ?? 0) > 0)
    }

    @Test("a folder that others share and that holds something else is left as it is")
    func sharedFolder() throws {
        let data = Installation(scratch.path + "/shared")
        mkdir(data.path, 0o755)
        close(open(data.path + "/letters", O_CREAT | O_WRONLY, 0o644))
        let refused = #expect(throws: FileError.self) { try data.makePrivate() }
        #expect(
            refused?.description == "\(data.path) is not empty, is open to others, and holds no data of InferenceKey")
        #expect(mode(data.path) == 0o755)
        chmod(data.path, 0o700)
        try data.makePrivate()
    }

    @Test("a data folder that was opened to others is made private again")
    func openedFolder() throws {
        let data = Installation(scratch.path + "/opened")
        try data.makePrivate()
        try data.operatorKey.write("k".utf8)
        chmod(data.path, 0o755)
        try data.makePrivate()
        #expect(mode(data.path) == 0o700)
    }

    @Test("a file that stands where the folder should be is told")
    func noFolder() throws {
        let path = scratch.path + "/file"
        try KeyFile(path).write("x".utf8)
        #expect(throws: FileError(path: path, reason: "is not a folder")) { try PrivateFolder(path).makePrivate() }
    }

    @Test("a private file comes back as it was written, with mode 0600")
    func privateFile() throws {
        let file = KeyFile(scratch.path + "/key")
        #expect(try file.read() == nil)
        try file.write("one\n".utf8)
        try file.write("two\n".utf8)
        #expect(try file.readText() == "two")
        #expect(mode(file.path) == 0o600)
        #expect(!file.isOpenToOthers)
        #expect(mode(file.path + ".partial") == nil)
    }

    @Test("a damaged key names its file and the way out")
    func damagedKey() throws {
        let data = Installation(scratch.path + "/")
        #expect(try data.credential(.operatorKey, in: data.operatorKey, fix: "f") == nil)
        try data.operatorKey.write("ik_admin_nonsense".utf8)
        let failure = #expect(throws: CommandFailure.self) {
            try data.credential(.operatorKey, in: data.operatorKey, fix: "do this")
        }
        #expect(failure?.what == "\(scratch.path)/operator.key does not hold a credential that begins with ik_admin_")
        #expect(failure?.next == ["do this"])
        let key = "ik_admin_a1b2c3d4_" + String(repeating: "a", count: 64)
        try data.operatorKey.write((key + "\n").utf8)
        #expect(try data.credential(.operatorKey, in: data.operatorKey, fix: "f")?.id == "a1b2c3d4")
    }

    @Test("a second platform is kept out of the folder until the first is gone")
    func lock() throws {
        let data = Installation(scratch.path)
        let reason = "is held by another ik that runs on this data folder"
        try hold(data) {
            #expect(throws: FileError(path: "\(scratch.path)/lock", reason: reason)) { _ = try data.lock() }
        }
        _ = try data.lock()
    }

    private func hold(_ data: Installation, _ body: () throws -> Void) throws {
        let lock = try data.lock()
        try withExtendedLifetime(lock) { try body() }
    }

    private func mode(_ path: String) -> UInt32? {
        var info = stat()
        return stat(path, &info) == 0 ? UInt32(info.st_mode) & 0o7777 : nil
    }
}

/// A folder of a test's own, gone with it.
private final class Scratch: Sendable {
    let path: String

    init() {
        var name = Array("/tmp/ik-console-XXXXXX".utf8CString)
        mkdtemp(&name)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove(path) }

    private func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove(path + "/" + name) }
            }
            closedir(folder)
        }
        _ = Self.removeOne(path)
    }

    private static func removeOne(_ path: String) -> Int32 { rmdir(path) == 0 ? 0 : unlink(path) }
}
