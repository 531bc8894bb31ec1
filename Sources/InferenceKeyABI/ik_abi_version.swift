import CInferenceKey

@c @implementation
public func ik_abi_version() -> UInt32 { UInt32(IK_ABI_VERSION) }
