import Transport

extension ManagementClient {
    /// The workload. Throws `notFound` where there is none.
    public func get(_ slug: String, project: String? = nil) async throws(InferenceKeyError) -> Workload {
        let place = try place(slug, project)
        guard let workload = try await live(place.slug, in: place.project) else {
            throw Self.absent(place.slug, in: place.project)
        }
        return workload
    }

    /// Every workload of the project, sorted by slug. The request timeout holds for all pages together.
    public func list(project: String? = nil) async throws(InferenceKeyError) -> [Workload] {
        try checkCredential()
        var path: String? = workloadsPath(in: try Settings.required(project: project, self.project))
        var workloads: [Workload] = []
        var connection = connection
        let deadline = connection.time.now() + connection.options.requestTimeout
        var seen: Set<String> = []
        while let page = path {
            guard seen.insert(page).inserted else {
                throw InferenceKeyError(
                    kind: .api, message: "api error (status 200): the pages of the list go round in a circle",
                    status: 200)
            }
            let left = deadline - connection.time.now()
            if left <= .zero {
                throw .timeout("not every page of the list came within \(self.connection.options.requestTimeout)")
            }
            connection.options.requestTimeout = left
            let (head, body) = try await connection.json(Call("GET", page))
            workloads += try Self.workloads(body)
            path = LinkHeader.next(in: head["link"])
        }
        return workloads
    }

    /// Deletes the workload: its replicas finish what they do and stop. False when it was gone already.
    @discardableResult
    public func delete(_ slug: String, project: String? = nil) async throws(InferenceKeyError) -> Bool {
        let place = try place(slug, project)
        guard let live = try await live(place.slug, in: place.project) else { return false }
        do throws(InferenceKeyError) {
            try await connection.delete(path(of: live))
            return true
        } catch {
            if error.kind == .notFound { return false }
            throw error
        }
    }

    /// Desired and observed replicas, each with the one reason for its state.
    public func status(_ slug: String, project: String? = nil) async throws(InferenceKeyError) -> WorkloadReport {
        let workload = try await get(slug, project: project)
        return try WorkloadReport(answer: try await connection.get(path(of: workload) + "/status"))
    }

    /// What the engines of the workload wrote; with `follow`, also what they will write, until the task is cancelled.
    /// - Parameters:
    ///   - replica: only of this replica.
    ///   - tail: how many of the newest lines of each replica to begin with.
    public func logs(
        _ slug: String, replica: String? = nil, tail: Int? = nil, follow: Bool = false, project: String? = nil
    ) async throws(InferenceKeyError) -> LogLines {
        let workload = try await get(slug, project: project)
        let query = [("replica", replica), ("tail", tail.map(String.init)), ("follow", follow ? "true" : nil)]
        let path = path(of: workload) + "/logs" + PathSegment.query(query)
        if follow { return LogLines(following: try await connection.events(path)) }
        let lines = try await connection.get(path).arrayValue ?? []
        return LogLines(lines.compactMap(LogLine.init(json:)))
    }

    /// The live workload of a canonical slug, if there is one.
    func live(_ slug: String, in project: String) async throws(InferenceKeyError) -> Workload? {
        let found = try await connection.get(workloadsPath(in: project, [("slug", slug)]))
        return try Self.workloads(found).first { $0.slug == slug }
    }

    func path(of workload: Workload) -> String { "/api/workloads/\(PathSegment.encode(workload.id))" }

    func place(_ slug: String, _ project: String?) throws(InferenceKeyError) -> (slug: String, project: String) {
        guard let canonical = Slug.make(from: slug) else {
            throw .validation("slug needs a letter or a digit", fields: ["slug": "needs a letter or a digit"])
        }
        try checkCredential()
        return (canonical, try Settings.required(project: project, self.project))
    }

    static func absent(_ slug: String, in project: String) -> InferenceKeyError {
        let code = ErrorCode.workloadNotFound
        return InferenceKeyError(
            kind: .notFound, message: "not found: project \(project) has no workload \(slug)", status: code.status,
            code: code.rawValue)
    }

    static func workload(_ json: JSONValue, status: Int = 200) throws(InferenceKeyError) -> Workload {
        do throws(FieldErrors) { return try Workload(json: json) } catch {
            throw InferenceKeyError(
                kind: .api, message: "api error (status \(status)): the answer is no workload: \(error.summary)",
                status: status)
        }
    }

    private static func workloads(_ json: JSONValue) throws(InferenceKeyError) -> [Workload] {
        guard let items = json.arrayValue else {
            throw InferenceKeyError(
                kind: .api,
                message: "api error (status 200): the answer is \(json.kindName), not an array of workloads",
                status: 200)
        }
        var workloads: [Workload] = []
        for item in items { workloads.append(try workload(item)) }
        return workloads
    }
}
