package inferencekey

import (
	"fmt"
	"time"
)

// Option sets one thing of a client, an endpoint or a call. Each says where it can be used; elsewhere it is refused
// with a *ValidationError.
type Option func(*settings)

// WithBaseURL names the platform. Of a client.
func WithBaseURL(baseURL string) Option { return member("base_url", "WithBaseURL", baseURL) }

// WithProject names the project by its slug. Of a client, and of any call of a ManagementClient.
func WithProject(slug string) Option { return member("project", "WithProject", slug) }

// WithSDKToken gives the control token, ik_sdk_…. Of a ManagementClient.
func WithSDKToken(token string) Option { return member("sdk_token", "WithSDKToken", token) }

// WithAPIKey gives the data key, ik_live_…. Of a DataClient, and of one endpoint.
func WithAPIKey(key string) Option { return member("api_key", "WithAPIKey", &key) }

// WithMaxRetries limits how often a request is sent again; 2 unless given. Of a client, an endpoint and With.
func WithMaxRetries(count int) Option { return limit("max_retries", "WithMaxRetries", count) }

// WithConnectTimeout limits how long a connection may take to stand; 5 s unless given. Of a client, an endpoint and
// With.
func WithConnectTimeout(timeout time.Duration) Option {
	return limit("connect_timeout_ms", "WithConnectTimeout", milliseconds(timeout))
}

// WithRequestTimeout limits a whole request that is no stream; 600 s unless given. Of a client, an endpoint and With.
func WithRequestTimeout(timeout time.Duration) Option {
	return limit("request_timeout_ms", "WithRequestTimeout", milliseconds(timeout))
}

// WithStreamIdleTimeout limits how long a stream may be silent; 120 s unless given. Of a client, an endpoint and With.
func WithStreamIdleTimeout(timeout time.Duration) Option {
	return limit("stream_idle_timeout_ms", "WithStreamIdleTimeout", milliseconds(timeout))
}

// OnWarning is called with what Ensure warns of, such as drift under OnDriftWarn, on the goroutine that called Ensure.
// Unless given, warnings go to the standard logger of package log. Of a ManagementClient.
func OnWarning(warn func(text string)) Option {
	return func(given *settings) {
		given.note("on_warning", "OnWarning")
		given.onWarning = warn
	}
}

// WithOnDrift says what Ensure does when the live workload differs from its spec; OnDriftReconcile unless given.
func WithOnDrift(policy OnDrift) Option { return member("on_drift", "WithOnDrift", policy) }

// WithReplica names the replica whose lines are wanted. Of Logs and FollowLogs.
func WithReplica(id string) Option { return member("replica", "WithReplica", id) }

// WithTail limits the lines that were written before the call. Of Logs and FollowLogs.
func WithTail(lines int) Option { return member("tail", "WithTail", lines) }

// WithTimeout limits the whole wait; 600 s unless given. Of WaitUntilReady.
func WithTimeout(timeout time.Duration) Option {
	return member("timeout_ms", "WithTimeout", milliseconds(timeout))
}

// OnProgress is called with each event, on the goroutine that waits; nothing is shown then. Of WaitUntilReady.
func OnProgress(show func(ReadinessEvent)) Option {
	return func(given *settings) {
		given.note("on_progress", "OnProgress")
		given.onProgress = show
	}
}

// Silent lets a wait show nothing. Of WaitUntilReady.
func Silent() Option {
	return func(given *settings) {
		given.note("silent", "Silent")
		given.isSilent = true
	}
}

// WithTolerance limits the age of a webhook; 300 s unless given. Of VerifyWebhook.
func WithTolerance(age time.Duration) Option {
	return member("tolerance", "WithTolerance", age.Seconds())
}

// Ptr points to a value: for optional numbers, Temperature: inferencekey.Ptr(0.2).
func Ptr[T any](value T) *T { return &value }

// settings is what options have set.
type settings struct {
	given      object
	limits     object
	spellings  []spelling
	onWarning  func(string)
	onProgress func(ReadinessEvent)
	isSilent   bool
}

// spelling is how the user wrote what the wire calls by another name.
type spelling struct{ name, option string }

var limitNames = []string{"max_retries", "connect_timeout_ms", "request_timeout_ms", "stream_idle_timeout_ms"}

// read applies the options, of which only those named are allowed; limits are allowed where hasLimits says so.
func read(place string, options []Option, hasLimits bool, allowed ...string) (*settings, error) {
	read := &settings{given: object{}, limits: object{}}
	for _, option := range options {
		if option != nil {
			option(read)
		}
	}
	if hasLimits {
		allowed = append(allowed, limitNames...)
	}
	for _, used := range read.spellings {
		if !contains(allowed, used.name) {
			message := fmt.Sprintf("validation error: %s is no option of %s", used.option, place)
			return nil, newError(kindValidation, message)
		}
	}
	return read, nil
}

// members are the settings as the wire names them.
func (given *settings) members() object {
	members := object{}
	for name, value := range given.given {
		members[name] = value
	}
	if len(given.limits) > 0 {
		members["options"] = given.limits
	}
	return members
}

func (given *settings) note(name, option string) {
	given.spellings = append(given.spellings, spelling{name, option})
}

func member(name, option string, value any) Option {
	return func(given *settings) {
		given.note(name, option)
		given.given[name] = value
	}
}

func limit(name, option string, value any) Option {
	return func(given *settings) {
		given.note(name, option)
		given.limits[name] = value
	}
}

func milliseconds(duration time.Duration) int64 {
	if duration < 0 {
		return 0
	}
	return int64((duration + time.Millisecond - 1) / time.Millisecond)
}

func contains(names []string, name string) bool {
	for _, one := range names {
		if one == name {
			return true
		}
	}
	return false
}
