import Fleet
import InferenceKeyWire
import Testing

@Suite("Ids, credentials and derived keys")
struct IdentityTests {
    private let fixed = IDSource(
        now: { Timestamp(milliseconds: 1_469_918_176_385) }, random: { [UInt8](repeating: 7, count: $0) })

    @Test("a ULID begins with its time and has 26 characters of Crockford's base 32")
    func ulid() {
        #expect(fixed.ulid().hasPrefix("01ARYZ6S41"))
        #expect(fixed.ulid().count == 26)
        #expect(fixed.id(WorkloadRecord.self).text.hasPrefix("wl_01ARYZ6S41"))
    }

    @Test("a credential has its published shape and only its hash is kept", arguments: CredentialKind.allCases)
    func credential(kind: CredentialKind) throws {
        let credential = IDSource.system.credential(kind)
        #expect(credential.revealed.count == kind.rawValue.count + 1 + 8 + 1 + 64)
        #expect(Credential(credential.revealed) == credential)
        let hash = SecretHash(of: credential)
        #expect(hash.matches(SecretHash(of: credential)))
        #expect(!hash.matches(SecretHash(of: IDSource.system.credential(kind))))
        let record = CredentialRecord(id: credential.id, kind: kind, hash: hash, createdAt: Timestamp(milliseconds: 0))
        #expect(!record.json.text.contains(credential.revealed.suffix(64)))
        #expect(try CredentialRecord(json: record.json) == record)
    }

    @Test("printing a credential in any way shows no secret")
    func printing() {
        let credential = IDSource.system.credential(.data)
        var dumped = ""
        dump(credential, to: &dumped)
        for text in [
            "\(credential)", String(reflecting: credential), dumped, "\([credential])",
            "\(Optional(credential) as Any)",
        ] {
            #expect(!text.contains(credential.revealed.suffix(64)))
        }
    }

    @Test("each replica has an engine key of its own, the same one every time")
    func engineKeys() {
        let secret = InstallationSecret(bytes: [UInt8](repeating: 1, count: 32))
        #expect(secret.engineKey(for: ID("rp_a")) == secret.engineKey(for: ID("rp_a")))
        #expect(secret.engineKey(for: ID("rp_a")) != secret.engineKey(for: ID("rp_b")))
        #expect(secret.engineKey(for: ID("rp_a")).count == 64)
    }
}
