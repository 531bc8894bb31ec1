package inferencekey_test

import (
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

// kindOf is the kind in the words of the wire.
func kindOf(err error) string {
	switch err.(type) {
	case *inferencekey.ConfigurationError:
		return "configuration"
	case *inferencekey.ValidationError:
		return "validation"
	case *inferencekey.AuthError:
		return "authentication"
	case *inferencekey.PermissionDeniedError:
		return "permission_denied"
	case *inferencekey.NotFoundError:
		return "not_found"
	case *inferencekey.RateLimitError:
		return "rate_limited"
	case *inferencekey.APIError:
		return "api"
	case *inferencekey.NetworkError:
		return "network"
	case *inferencekey.TimeoutError:
		return "timeout"
	case *inferencekey.CanceledError:
		return "cancelled"
	}
	return "none"
}

func seconds(number any) time.Duration { return time.Duration(number.(float64) * float64(time.Second)) }

// holds tells whether everything expected is there; further members of objects do not matter. Where the wire has null
// for a text that is not there, this language has an empty one.
func holds(found, expected any) bool {
	switch expected := expected.(type) {
	case fields:
		members, isObject := found.(fields)
		for name, value := range expected {
			if !isObject || !holds(members[name], value) {
				return false
			}
		}
		return isObject
	case []any:
		items, isArray := found.([]any)
		if !isArray || len(items) != len(expected) {
			return false
		}
		for index, value := range expected {
			if !holds(items[index], value) {
				return false
			}
		}
		return true
	case nil:
		return found == nil || found == ""
	default:
		return found == expected
	}
}
