import Fleet
import InferenceKeyWire

/// What is said of a custom backend beside its package, part by part as it arrives.
struct PublishForm: Sendable {
    static let filePart = "file"
    static let textParts = ["name", "slug", "version", "task_type", "entrypoint"]
    /// Of one text part.
    static let maxTextBytes = 1024

    private enum Current: Sendable {
        case text(String, [UInt8])
        case file
        case none
    }

    private var texts = JSONObject()
    private var problems: [String: String] = [:]
    private var current = Current.none
    private(set) var hasFile = false

    /// Whether what is read now is the package.
    var isInFile: Bool { if case .file = current { true } else { false } }

    /// Throws when the package begins and what came before it is already known to be wrong: it need not be sent.
    mutating func began(_ part: MultipartPart) throws(FieldErrors) {
        let known = Self.textParts + [Self.filePart]
        guard known.contains(part.name) else {
            let hint = Suggestion.nearest(to: part.name, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
            problems[part.name] = "unknown part\(hint)"
            current = .none
            return
        }
        if part.name == Self.filePart {
            if hasFile { problems[part.name] = "stands twice in the form" }
            hasFile = true
            current = .file
            var soFar = problems
            soFar.merge(Self.problems(in: texts, isWhole: false)) { old, _ in old }
            if !soFar.isEmpty { throw FieldErrors(fields: soFar) }
        } else {
            if texts[part.name] != nil { problems[part.name] = "stands twice in the form" }
            current = .text(part.name, [])
        }
    }

    mutating func content(_ bytes: [UInt8]) {
        guard case .text(let name, var text) = current else { return }
        text += bytes.prefix(Self.maxTextBytes + 1 - text.count)
        current = .text(name, text)
    }

    mutating func partEnded() {
        defer { current = .none }
        guard case .text(let name, let bytes) = current else { return }
        if bytes.count > Self.maxTextBytes {
            problems[name] = "must not be longer than \(Self.maxTextBytes) bytes"
            texts[name] = ""
        } else if let text = String(validating: bytes, as: UTF8.self) {
            texts[name] = .string(text)
        } else {
            problems[name] = "must be UTF-8"
            texts[name] = ""
        }
    }

    mutating func reject(_ part: String, _ reason: String) { problems[part] = reason }

    /// The backend as the form describes it; its id and time are given when it is accepted.
    func backend(
        of tenant: TenantID, package: ContentHash, sizeBytes: Int
    ) throws(FieldErrors) -> CustomBackendRecord {
        var problems = problems
        if !hasFile { problems[Self.filePart] = "is required: the package, a .tar.gz" }
        problems.merge(Self.problems(in: texts, isWhole: true)) { old, _ in old }
        guard problems.isEmpty else { throw FieldErrors(fields: problems) }
        func text(_ part: String) -> String { texts[part]?.stringValue ?? "" }
        return CustomBackendRecord(
            id: ID(""), tenantID: tenant, slug: text("slug"), version: text("version"), name: text("name"),
            taskType: TaskType(rawValue: text("task_type")) ?? .text2text, entrypoint: text("entrypoint"),
            package: package, sizeBytes: sizeBytes, createdAt: Timestamp(milliseconds: 0))
    }

    private static func problems(in texts: JSONObject, isWhole: Bool) -> [String: String] {
        var fields = JSONFields(texts)
        var problems: [String: String] = [:]
        func isThere(_ part: String) -> Bool { isWhole || texts[part] != nil }
        if isThere("name") { _ = fields.string("name", required: true, maxBytes: 200) }
        if isThere("slug") {
            let slug = fields.slug("slug")
            if Backend.builtIn.contains(Backend(rawValue: slug)) {
                problems["slug"] = "\(slug) is the name of a built-in backend; choose another"
            }
        }
        if isThere("version"), let version = fields.string("version", required: true), !isVersion(version) {
            fields.reject(
                "version", "must be 1-64 of letters, digits, . _ + and -, beginning with one of the first two")
        }
        if isThere("task_type") { _ = fields.choice("task_type", TaskType.self, required: true) }
        if isThere("entrypoint"), let entry = fields.string("entrypoint", required: true), !isEntrypoint(entry) {
            fields.reject("entrypoint", "must be MODULE:CLASS, such as sentiment.backend:Sentiment")
        }
        for part in textParts where texts[part]?.stringValue.map(Redaction.holdsSecret) == true {
            problems[part] = "must not hold a credential"
        }
        return problems.merging(fields.problems) { old, _ in old }
    }

    static let maxVersionBytes = 64

    private static func isVersion(_ text: String) -> Bool {
        guard (1...maxVersionBytes).contains(text.utf8.count), let first = text.first else { return false }
        func isWord(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber)
        }
        return isWord(first) && text.allSatisfy { isWord($0) || "._+-".contains($0) }
    }

    /// A Python module, dotted or not, and a class in it.
    private static func isEntrypoint(_ text: String) -> Bool {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, text.utf8.count <= 200, isName(halves[1]) else { return false }
        return halves[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isName)
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.first, first == "_" || first.isASCII && first.isLetter else { return false }
        return text.allSatisfy { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}
