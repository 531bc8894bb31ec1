import CSpawn
import Glibc

/// A process to start: everything of it is said here, nothing is inherited.
struct ProcessOrder: Sendable {
    /// An absolute path.
    var program: String
    /// Without the program's own name.
    var arguments: [String]
    var variables: [String: String]
    var folder: String
    /// Gets what it writes; open for appending.
    var log: Int32

    /// Starts it in a session of its own. Throws the errno of what failed, the program's own loading included.
    func start() throws(SpawnError) -> EngineProcess {
        var process: pid_t = 0
        let error = Self.withPointers([program] + arguments) { arguments in
            Self.withPointers(variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { variables in
                program.withCString { program in
                    folder.withCString { folder in
                        var order = cspawn_order(
                            program: program, arguments: arguments, variables: variables, folder: folder, log: log)
                        return cspawn_start(&order, &process)
                    }
                }
            }
        }
        guard error == 0 else { throw SpawnError(code: error) }
        // Until it is reaped its entry stands, even if it has ended already.
        return EngineProcess(id: process, startTicks: ProcessTable.stat(of: process)?.startTicks ?? 0)
    }

    struct SpawnError: Error {
        var code: Int32
        var reason: String { String(cString: strerror(code)) }
    }

    private static func withPointers<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafePointer<CChar>?] = texts.map { UnsafePointer(strdup($0)) }
        pointers.append(nil)
        defer { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
        return pointers.withUnsafeBufferPointer { buffer in
            // The buffer has at least its closing null.
            buffer.baseAddress.map(body) ?? body([nil])
        }
    }
}
