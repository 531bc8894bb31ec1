import Synchronization
import Transport

/// A form with a package in it, as it travels.
struct PackageForm: Sendable {
    let file: PackageFile
    let contentType: String
    private let front: [UInt8]
    private let back: [UInt8]

    init(texts: [(name: String, value: String)], file: PackageFile) {
        self.file = file
        let boundary = "ik-" + String(UInt64.random(in: .min ... .max), radix: 36)
        contentType = "multipart/form-data; boundary=\(boundary)"
        var front = ""
        for (name, value) in texts {
            front += "--\(boundary)\r\ncontent-disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        front += "--\(boundary)\r\ncontent-disposition: form-data; name=\"file\"; filename=\"package.tar.gz\"\r\n"
        front += "content-type: application/gzip\r\n\r\n"
        self.front = Array(front.utf8)
        back = Array("\r\n--\(boundary)--\r\n".utf8)
    }

    /// The form's bytes, once.
    var upload: HTTPUpload {
        let stage = Mutex(0)
        return HTTPUpload(lengthBytes: front.count + file.sizeBytes + back.count) { [file, front, back] in
            try stage.withLock { stage in
                if stage == 0 {
                    stage = 1
                    return front
                }
                if stage == 1, let piece = try file.next() { return piece }
                defer { stage = 2 }
                return stage == 2 ? nil : back
            }
        }
    }
}
