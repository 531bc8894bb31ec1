import Fleet
import InferenceKeyWire

/// The custom backends of a tenant: packages that were published, by slug and version.
enum CustomBackendRoutes {
    static let all: [Route] = [publish, list, get]

    private static let form = Schema.body(
        required: [PublishForm.filePart] + PublishForm.textParts, (PublishForm.filePart, .file),
        ("name", .string(maxLength: 200)), ("slug", Components.slug),
        ("version", .string(maxLength: PublishForm.maxVersionBytes, pattern: "^[A-Za-z0-9][A-Za-z0-9._+-]*$")),
        ("task_type", .choice(TaskType.self)),
        ("entrypoint", Schema.string(maxLength: 200).described("The class that serves: MODULE:CLASS.")))

    private static let publish = Route(
        .post, "/api/tenants/:tenant/custom-backends", .publisher,
        "Publish a version of a custom backend: a .tar.gz with its manifest.json.", body: .form(form),
        answers: [
            .json(201, .ref("CustomBackend"), "Published."),
            .json(200, .ref("CustomBackend"), "This version was there with the same package."),
        ], failures: [.conflict]
    ) { call, tenant in
        let (backend, isNew) = try await call.publish(in: tenant)
        return isNew ? .created(view(backend)) : .ok(view(backend))
    }

    private static let list = Route(
        .get, "/api/tenants/:tenant/custom-backends", .operatorOnly,
        "Every published version, by slug, oldest first.",
        query: [QueryParameter("slug", .string, "Only of the backend with this slug.")],
        answers: [.json(200, .array(.ref("CustomBackend")), "The versions.")]
    ) { call, _ in
        let all = call.fleet.customBackends(of: try call.fleet.tenant(named: call.parameter("tenant")).id)
        let slug = call.query["slug"]
        return .ok(.array(all.filter { slug == nil || $0.slug == slug }.map(view)))
    }

    private static let get = Route(
        .get, "/api/tenants/:tenant/custom-backends/:slug", .operatorOnly,
        "One custom backend: its newest version, or the one asked for.",
        query: [QueryParameter("version", .string, "This version instead of the newest.")],
        answers: [.json(200, .ref("CustomBackend"), "The version.")]
    ) { call, _ in
        let tenant = try call.fleet.tenant(named: call.parameter("tenant"))
        let slug = call.parameter("slug")
        let versions = call.fleet.customBackends(of: tenant.id).filter { $0.slug == slug }
        guard let newest = versions.last else {
            throw ServiceError(
                .notFound, "there is no custom backend \(slug); see those there are with: ik backend list")
        }
        guard let version = call.query["version"] else { return .ok(view(newest)) }
        guard let found = versions.first(where: { $0.version == version }) else {
            let known = versions.suffix(10).map(\.version).joined(separator: ", ")
            throw ServiceError(.notFound, "\(slug) has no version \(version); it has \(known)")
        }
        return .ok(view(found))
    }

    private static func view(_ backend: CustomBackendRecord) -> JSONValue { backend.json }
}
