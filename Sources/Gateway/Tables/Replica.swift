import Fleet
import InferenceKeyWire
import NIOCore

/// One place that a loop sends requests to: an engine's replica, or the Manager behind the control relay. Belongs to one
/// loop, with the connections that loop keeps open to it.
final class Replica {
    /// Connections kept open and idle, at most.
    static let maxIdleConnections = 1024

    let address: Address
    /// Nil when the host is a name, which is looked up anew for each connection.
    let socketAddress: SocketAddress?
    /// Empty for the Manager.
    let id: ReplicaID
    let standing: ReplicaStanding
    let load: ReplicaLoad
    /// A number for ``id``, for rendezvous hashing.
    let identity: UInt64
    private(set) var engineKey: String
    /// The name the engine serves the model under; empty when it is not known.
    private(set) var servedName: [UInt8] = []
    /// ``servedName`` as it stands between the quotes of a JSON string.
    private(set) var servedNameInJSON: [UInt8] = []
    /// What follows the path in a request's head: version, `Host`, `Authorization`.
    private(set) var requestLines = ByteBuffer()
    var isDraining = false
    /// No longer in the tables: connections are not kept.
    var isRetired = false
    private var idle: [UpstreamConnection] = []

    init(address: Address, id: ReplicaID = ID(""), standing: ReplicaStanding = ReplicaStanding()) {
        self.address = address
        precondition(address.hasPort, "an address without a port cannot be dialled")
        socketAddress = try? SocketAddress(ipAddress: address.host, port: address.port)
        self.id = id
        self.standing = standing
        load = standing.load
        identity = Array(id.text.utf8).withUnsafeBytes { SessionHash.of($0) }
        engineKey = ""
        writeRequestLines()
    }

    convenience init(_ upstream: Upstream, standing: ReplicaStanding) {
        self.init(
            address: Address(host: upstream.host, port: upstream.port), id: upstream.replicaID, standing: standing)
        update(upstream)
    }

    /// Takes over what may change while the address stays.
    func update(_ upstream: Upstream) {
        isDraining = upstream.isDraining
        servedName = Array(upstream.servedName.utf8)
        servedNameInJSON = Array(JSONValue.string(upstream.servedName).bytes.dropFirst().dropLast())
        if engineKey != upstream.engineKey {
            engineKey = upstream.engineKey
            writeRequestLines()
        }
    }

    /// Whether requests for `upstream` can go on using the connections to here.
    func serves(_ upstream: Upstream) -> Bool {
        address == Address(host: upstream.host, port: upstream.port)
    }

    /// The most recently used idle connection.
    func takeIdle(now: NIODeadline, keptFor limit: TimeAmount) -> UpstreamConnection? {
        while let connection = idle.popLast() {
            connection.poolIndex = -1
            if now - connection.idleSince < limit { return connection }
            connection.close()
        }
        return nil
    }

    /// Keeps a connection for the next request, or closes it.
    func keep(_ connection: UpstreamConnection, now: NIODeadline) {
        guard !isRetired, idle.count < Self.maxIdleConnections else { return connection.close() }
        connection.idleSince = now
        connection.poolIndex = idle.count
        idle.append(connection)
    }

    /// Forgets an idle connection that has closed.
    func forget(_ connection: UpstreamConnection) {
        let index = connection.poolIndex
        guard index >= 0 else { return }
        connection.poolIndex = -1
        // The order is by age; a closed one is rare and mostly among the oldest.
        idle.remove(at: index)
        for later in index..<idle.count { idle[later].poolIndex = later }
    }

    /// Closes the connections that have been idle for longer than `limit`.
    func closeIdle(now: NIODeadline, keptFor limit: TimeAmount) {
        let old = idle.prefix { now - $0.idleSince >= limit }.count
        guard old > 0 else { return }
        let closing = idle[..<old]
        idle.removeFirst(old)
        for later in idle.indices { idle[later].poolIndex = later }
        for connection in closing {
            connection.poolIndex = -1
            connection.close()
        }
    }

    func closeAllIdle() {
        let closing = idle
        idle = []
        for connection in closing {
            connection.poolIndex = -1
            connection.close()
        }
    }

    private func writeRequestLines() {
        var lines = ByteBuffer()
        lines.writeString(" HTTP/1.1\r\nhost: \(address.hostHeader)\r\n")
        if !engineKey.isEmpty { lines.writeString("authorization: Bearer \(engineKey)\r\n") }
        requestLines = lines
    }
}
