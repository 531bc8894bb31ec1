import InferenceKey
import InferenceKeyWire

/// The arguments of one operation: read one by one, then checked as a whole.
struct Arguments {
    private var fields: JSONFields

    init(parsing bytes: [UInt8]) throws(InferenceKeyError) {
        do throws(JSONSyntaxError) {
            fields = JSONFields(bytes.isEmpty ? .object([:]) : try JSONValue(parsing: bytes))
        } catch { throw .validation("the arguments are \(error)") }
    }

    init(_ json: JSONValue) { fields = JSONFields(json) }

    mutating func text(_ key: String) -> String? { fields.string(key, maxBytes: .max) }
    mutating func requiredText(_ key: String) -> String { fields.string(key, maxBytes: .max) ?? "" }
    mutating func int(_ key: String) -> Int? { fields.int(key) }
    mutating func double(_ key: String) -> Double? { fields.double(key) }
    mutating func object(_ key: String) -> JSONObject? { fields.object(key) }
    mutating func requiredObject(_ key: String) -> JSONObject { fields.object(key, required: true) ?? [:] }
    mutating func array(_ key: String) -> [JSONValue]? { fields.array(key) }
    mutating func texts(_ key: String) -> [String]? { fields.strings(key) }
    mutating func value(_ key: String) -> JSONValue? { fields.value(key) }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String { fields.choice(key, type) }

    mutating func reject(_ key: String, _ reason: String) { fields.reject(key, reason) }

    /// Throws what is wrong with the arguments, those that nobody asked for included. Call it before anything is done.
    mutating func finish() throws(InferenceKeyError) {
        do throws(FieldErrors) { try fields.finish() } catch {
            throw .validation(error.summary, fields: error.fields)
        }
    }

    /// The client's options with those of `options` in their place.
    mutating func options(over base: ClientOptions) throws(InferenceKeyError) -> ClientOptions {
        guard let object = fields.object("options") else { return base }
        var given = Arguments(.object(object))
        var options = base
        options.maxRetries = given.atLeast(0, "max_retries") ?? base.maxRetries
        options.connectTimeout = given.milliseconds("connect_timeout_ms") ?? base.connectTimeout
        options.requestTimeout = given.milliseconds("request_timeout_ms") ?? base.requestTimeout
        options.streamIdleTimeout = given.milliseconds("stream_idle_timeout_ms") ?? base.streamIdleTimeout
        try given.finish()
        return options
    }

    mutating func milliseconds(_ key: String) -> Duration? { atLeast(0, key).map { .milliseconds($0) } }

    private mutating func atLeast(_ least: Int, _ key: String) -> Int? { fields.int(key, in: least...(1 << 50)) }
}
