/// About how many tokens a prompt has, for engines that do not say.
enum PromptTokens {
    /// Of text.
    static let bytesPerToken = 4
    /// Of images and sounds in base64.
    static let encodedBytesPerToken = 128

    /// - Parameter bodyBytes: of the body `keys` were found in. What stands before the prompt does not count.
    static func estimate(_ keys: JSONKeys, of bodyBytes: Int) -> Int {
        let text = max(0, bodyBytes - (keys.promptStart ?? 0) - keys.encodedBytes)
        return text / bytesPerToken + keys.encodedBytes / encodedBytesPerToken
    }
}
