"use strict";
// What the clients throw: one closed list of kinds. No message holds a secret.

class InferenceKeyError extends Error {
  constructor(message, members = {}) {
    super(message, members.cause === undefined ? undefined : { cause: members.cause });
    for (const name of ["status", "code", "requestId", "retryAfter"]) {
      if (members[name] !== undefined) this[name] = members[name];
    }
    this.fields = members.fields ?? {};
  }
}

class ConfigurationError extends InferenceKeyError {}
class ValidationError extends InferenceKeyError {}
class AuthError extends InferenceKeyError {}
class PermissionDenied extends InferenceKeyError {}
class ApiError extends InferenceKeyError {}
class NotFoundError extends ApiError {}
class RateLimitError extends ApiError {}
class NetworkError extends ApiError {}
class TimeoutError extends InferenceKeyError {}
class CancelledError extends InferenceKeyError {}

const classes = {
  InferenceKeyError,
  ConfigurationError,
  ValidationError,
  AuthError,
  PermissionDenied,
  ApiError,
  NotFoundError,
  RateLimitError,
  NetworkError,
  TimeoutError,
  CancelledError,
};
// A name that stays when a bundler renames the classes, and that is no member of each error.
for (const [name, kind] of Object.entries(classes)) {
  Object.defineProperty(kind.prototype, "name", { value: name, configurable: true, writable: true });
}

const kinds = [
  InferenceKeyError,
  ConfigurationError,
  ValidationError,
  AuthError,
  PermissionDenied,
  NotFoundError,
  RateLimitError,
  ApiError,
  NetworkError,
  TimeoutError,
  CancelledError,
];

/** The exception for an error of the library; called by the addon. */
function make(kind, message, status, code, requestId, retryAfterMs, fields) {
  return new (kinds[kind] ?? InferenceKeyError)(message, {
    status: status || undefined,
    code: code ?? undefined,
    requestId: requestId ?? undefined,
    retryAfter: retryAfterMs >= 0 ? retryAfterMs / 1000 : undefined,
    fields: fields && fields !== "{}" ? JSON.parse(fields) : {},
  });
}

/** What an aborted call rejects with: a deadline of the signal is a `TimeoutError`, all else a `CancelledError`. */
function aborted(signal) {
  const cause = signal.reason;
  const isDeadline = cause?.name === "TimeoutError";
  if (isDeadline) return new TimeoutError("timed out: the deadline of the signal passed", { cause });
  return new CancelledError("cancelled by the caller", { cause });
}

/** What a request rejects with whose client was closed. */
function ended() {
  return new CancelledError("cancelled: the client was closed");
}

module.exports = { classes, make, aborted, ended };
