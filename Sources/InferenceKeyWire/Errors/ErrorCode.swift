/// Every error code of the platform, with its HTTP status. Published: codes are never renamed.
package enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    case invalidRequest = "invalid_request"
    case asyncOnly = "async_only"
    case invalidCredentials = "invalid_credentials"
    case wrongCredentialType = "wrong_credential_type"
    case projectScopeMismatch = "project_scope_mismatch"
    case scopeInsufficient = "scope_insufficient"
    case notFound = "not_found"
    case workloadNotFound = "workload_not_found"
    case modelNotFound = "model_not_found"
    case unsupportedRoute = "unsupported_route"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case conflict
    case revisionMismatch = "revision_mismatch"
    case payloadTooLarge = "payload_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case headersTooLarge = "headers_too_large"
    case rateLimited = "rate_limited"
    case internalError = "internal_error"
    case upstreamFailed = "upstream_failed"
    case noCapacity = "no_capacity"
    case workloadNotReady = "workload_not_ready"
    case unavailable
    case upstreamTimeout = "upstream_timeout"
    case storageFull = "storage_full"

    package var status: Int {
        switch self {
        case .invalidRequest, .asyncOnly: 400
        case .invalidCredentials: 401
        case .wrongCredentialType, .projectScopeMismatch, .scopeInsufficient: 403
        case .notFound, .workloadNotFound, .modelNotFound, .unsupportedRoute: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .conflict: 409
        case .revisionMismatch: 412
        case .payloadTooLarge: 413
        case .unsupportedMediaType: 415
        case .rateLimited: 429
        case .headersTooLarge: 431
        case .internalError: 500
        case .upstreamFailed: 502
        case .noCapacity, .workloadNotReady, .unavailable: 503
        case .upstreamTimeout: 504
        case .storageFull: 507
        }
    }

    /// The `type` of the OpenAI error object for this code.
    package var openAIType: String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}
