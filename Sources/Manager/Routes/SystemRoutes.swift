import InferenceKeyWire

/// Health, metrics and the description of the API.
enum SystemRoutes {
    static let all: [Route] = [health, ready, metrics, openAPI]

    private static let status = Schema.answer(("status", .string))

    private static let health = Route(
        .get, "/healthz", .open, "Whether the process lives.", answers: [.json(200, status, "It does.")]
    ) { _, _ in .ok(["status": "ok"]) }

    private static let ready = Route(
        .get, "/readyz", .open, "Whether it serves: the state is loaded and the reconciler has looked once.",
        answers: [.json(200, status, "It does.")]
    ) { call, _ in
        guard call.core.gatewayLink.tables != nil else {
            throw ServiceError(.unavailable, "the Manager is starting; try again", retryAfterMilliseconds: 1000)
        }
        return .ok(["status": "ready"])
    }

    private static let metrics = Route(
        .get, "/metrics", .open, "What is measured, as Prometheus text.", answers: [.text]
    ) { call, _ in
        let core = call.core
        let text = core.metrics.text(core) + (await core.configuration.extraMetrics())
        return Reply(status: 200, body: .text(text, contentType: "text/plain; version=0.0.4"))
    }

    private static let openAPI = Route(
        .get, "/api/openapi.json", .open, "This document.", answers: [.json(200, .map, "OpenAPI 3.1.")]
    ) { _, _ in .ok(OpenAPIDocument(ControlRoutes.table).json) }
}
