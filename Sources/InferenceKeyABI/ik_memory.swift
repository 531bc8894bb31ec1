// The names are those of the header, where each function is described.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CInferenceKey

@c @implementation
public func ik_bytes_free(_ bytes: UnsafeMutablePointer<ik_bytes>?) {
    guard let bytes else { return }
    bytes.pointee.data?.deallocate()
    bytes.pointee = ik_bytes(data: nil, length: 0)
}

@c @implementation
public func ik_error_free(_ error: UnsafeMutablePointer<ik_error>?) {
    guard let error else { return }
    let texts = [
        error.pointee.kind_name, error.pointee.message, error.pointee.code, error.pointee.request_id,
        error.pointee.fields,
    ]
    for text in texts { text?.deallocate() }
    error.deallocate()
}
