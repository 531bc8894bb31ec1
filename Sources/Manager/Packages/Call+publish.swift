import Files
import Fleet
import HummingbirdCore
import InferenceKeyWire
import NIOCore

// Publishing: the package first, durable under its hash, and only then the record that names it.
extension Call {
    /// Receives the form of a publish request and accepts what it describes.
    func publish(in tenant: Tenant) async throws -> (backend: CustomBackendRecord, isNew: Bool) {
        let boundary = try publishBoundary()
        let incoming = try await core.packages.begin()
        let candidate: CustomBackendRecord
        do {
            let form = try await receive(boundary, into: incoming)
            candidate = try form.backend(of: tenant.id, package: incoming.hash, sizeBytes: incoming.sizeBytes)
            _ = try await core.packages.keep(incoming)
        } catch {
            await core.packages.discard(incoming)
            throw PackageFolder.refusal(error)
        }
        do {
            let accepted = try await transact { draft in try Publication.accept(candidate, in: &draft) }
            core.packages.release(candidate.package, isUnused: false)
            return accepted
        } catch {
            // Whether a failed commit is on the disk is not known: only a refusal leaves nothing behind.
            let isRefused = (error as? ServiceError)?.code == .conflict
            let isNamed = core.ledger.current.customBackends.values.contains { $0.package == candidate.package }
            core.packages.release(candidate.package, isUnused: isRefused && !isNamed)
            throw error
        }
    }

    private func publishBoundary() throws(ServiceError) -> String {
        let limit = core.configuration.maxPackageBytes
        if let length = header("content-length").flatMap({ Int($0) }), length > limit + Visit.maxBodyBytes {
            throw Self.tooLarge(limit)
        }
        guard let boundary = header("content-type").flatMap(MultipartPart.boundary(of:)) else {
            throw ServiceError(
                .invalidRequest, "the body must be a form with the package; send it as multipart/form-data",
                fields: ["content-type": "must be multipart/form-data with a boundary"])
        }
        return boundary
    }

    private func receive(_ boundary: String, into incoming: IncomingPackage) async throws -> PublishForm {
        var reader = MultipartReader(boundary: boundary)
        var form = PublishForm()
        var file = FilePart(incoming: incoming, limitBytes: core.configuration.maxPackageBytes)
        do {
            for try await piece in content {
                for event in try reader.read(Array(piece.readableBytesView)) {
                    switch event {
                    case .began(let part): try form.began(part)
                    case .content(let bytes):
                        if form.isInFile { try await file.take(bytes) } else { form.content(bytes) }
                    case .partEnded: form.partEnded()
                    case .ended: break
                    }
                }
            }
        } catch let fault as MultipartFault {
            throw ServiceError(
                .invalidRequest, "the form cannot be read: \(fault.reason)", fields: ["body": fault.reason])
        } catch is FilePart.TooLarge {
            throw Self.tooLarge(core.configuration.maxPackageBytes)
        } catch  where error is ServiceError || error is FieldErrors || error is FileError {
            throw error
        } catch {
            throw Self.cutShort
        }
        guard reader.hasEnded else { throw Self.cutShort }
        try await file.end()
        if form.hasFile, let problem = file.problem { form.reject(PublishForm.filePart, problem) }
        return form
    }

    private static let cutShort = ServiceError(
        .invalidRequest, "the form ended before its closing boundary; send it again",
        fields: ["body": "ended before it was complete"])

    private static func tooLarge(_ limitBytes: Int) -> ServiceError {
        ServiceError(
            .payloadTooLarge, "the package is larger than \(limitBytes) bytes; leave models out of it",
            fields: [PublishForm.filePart: "must not be larger than \(limitBytes) bytes"])
    }
}

/// The package's part: checked for what it claims to be, and written in large pieces.
private struct FilePart {
    struct TooLarge: Error {}

    /// Written at once.
    private static let pieceBytes = 256 << 10
    private static let gzipMagic: [UInt8] = [0x1F, 0x8B]

    let incoming: IncomingPackage
    let limitBytes: Int
    private var waiting: [UInt8] = []
    private var received = 0
    private var magic: [UInt8] = []

    init(incoming: IncomingPackage, limitBytes: Int) {
        self.incoming = incoming
        self.limitBytes = limitBytes
    }

    mutating func take(_ bytes: [UInt8]) async throws {
        magic += bytes.prefix(2 - magic.count)
        received += bytes.count
        guard received <= limitBytes else { throw TooLarge() }
        if magic.count == 2, magic != Self.gzipMagic { throw FieldErrors(PublishForm.filePart, Self.noGzip) }
        waiting += bytes
        if waiting.count >= Self.pieceBytes { try await end() }
    }

    /// Writes what waits.
    mutating func end() async throws {
        guard !waiting.isEmpty else { return }
        let bytes = waiting
        waiting = []
        try await incoming.write(bytes)
    }

    var problem: String? { received == 0 ? "is empty" : magic == Self.gzipMagic ? nil : Self.noGzip }

    private static let noGzip = "is no gzip file; make the package with: python -m inferencekey.backend.package"
}
