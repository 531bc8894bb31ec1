/// The version of this SDK.
public enum SDKVersion {
    public static let current = "0.1.0"
    static let userAgent = "inferencekey/\(current)"
}
