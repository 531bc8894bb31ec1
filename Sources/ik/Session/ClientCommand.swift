import ArgumentParser
import Console
import InferenceKeyWire

/// A command that speaks to a platform over its public API.
protocol ClientCommand: AsyncParsableCommand {
    var server: ServerOptions { get }
    func run(_ session: Session) async throws
}

extension ClientCommand {
    func run() async throws {
        let session = try Session(server)
        do {
            try await run(session)
        } catch let error as InferenceKeyError {
            throw CommandFailure(error, address: session.address)
        } catch let problems as FileProblems {
            throw problems.failure
        }
    }
}
