// The names are those of the header, where each function is described.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CInferenceKey
import InferenceKeyWire
import Transport

@c @implementation
public func ik_client_create(
    _ configuration: UnsafePointer<CChar>?, _ length: Int, _ client: UnsafeMutablePointer<OpaquePointer?>?,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<ik_error>?>?
) -> ik_status {
    client?.pointee = nil
    return Boundary.status(error) { () throws(InferenceKeyError) in
        let made = try Client.configured(by: Boundary.bytes(configuration, length))
        client?.pointee = Boundary.retain(made)
        return IK_OK
    }
}

@c @implementation
public func ik_client_free(_ client: OpaquePointer?) {
    guard let client else { return }
    Boundary.release(client, Client.self).close()
}

@c @implementation
public func ik_client_descriptor(_ client: OpaquePointer?) -> Int32 {
    guard let client else { return -1 }
    do throws(TransportError) { return try Boundary.borrow(client, Client.self).sharedLoop().descriptor } catch {
        return -1
    }
}

@c @implementation
public func ik_poll(
    _ client: OpaquePointer?, _ timeout_ms: Int64, _ ids: UnsafeMutablePointer<UInt64>?, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>?
) -> ik_status {
    count?.pointee = 0
    guard let client, let ids, capacity > 0 else { return IK_PENDING }
    let polled = Boundary.borrow(client, Client.self)
    let end: CallerLoop.End
    do throws(TransportError) {
        end = try polled.sharedLoop().drive(until: .after(milliseconds: timeout_ms)) { polled.hasReady }
    } catch { return IK_PENDING }
    let ready = polled.takeReady(capacity)
    for (index, id) in ready.enumerated() { ids[index] = id }
    count?.pointee = ready.count
    if !ready.isEmpty { return IK_OK }
    return end == .interrupted ? IK_INTERRUPTED : IK_PENDING
}

extension LoopMoment {
    /// Nil, for ever, when it is negative.
    static func after(milliseconds: Int64) -> LoopMoment? {
        milliseconds < 0 ? nil : .now + .milliseconds(min(milliseconds, 1 << 50))
    }
}
