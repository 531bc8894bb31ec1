/// How long a server says that it keeps an idle connection.
enum KeepAlive {
    /// `Keep-Alive: timeout=5`
    static func announced(in head: HTTPHead) -> Duration? {
        let items = head["keep-alive"]?.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }) ?? []
        return items.first { $0.hasPrefix("timeout=") }.flatMap { Int($0.dropFirst(8)) }.map { .seconds($0) }
    }
}
