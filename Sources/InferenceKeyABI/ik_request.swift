// The names are those of the header, where each function is described.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CInferenceKey
import InferenceKeyWire
import Transport

@c @implementation
public func ik_start(
    _ client: OpaquePointer?, _ operation: UnsafePointer<CChar>?, _ operation_length: Int,
    _ arguments: UnsafePointer<CChar>?, _ arguments_length: Int, _ where: Int32,
    _ request: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<ik_error>?>?
) -> ik_status {
    request?.pointee = nil
    return Boundary.status(error) { () throws(InferenceKeyError) in
        guard let client else {
            throw InferenceKeyError.configuration("this client is closed. Make a new one, or close it later.")
        }
        guard let place = Request.Place(rawValue: `where`) else {
            throw InferenceKeyError.validation("where must be one of the three places of IK_ON_…")
        }
        let made = try Request(
            try Operation(named: Boundary.text(operation, operation_length)),
            arguments: Boundary.bytes(arguments, arguments_length), client: Boundary.borrow(client, Client.self),
            place: place)
        request?.pointee = Boundary.retain(made)
        return IK_OK
    }
}

@c @implementation
public func ik_next(
    _ request: OpaquePointer?, _ timeout_ms: Int64, _ answer: UnsafeMutablePointer<ik_bytes>?,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<ik_error>?>?
) -> ik_status {
    Boundary.give([], to: answer)
    return Boundary.status(error) { () throws(InferenceKeyError) in
        guard let request else { throw InferenceKeyError.validation("request is NULL") }
        let asked = Boundary.borrow(request, Request.self)
        let (found, wasInterrupted) = asked.next(until: .after(milliseconds: timeout_ms))
        switch found {
        case .bytes(let bytes)?:
            Boundary.give(bytes, to: answer)
            return IK_OK
        case .end?: return IK_END
        case .failed(let failure)?: throw failure
        case nil: return wasInterrupted ? IK_INTERRUPTED : IK_PENDING
        }
    }
}

@c @implementation
public func ik_cancel(_ request: OpaquePointer?) {
    request.map { Boundary.borrow($0, Request.self).cancel() }
}

@c @implementation
public func ik_request_id(_ request: OpaquePointer?) -> UInt64 {
    request.map { Boundary.borrow($0, Request.self).id } ?? 0
}

@c @implementation
public func ik_request_free(_ request: OpaquePointer?) {
    guard let request else { return }
    Boundary.release(request, Request.self).close()
}

@c @implementation
public func ik_call(
    _ client: OpaquePointer?, _ operation: UnsafePointer<CChar>?, _ operation_length: Int,
    _ arguments: UnsafePointer<CChar>?, _ arguments_length: Int, _ answer: UnsafeMutablePointer<ik_bytes>?,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<ik_error>?>?
) -> ik_status {
    Boundary.give([], to: answer)
    var request: OpaquePointer?
    let started = ik_start(
        client, operation, operation_length, arguments, arguments_length, IK_ON_CALLING_THREAD, &request, error)
    guard started == IK_OK else { return started }
    defer { ik_request_free(request) }
    while true {
        let status = ik_next(request, -1, answer, error)
        if status != IK_INTERRUPTED, status != IK_PENDING { return status }
    }
}

@c @implementation
public func ik_decide(
    _ subject: UnsafePointer<CChar>?, _ subject_length: Int, _ given: UnsafePointer<CChar>?, _ given_length: Int,
    _ answer: UnsafeMutablePointer<ik_bytes>?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<ik_error>?>?
) -> ik_status {
    Boundary.give([], to: answer)
    return Boundary.status(error) { () throws(InferenceKeyError) in
        let decision = try Decision(named: Boundary.text(subject, subject_length))
        Boundary.give(try decision.decide(Boundary.bytes(given, given_length)).bytes, to: answer)
        return IK_OK
    }
}
