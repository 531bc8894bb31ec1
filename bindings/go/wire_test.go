package inferencekey_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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

// checkRequests compares every byte that goes over the wire, and what comes of the answers.
func checkRequests(t *testing.T, vector vector) {
	var given wireCase
	decoder := json.NewDecoder(bytes.NewReader(vector.Given))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		t.Fatalf("the runner does not know all of this case: %v", err)
	}
	var expect struct {
		Requests []string
		Result   any
		Error    *struct{ Kind, Message, Code string }
	}
	if err := json.Unmarshal(vector.Expect, &expect); err != nil {
		t.Fatal(err)
	}
	answers := given.Answers
	server := newLoopback(t, func(_ *asked, reply *reply) {
		if len(answers) == 0 {
			reply.answer(599, "text/plain", "one request too many")
			return
		}
		answer := answers[0]
		answers = answers[1:]
		reply.send(answer)
		if strings.Contains(strings.ToLower(strings.SplitN(answer, "\r\n\r\n", 2)[0]), "connection: close") {
			reply.close()
		}
	})
	host := strings.TrimPrefix(server.url, "http://")
	result, err := perform(t, given, server.url)
	var sent []string
	for _, request := range server.seen() {
		sent = append(sent, strings.ReplaceAll(string(request.wire), host, "{host}"))
	}
	if len(sent) != len(expect.Requests) || len(sent) > 0 && !reflect.DeepEqual(sent, expect.Requests) {
		t.Fatalf("sent\n%q\nwant\n%q", sent, expect.Requests)
	}
	if wanted := expect.Error; wanted != nil {
		var found *inferencekey.Error
		if !errors.As(err, &found) {
			t.Fatalf("got %v %v, want %v", result, err, wanted)
		}
		message := strings.ReplaceAll(found.Message, host, "{host}")
		if kindOf(err) != wanted.Kind || found.Code != wanted.Code || !strings.HasPrefix(message, wanted.Message) {
			t.Fatalf("got %s %q %q, want %+v", kindOf(err), message, found.Code, *wanted)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	encoded := must[[]byte](t)(json.Marshal(result))
	if !holds(value(t, encoded), expect.Result) {
		t.Fatalf("got %s, want %v", encoded, expect.Result)
	}
}

// perform calls the method for the operation and gives its result in the words of the wire.
func perform(t *testing.T, given wireCase, url string) (any, error) {
	options := append(given.Client.Options.options(), inferencekey.WithBaseURL(url))
	if given.Client.Project != "" {
		options = append(options, inferencekey.WithProject(given.Client.Project))
	}
	if given.Plane == "control" {
		if given.Client.SDKToken != "" {
			options = append(options, inferencekey.WithSDKToken(given.Client.SDKToken))
		}
		management, err := inferencekey.NewManagementClient(
			append(options, inferencekey.OnWarning(func(string) {}))...)
		if err != nil {
			return nil, err
		}
		defer management.Close()
		if management, err = management.With(given.Arguments.Options.options()...); err != nil {
			return nil, err
		}
		return manage(t, management, given.Operation, given.Arguments)
	}
	if given.Client.APIKey != "" {
		options = append(options, inferencekey.WithAPIKey(given.Client.APIKey))
	}
	data, err := inferencekey.NewDataClient(options...)
	if err != nil {
		return nil, err
	}
	defer data.Close()
	var own []inferencekey.Option
	if given.Arguments.APIKey != "" {
		own = append(own, inferencekey.WithAPIKey(given.Arguments.APIKey))
	}
	endpoint, err := data.Endpoint(given.Arguments.Slug, own...)
	if err != nil {
		return nil, err
	}
	if endpoint, err = endpoint.With(given.Arguments.Options.options()...); err != nil {
		return nil, err
	}
	return callEndpoint(t, endpoint, given.Operation, given.Arguments)
}

func manage(
	t *testing.T, management *inferencekey.ManagementClient, operation string, given wireArguments,
) (any, error) {
	var options []inferencekey.Option
	if given.Project != "" {
		options = append(options, inferencekey.WithProject(given.Project))
	}
	if given.Replica != "" {
		options = append(options, inferencekey.WithReplica(given.Replica))
	}
	if given.Tail != nil {
		options = append(options, inferencekey.WithTail(*given.Tail))
	}
	switch operation {
	case "ensure":
		if given.OnDrift != "" {
			options = append(options, inferencekey.WithOnDrift(inferencekey.OnDrift(given.OnDrift)))
		}
		return management.Ensure(background, given.Spec.spec(), options...)
	case "plan":
		return management.Plan(background, given.Spec.spec(), options...)
	case "delete":
		deleted, err := management.Delete(background, given.Slug, options...)
		return fields{"deleted": deleted}, err
	case "get":
		return management.Get(background, given.Slug, options...)
	case "list":
		workloads, err := management.List(background, options...)
		return fields{"workloads": workloads}, err
	case "status":
		return management.Status(background, given.Slug, options...)
	case "logs":
		lines, err := management.Logs(background, given.Slug, options...)
		return fields{"lines": lines}, err
	case "follow_logs":
		stream, err := management.FollowLogs(background, given.Slug, options...)
		if err != nil {
			return nil, err
		}
		items := []any{}
		for stream.Next() {
			items = append(items, stream.Line())
		}
		return fields{"items": items}, stream.Err()
	case "wait_until_ready":
		items := []any{}
		options = append(options, inferencekey.OnProgress(func(event inferencekey.ReadinessEvent) {
			items = append(items, event)
		}))
		if given.TimeoutMS != nil {
			options = append(options, inferencekey.WithTimeout(time.Duration(*given.TimeoutMS)*time.Millisecond))
		}
		_, err := management.WaitUntilReady(background, given.Slug, options...)
		return fields{"items": items}, err
	}
	t.Fatalf("the runner does not know the operation %s", operation)
	return nil, nil
}

func callEndpoint(
	t *testing.T, endpoint *inferencekey.Endpoint, operation string, given wireArguments,
) (any, error) {
	switch operation {
	case "endpoint":
		return fields{
			"workload_slug": endpoint.WorkloadSlug(), "project": endpoint.Project(), "base_url": endpoint.BaseURL(),
		}, nil
	case "generate_text":
		return endpoint.GenerateText(background, given.textRequest(t))
	case "generate_text_stream":
		stream, err := endpoint.GenerateTextStream(background, given.textRequest(t))
		if err != nil {
			return nil, err
		}
		items := []any{}
		for stream.Next() {
			items = append(items, stream.Chunk())
		}
		return fields{"items": items}, stream.Err()
	case "embed":
		return endpoint.Embed(background, inferencekey.EmbedRequest{Input: given.Input, Extra: optional(given.Extra)})
	case "rerank":
		return endpoint.Rerank(background, inferencekey.RerankRequest{
			Query: given.Query, Documents: given.Documents, TopN: given.TopN, Extra: optional(given.Extra),
		})
	case "forecast":
		return endpoint.Forecast(background, given.Body)
	case "submit_job":
		return endpoint.SubmitJob(background, inferencekey.JobRequest{
			Kind: given.Kind, Body: optional(given.Body), Bytes: given.bytes(t), ContentType: given.ContentType,
			Context: optional(given.Context), IdempotencyKey: given.IdempotencyKey,
		})
	case "get_job":
		return endpoint.GetJob(background, given.JobID)
	case "request":
		response, err := endpoint.Request(background, inferencekey.Request{
			Method: given.Method, Path: given.Path, Headers: given.Headers, JSON: optional(given.JSON),
			Text: given.Text, Bytes: given.bytes(t), ContentType: given.ContentType,
		})
		if err != nil {
			return nil, err
		}
		found := fields{"status": response.Status, "headers": response.Headers}
		if utf8.Valid(response.Body) {
			found["text"] = string(response.Body)
		} else {
			found["base64"] = base64.StdEncoding.EncodeToString(response.Body)
		}
		return found, nil
	}
	t.Fatalf("the runner does not know the operation %s", operation)
	return nil, nil
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
