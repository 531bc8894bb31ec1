import InferenceKeyWire

/// What the scan finds in a body is what a reader of the whole JSON finds in it.
enum JSONFuzz {
    static func run(_ bytes: UnsafeRawBufferPointer) {
        bytes.alone(0..<bytes.count) { bytes in
            let keys: JSONKeys?
            do throws(JSONKeyFault) { keys = try JSONKeyScanner.scan(bytes) } catch {
                if case .repeatedModel = error { return }
                if case .modelNotAString = error { return }
                keys = nil
            }
            if let model = keys?.model { precondition(model.lowerBound > 0 && model.upperBound < bytes.count) }
            // The scan does not prove the text well formed, but must not fail on a text that is.
            guard let json = try? JSONValue(parsing: Array(bytes)), json.objectValue != nil else { return }
            guard let keys else { preconditionFailure("a well-formed object is refused") }
            compare(keys, json, bytes)
        }
    }

    private static func compare(_ keys: JSONKeys, _ json: JSONValue, _ bytes: UnsafeRawBufferPointer) {
        let model = keys.model.flatMap { range -> String? in
            let quoted = [UInt8(ascii: "\"")] + bytes[range] + [UInt8(ascii: "\"")]
            return (try? JSONValue(parsing: quoted))?.stringValue
        }
        // `Model` is read too; two of them have been refused.
        let named = json.objectValue?.first { Array($0.key.utf8).map { $0 | 0x20 } == Array("model".utf8) }
        precondition(model == named?.value.stringValue)
        precondition(keys.streams == (json["stream"]?.boolValue == true))
    }
}
