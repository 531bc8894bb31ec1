import Fleet
import InferenceKeyWire
import NIOCore

// Reading and admitting a request's head.
extension ClientConnection {
    private enum Plan {
        case incomplete
        case data(length: Int, Refusal?)
        case control(RequestHead)
        case local(RequestHead, path: String)
    }

    /// Whether a whole head was read.
    func readHead() -> Bool {
        let isFirstLook = scanned == 0
        do throws(HeadFault) {
            let plan = try inbound.withUnsafeReadableBytes { (bytes) throws(HeadFault) -> Plan in
                let length = try HeadEnd.find(bytes, scanned: scanned, limitBytes: lane.limits.maxHeadBytes)
                guard let length else { return .incomplete }
                return makePlan(bytes, try RequestHeadParser.parse(bytes, length: length, into: &lane.fields))
            }
            switch plan {
            case .incomplete:
                if isFirstLook { deadline = .now() + lane.limits.headDeadline }
                scanned = inbound.readableBytes
                return false
            case .data(let length, let refusal):
                consumeHead(length)
                if let refusal { refuse(refusal) } else { awaitBody() }
            case .control(let head): beginControl(head)
            case .local(let head, let path):
                consumeHead(head.length)
                answerLocally(head, path: path)
            }
        } catch {
            refuseHead(error)
        }
        return true
    }

    private func consumeHead(_ length: Int) {
        inbound.moveReaderIndex(forwardBy: length)
        scanned = 0
    }

    private func makePlan(_ bytes: UnsafeRawBufferPointer, _ head: RequestHead) -> Plan {
        if EndpointTarget.isBelowEndpoint(bytes, head.target) {
            open(bytes, head)
            do throws(Refusal) {
                try admit(bytes, head)
                return .data(length: head.length, nil)
            } catch {
                return .data(length: head.length, error)
            }
        }
        if lane.control != nil { return .control(head) }
        return .local(head, path: String(decoding: bytes.part(head.target), as: UTF8.self))
    }

    /// What must be known of a request before it can even be refused.
    private func open(_ bytes: UnsafeRawBufferPointer, _ head: RequestHead) {
        request.started = .now()
        request.isOpen = true
        request.method = head.method
        request.keepsAlive = head.keepsAlive
        request.expectsContinue = head.expectsContinue
        request.content = head.content
        request.body = RequestBody(head.framing)
        lane.counters.requestsInFlight += 1
        var block = lane.takeBuffer()
        if let given = head.requestID, Self.isUsableID(bytes.part(given)) {
            block.writeHead(atMost: 16 + given.count) { out in
                out.write("x-request-id: ")
                out.write(bytes.part(given))
                out.write("\r\n")
            }
        } else {
            lane.nextRequestID().writeLine(into: &block)
        }
        let idLineBytes = block.readableBytes
        request.forwarded = ForwardedHead(block: block, idLineBytes: idLineBytes, fieldsEnd: idLineBytes)
        request.story = lane.telemetry?.begin(bytes, started: request.started, &lane.fields)
    }

    static let maxRequestIDBytes = 128

    private static func isUsableID(_ id: UnsafeRawBufferPointer) -> Bool {
        (1...maxRequestIDBytes).contains(id.count) && id.allSatisfy(ByteClass.isToken)
    }

    /// Credential, grant, endpoint, route, limits, size: in that order, and nothing of the body is read before.
    private func admit(_ bytes: UnsafeRawBufferPointer, _ head: RequestHead) throws(Refusal) {
        let target = try EndpointTarget(bytes, head.target)
        request.story?.asks(for: target, bytes)
        let key = try authenticate(PresentedCredential(bytes, head))
        request.key = key
        let (project, workload) = (bytes.part(target.project), bytes.part(target.workload))
        guard key.opens(project: project, workload: workload) else { throw Self.notGranted }
        guard let endpoint = lane.tables.endpoint(tenant: key.tenant, project: project, workload: workload) else {
            throw Refusal(
                .workloadNotFound,
                "there is no workload \(String(decoding: workload, as: UTF8.self)) in this project: declare it first")
        }
        enter(endpoint)
        let route = try DataRoute.choose(
            head.method, bytes.part(target.rest), task: endpoint.taskType, tasks: endpoint.tasks)
        request.story?.takes(route)
        request.tokens = route.tokens
        if !route.takesForm, request.content == .multipart { request.content = .other }
        try checkSize(head)
        guard endpoint.hasReadyReplica else { throw endpoint.notReady }
        try enterLimits(of: key, endpoint)
        compose(bytes, head, target, route)
        if !endpoint.sessionHeader.isEmpty { request.session = session(bytes, endpoint.sessionHeader) }
    }

