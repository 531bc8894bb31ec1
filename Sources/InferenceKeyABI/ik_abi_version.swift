// The names are those of the header, where each function is described.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

import CInferenceKey

@c @implementation
public func ik_abi_version() -> UInt32 { UInt32(IK_ABI_VERSION) }
