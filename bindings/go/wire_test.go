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
