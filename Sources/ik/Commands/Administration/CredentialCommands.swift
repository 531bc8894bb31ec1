import ArgumentParser
import Console
import InferenceKeyWire

/// The two kinds of credentials that the administration hands out, and their words.
protocol CredentialNoun {
    /// The route: `tokens`.
    static var route: String { get }
    /// The word for people: `token`.
    static var word: String { get }
    /// The member of a created credential that holds its secret.
    static var secret: String { get }
}

enum ControlTokenNoun: CredentialNoun {
    static let route = "tokens"
    static let word = "token"
    static let secret = "token"
}

enum DataKeyNoun: CredentialNoun {
    static let route = "keys"
    static let word = "key"
    static let secret = "key"
}

extension Session {
    /// Makes a new credential in place of one; the old one stays valid for the overlap.
    func rotate<Noun: CredentialNoun>(_: Noun.Type, _ text: String, overlap: String) async throws {
        let overlapSeconds = try seconds(overlap, of: "--overlap")
        let administration = try administration()
        let id = try await administration.id(text, in: Noun.route, noun: Noun.word)
        let created = try await administration.post(
            "\(Noun.route)/\(id)/rotate", ["overlap_seconds": .int(overlapSeconds)])
        let old = created.moment("old_expires_at").map { "until \($0)" } ?? "no longer"
        reveal(created, secret: Noun.secret, "The new \(Noun.word) is shown once. The old one (\(id)) is valid \(old).")
    }

    /// Revokes a credential, for good.
    func revoke<Noun: CredentialNoun>(_: Noun.Type, _ text: String) async throws {
        let administration = try administration()
        let id = try await administration.id(text, in: Noun.route, noun: Noun.word)
        try await administration.delete("\(Noun.route)/\(id)")
        say("Revoked the \(Noun.word) \(id).")
    }
}
