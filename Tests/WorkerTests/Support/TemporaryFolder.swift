import Files
import Glibc
import Worker

/// A folder of its own for one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        let number = UInt64.random(in: 0...UInt64.max)
        path = "/tmp/inferencekey-tests-" + String(number, radix: 36)
        mkdir(path, 0o700)
    }

    deinit { Folder.remove(path) }

    /// Writes a program that a shell runs.
    func program(_ name: String, _ text: String) -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o700)
        _ = ("#!/bin/sh\n" + text + "\n").withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
        return file
    }
}
