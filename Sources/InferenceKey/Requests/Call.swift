package import InferenceKeyWire
package import Transport

/// One request of the SDK before it is tied to a host.
package struct Call: Sendable {
    package var method: String
    /// Below the base URL; percent-encoded, with its query.
    package var path: String
    package var headers: [HTTPField]
    package var body: [UInt8]?
    /// Whether sending it twice does no more than sending it once.
    package var isReplayable: Bool

    package init(
        _ method: String, _ path: String, headers: [HTTPField] = [], body: [UInt8]? = nil, isReplayable: Bool? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.isReplayable = isReplayable == true || HTTPRequest.isReplayable(method, headers)
    }

    /// A call with a JSON body.
    package init(
        _ method: String, _ path: String, json: JSONValue, headers: [HTTPField] = [], isReplayable: Bool? = nil
    ) {
        let type = HTTPField("content-type", "application/json")
        self.init(method, path, headers: [type] + headers, body: json.bytes, isReplayable: isReplayable)
    }
}
