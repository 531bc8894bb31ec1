package import Files

/// Why a certificate cannot be served by. Names the file, never its content.
package enum CertificateFault: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(FileError)
    case noCertificate(String)
    case noKey(String)
    case encryptedKey(String)
    case mismatch(certificate: String, key: String)

    package var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .noCertificate(let path): "\(path) holds no certificate in PEM form"
        case .noKey(let path): "\(path) holds no private key in PEM form"
        case .encryptedKey(let path): "the key in \(path) is encrypted with a passphrase"
        case .mismatch(let certificate, let key): "the key in \(key) is not that of the certificate in \(certificate)"
        }
    }

    /// What to do about it.
    package var fix: String {
        switch self {
        case .unreadable: "let the user that runs this read the file, or name another one"
        case .noCertificate: "give --tls-certificate a file with -----BEGIN CERTIFICATE-----, the server's own first"
        case .noKey: "give --tls-key a file with -----BEGIN PRIVATE KEY----- (RSA or EC)"
        case .encryptedKey(let path): "take the passphrase off: openssl pkey -in '\(path)' -out FILE"
        case .mismatch: "give --tls-certificate and --tls-key the two files of one pair, the server's certificate first"
        }
    }
}