    private static let notGranted = Refusal(.scopeInsufficient, "this key was not granted this endpoint")

    private func authenticate(_ presented: PresentedCredential) throws(Refusal) -> KeyEntry {
        switch presented {
        case .dataKey(let id, let secret):
            let entry = lane.tables.key(id)
            // An unknown id costs the same time as a wrong secret.
            guard (entry?.hash ?? Self.noHash).matches(secret: secret), let entry else { throw Self.unknownKey }
            guard !entry.isExpired(at: entry.expiresAt == nil ? lane.wall : lane.links.now()) else {
                throw Refusal(.invalidCredentials, "this key has expired")
            }
            return entry
        case .otherPlane:
            throw Refusal(
                .wrongCredentialType, "this credential does not call endpoints: use a data key (ik_live_…)")
        case .absent:
            throw Refusal(.invalidCredentials, "no key was sent: send Authorization: Bearer ik_live_…")
        case .malformed:
            throw Refusal(
                .invalidCredentials, "the credential is not well-formed: send Authorization: Bearer ik_live_…")
        }
    }

    private static let unknownKey = Refusal(.invalidCredentials, "this key is unknown or was revoked")
    private static let noHash = SecretHash(of: Credential(kind: .data, id: "00000000", secret: ""))

    private func checkSize(_ head: RequestHead) throws(Refusal) {
        guard case .length(let count) = head.framing else { return }
        guard count <= lane.limits.maxBodyBytes else { throw tooLarge }
        guard lane.heldBodyBytes + count <= lane.limits.maxHeldBodyBytes else {
            throw Refusal(.unavailable, "too many large requests at once: try again", retryAfterMilliseconds: 1000)
        }
    }

    var tooLarge: Refusal {
        Refusal(.payloadTooLarge, "the body is larger than \(lane.limits.maxBodyBytes) bytes")
    }

    /// The key's limits, then the workload's: what the key is refused costs the workload nothing.
    private func enterLimits(of key: KeyEntry, _ endpoint: Endpoint) throws(Refusal) {
        let now = lane.wall.milliseconds
        if let meter = key.meter {
            let state = meter.enter(key.limits, milliseconds: now)
            request.rate = state
            try admit(state)
            request.isMetered = true
        }
        guard let meter = endpoint.standing.meter else { return }
        let state = meter.enter(endpoint.limits.rate, of: .workload, milliseconds: now)
        request.rate = request.rate?.tightened(by: state) ?? state
        do throws(Refusal) { try admit(state) } catch {
            if request.isMetered { key.meter?.takeBack(milliseconds: now) }
            request.isMetered = false
            throw error
        }
        request.workloadMeter = meter
    }

    private func admit(_ state: RateState) throws(Refusal) {
        guard let refusal = state.refusal else { return }
        lane.counters.rateLimited += 1
        throw refusal
    }

    /// What the header `name` says, as a number; nil when the request has none.
    private func session(_ bytes: UnsafeRawBufferPointer, _ name: [UInt8]) -> UInt64? {
        for field in lane.fields where field.name.count == name.count {
            let same = zip(bytes.part(field.name), name).allSatisfy { byte, wanted in
                byte == wanted || byte | 0x20 == wanted && byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            }
            if same, !field.value.isEmpty { return SessionHash.of(bytes.part(field.value)) }
        }
        return nil
    }

    /// Copies what an engine will be sent of this head.
    private func compose(
        _ bytes: UnsafeRawBufferPointer, _ head: RequestHead, _ target: EndpointTarget, _ route: DataRoute
    ) {
        let fields = lane.fields
        request.forwarded.block.writeHead(atMost: head.length) { $0.writeFields(bytes, fields) { $0.goesUpstream } }
        request.story?.writeTrace(into: &request.forwarded.block)
        request.forwarded.fieldsEnd = request.forwarded.block.readableBytes
        let enginePath = route.enginePath ?? "/"
        let rest = route.enginePath == nil ? bytes.part(target.rest) : bytes.part(0..<0)
        let query = bytes.part(target.query)
        request.forwarded.block.writeHead(atMost: enginePath.utf8CodeUnitCount + rest.count + query.count) { out in
            out.write(enginePath)
            out.write(rest)
            out.write(query)
        }
        if head.content == .multipart, let type = head.contentType { request.contentType = Array(bytes[type]) }
    }
}
