package inferencekey_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

// wireCase is what requests.json gives.
type wireCase struct {
	Plane     string
	Client    wireSettings
	Operation string
	Arguments wireArguments
	Answers   []string
}

type wireSettings struct {
	Project  string
	APIKey   string `json:"api_key"`
	SDKToken string `json:"sdk_token"`
	Options  *wireLimits
}

type wireLimits struct {
	MaxRetries          *int   `json:"max_retries"`
	ConnectTimeoutMS    *int64 `json:"connect_timeout_ms"`
	RequestTimeoutMS    *int64 `json:"request_timeout_ms"`
	StreamIdleTimeoutMS *int64 `json:"stream_idle_timeout_ms"`
}

// wireArguments are those of every operation, in the words of the wire.
type wireArguments struct {
	Slug, Prompt, Project, Replica, Kind, Method, Path, Text string
	Messages                                                 []json.RawMessage
	Temperature                                              *float64
	MaxTokens                                                *int `json:"max_tokens"`
	Extra, Input, Body, Context, JSON                        json.RawMessage
	Query                                                    string
	Documents                                                []string
	TopN                                                     *int   `json:"top_n"`
	APIKey                                                   string `json:"api_key"`
	ContentType                                              string `json:"content_type"`
	IdempotencyKey                                           string `json:"idempotency_key"`
	JobID                                                    string `json:"job_id"`
	Base64                                                   *string
	Headers                                                  map[string]string
	Spec                                                     wireSpec
	OnDrift                                                  string `json:"on_drift"`
	Tail                                                     *int
	TimeoutMS                                                *int64 `json:"timeout_ms"`
	Options                                                  *wireLimits
}

type wireSpec struct {
	inferencekey.WorkloadSpec
	Config                json.RawMessage `json:"config"`
	ExecutionPolicyConfig json.RawMessage `json:"execution_policy_config"`
}

func (limits *wireLimits) options() []inferencekey.Option {
	var options []inferencekey.Option
	if limits == nil {
		return nil
	}
	if limits.MaxRetries != nil {
		options = append(options, inferencekey.WithMaxRetries(*limits.MaxRetries))
	}
	for _, one := range []struct {
		given *int64
		with  func(time.Duration) inferencekey.Option
	}{
		{limits.ConnectTimeoutMS, inferencekey.WithConnectTimeout},
		{limits.RequestTimeoutMS, inferencekey.WithRequestTimeout},
		{limits.StreamIdleTimeoutMS, inferencekey.WithStreamIdleTimeout},
	} {
		if one.given != nil {
			options = append(options, one.with(time.Duration(*one.given)*time.Millisecond))
		}
	}
	return options
}

func (given wireSpec) spec() inferencekey.WorkloadSpec {
	spec := given.WorkloadSpec
	spec.Config, spec.ExecutionPolicyConfig = optional(given.Config), optional(given.ExecutionPolicyConfig)
	return spec
}

func (given wireArguments) bytes(t *testing.T) []byte {
	if given.Base64 == nil {
		return nil
	}
	return must[[]byte](t)(base64.StdEncoding.DecodeString(*given.Base64))
}

func (given wireArguments) textRequest(t *testing.T) inferencekey.TextRequest {
	request := inferencekey.TextRequest{
		Prompt: given.Prompt, Temperature: given.Temperature, MaxTokens: given.MaxTokens, Extra: optional(given.Extra),
	}
	if given.Messages == nil {
		return request
	}
	request.Messages = []inferencekey.Message{}
	for _, message := range given.Messages {
		request.Messages = append(request.Messages, messageOf(t, message))
	}
	return request
}

// messageOf takes role and content out and leaves the rest in its order.
func messageOf(t *testing.T, raw json.RawMessage) inferencekey.Message {
	var message inferencekey.Message
	var rest []string
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_ = must[json.Token](t)(decoder.Token())
	for decoder.More() {
		name := must[json.Token](t)(decoder.Token()).(string)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		switch name {
		case "role":
			_ = json.Unmarshal(value, &message.Role)
		case "content":
			message.Content = value
		default:
			quoted := must[[]byte](t)(json.Marshal(name))
			rest = append(rest, string(quoted)+":"+string(value))
		}
	}
	if rest != nil {
		message.Extra = json.RawMessage("{" + strings.Join(rest, ",") + "}")
	}
	return message
}

// optional is nil for what is not there, so that it counts as not given.
func optional(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}
