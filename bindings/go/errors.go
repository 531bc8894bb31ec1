package inferencekey

import (
	"context"
	"errors"
	"time"
)

// Details is what every error of this package holds. No text in it holds a secret.
type Details struct {
	// Kind is one of configuration, validation, authentication, permission_denied, not_found, rate_limited, api,
	// network, timeout and cancelled.
	Kind string
	// Message says what happened and what to do.
	Message string
	// Status is the HTTP status of the answer; 0 where there was none.
	Status int
	// Code is the platform's, such as workload_not_ready; empty where there is none.
	Code string
	// RequestID names the request in the platform's logs; empty where there is none.
	RequestID string
	// RetryAfter is the time after which the server says that a retry may succeed; 0 where it does not.
	RetryAfter time.Duration
	// Fields says what is wrong by field; empty where nothing is.
	Fields map[string]string

	cause error
}

// Error gives the message.
func (details *Details) Error() string { return details.Message }

// Unwrap makes each kind an *Error too.
func (details *Details) Unwrap() error { return &Error{*details} }

// Error is what errors.As finds in every error of this package.
type Error struct{ Details }

// Unwrap gives the error of the context, where that ended the call.
func (err *Error) Unwrap() error { return err.cause }

// ConfigurationError comes before any request: something is missing or malformed in the configuration.
type ConfigurationError struct{ Details }

// ValidationError is a bad argument, 400, 422, or drift under OnDriftFail.
type ValidationError struct{ Details }

// AuthError is 401.
type AuthError struct{ Details }

// PermissionDeniedError is 403, or the wrong kind of credential; Code is the reason.
type PermissionDeniedError struct{ Details }

// APIError is any other answer.
type APIError struct{ Details }

// NotFoundError is 404. It is an *APIError too.
type NotFoundError struct{ Details }

// Unwrap makes it an *APIError too.
func (err *NotFoundError) Unwrap() error { return &APIError{err.Details} }

// RateLimitError is 429; RetryAfter says when to come back. It is an *APIError too.
type RateLimitError struct{ Details }

// Unwrap makes it an *APIError too.
func (err *RateLimitError) Unwrap() error { return &APIError{err.Details} }

// NetworkError means no answer, or one that was cut off. It is an *APIError too.
type NetworkError struct{ Details }

// Unwrap makes it an *APIError too.
func (err *NetworkError) Unwrap() error { return &APIError{err.Details} }

// TimeoutError means that a deadline passed: one of the client's options, or that of the context, and then
// errors.Is(err, context.DeadlineExceeded).
type TimeoutError struct{ Details }

// Timeout is true, as net.Error has it.
func (err *TimeoutError) Timeout() bool { return true }

// Temporary is true, as net.Error has it: trying again may help.
func (err *TimeoutError) Temporary() bool { return true }

// CanceledError means that the caller ended the request: its context was cancelled, or its stream or client closed
// while it was waited for. It satisfies errors.Is(err, context.Canceled).
type CanceledError struct{ Details }

// The kinds of the library, in its numbers.
const (
	kindConfiguration    = 1
	kindValidation       = 2
	kindAuthentication   = 3
	kindPermissionDenied = 4
	kindNotFound         = 5
	kindRateLimited      = 6
	kindAPI              = 7
	kindNetwork          = 8
	kindTimeout          = 9
	kindCancelled        = 10
)

var kindNames = map[int32]string{
	kindConfiguration: "configuration", kindValidation: "validation", kindAPI: "api", kindNetwork: "network",
	kindTimeout: "timeout", kindCancelled: "cancelled",
}

func errorOfKind(kind int32, details Details) error {
	switch kind {
	case kindConfiguration:
		return &ConfigurationError{details}
	case kindValidation:
		return &ValidationError{details}
	case kindAuthentication:
		return &AuthError{details}
	case kindPermissionDenied:
		return &PermissionDeniedError{details}
	case kindNotFound:
		return &NotFoundError{details}
	case kindRateLimited:
		return &RateLimitError{details}
	case kindAPI:
		return &APIError{details}
	case kindNetwork:
		return &NetworkError{details}
	case kindTimeout:
		return &TimeoutError{details}
	case kindCancelled:
		details.cause = context.Canceled
		return &CanceledError{details}
	default:
		return &Error{details}
	}
}

// newError is an error that this package finds itself.
func newError(kind int32, message string) error {
	return errorOfKind(kind, Details{Kind: kindNames[kind], Message: message})
}

// contextError is the error for a context that is done.
func contextError(ctx context.Context) error {
	if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
		details := Details{Kind: kindNames[kindTimeout], Message: "timed out: the deadline of the context passed"}
		details.cause = err
		return &TimeoutError{details}
	}
	return newError(kindCancelled, "cancelled: the context was cancelled")
}
