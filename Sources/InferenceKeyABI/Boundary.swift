import CInferenceKey
import InferenceKey
import InferenceKeyWire

/// How values cross into C: what is allocated here is freed by one function of the header, and no error crosses but as
/// an `ik_error`.
enum Boundary {
    /// What a caller gave as a pointer and a length.
    static func bytes(_ pointer: UnsafePointer<CChar>?, _ length: Int) -> [UInt8] {
        guard let pointer, length > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: pointer, count: length))
    }

    static func text(_ pointer: UnsafePointer<CChar>?, _ length: Int) -> String {
        String(decoding: bytes(pointer, length), as: UTF8.self)
    }

    /// Runs the body; what it throws goes out as an error.
    static func status(
        _ error: UnsafeMutablePointer<UnsafeMutablePointer<ik_error>?>?,
        _ body: () throws(InferenceKeyError) -> ik_status
    ) -> ik_status {
        error?.pointee = nil
        do throws(InferenceKeyError) { return try body() } catch let failure {
            error?.pointee = failure.allocated()
            return IK_FAILED
        }
    }

    /// Hands bytes out.
    static func give(_ bytes: [UInt8], to answer: UnsafeMutablePointer<ik_bytes>?) {
        guard let answer else { return }
        answer.pointee = ik_bytes(data: nil, length: 0)
        guard !bytes.isEmpty else { return }
        let data = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
        data.update(from: bytes, count: bytes.count)
        answer.pointee = ik_bytes(data: data, length: bytes.count)
    }

    /// A text that ends with a zero byte.
    static func allocate(_ text: String?) -> UnsafePointer<CChar>? {
        guard let text else { return nil }
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        bytes.withUnsafeBufferPointer { source in
            for (index, byte) in source.enumerated() { copy[index] = byte }
        }
        return UnsafePointer(copy)
    }

    /// Gives a Swift object to C, which owns it until ``release(_:_:)``.
    static func retain(_ object: some AnyObject) -> OpaquePointer {
        OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    }

    static func borrow<Object: AnyObject>(_ pointer: OpaquePointer, _: Object.Type) -> Object {
        Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    static func release<Object: AnyObject>(_ pointer: OpaquePointer, _: Object.Type) -> Object {
        Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeRetainedValue()
    }
}

extension InferenceKeyError {
    /// The error in the form of the header.
    func allocated() -> UnsafeMutablePointer<ik_error> {
        let error = UnsafeMutablePointer<ik_error>.allocate(capacity: 1)
        error.initialize(
            to: ik_error(
                kind: number, status: Int32(clamping: status ?? 0),
                retry_after_ms: retryAfterMilliseconds.map { Int64($0) } ?? -1,
                kind_name: Boundary.allocate(kind.rawValue), message: Boundary.allocate(message),
                code: Boundary.allocate(code), request_id: Boundary.allocate(requestID),
                fields: Boundary.allocate(fieldsJSON.text)))
        return error
    }

    var fieldsJSON: JSONValue {
        .object(JSONObject(fields.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    private var number: Int32 {
        switch kind {
        case .configuration: IK_ERROR_CONFIGURATION
        case .validation: IK_ERROR_VALIDATION
        case .authentication: IK_ERROR_AUTHENTICATION
        case .permissionDenied: IK_ERROR_PERMISSION_DENIED
        case .notFound: IK_ERROR_NOT_FOUND
        case .rateLimited: IK_ERROR_RATE_LIMITED
        case .api: IK_ERROR_API
        case .network: IK_ERROR_NETWORK
        case .timeout: IK_ERROR_TIMEOUT
        case .cancelled: IK_ERROR_CANCELLED
        }
    }
}
