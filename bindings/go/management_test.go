package inferencekey_test

import (
	"bytes"
	"log"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

var spec = inferencekey.WorkloadSpec{Name: "Bot", Slug: "bot", Model: "m", Backend: inferencekey.BackendVLLM}

// controlPlane answers like one that has this workload, or none.
func controlPlane(live fields) func(*asked, *reply) {
	return func(asked *asked, reply *reply) {
		switch {
		case asked.method == "GET" && live == nil:
			reply.json(200, []any{})
		case asked.method == "GET":
			reply.json(200, []any{live})
		case asked.method == "POST":
			reply.json(201, workload(nil))
		default:
			reply.json(200, workload(fields{"revision": 2}))
		}
	}
}

func TestAnAbsentWorkloadIsCreated(t *testing.T) {
	server := newLoopback(t, controlPlane(nil))
	ref := must[*inferencekey.EndpointRef](t)(managementOf(t, server.url).Ensure(background, spec))
	equal(t, ref.ProjectSlug+" "+ref.WorkloadSlug+" "+ref.Plan.Action, "acme bot create")
	equal(t, server.seen()[1].method, "POST")
	wanted := fields{"name": "Bot", "slug": "bot", "backend": "vllm", "model_name": "m"}
	if found := server.seen()[1].json(t); !reflect.DeepEqual(found, wanted) {
		t.Fatalf("sent %v", found)
	}
}

func TestDriftIsPatchedFieldByField(t *testing.T) {
	server := newLoopback(t, controlPlane(workload(fields{"description": "old"})))
	management := managementOf(t, server.url)
	drifted := spec
	drifted.Model, drifted.Description = "m2", "new"
	plan := must[*inferencekey.Plan](t)(management.Plan(background, drifted))
	equal(t, plan.HasChanges(), true)
	wanted := inferencekey.FieldChange{Field: "model_name", From: "m", To: "m2", Effect: "rolling"}
	if len(plan.Changes) != 2 || plan.Changes[0].Field != "description" || plan.Changes[1] != wanted {
		t.Fatalf("got %+v", plan)
	}
	ref := must[*inferencekey.EndpointRef](t)(management.Ensure(background, drifted))
	if !reflect.DeepEqual(ref.Plan, *plan) {
		t.Fatalf("got %+v", ref.Plan)
	}
	last := server.seen()[len(server.seen())-1]
	equal(t, string(last.body), `{"description":"new","model_name":"m2"}`)
	equal(t, last.headers.Get("If-Match"), `"1"`)
}

func TestEachPolicyOfDrift(t *testing.T) {
	server := newLoopback(t, controlPlane(workload(fields{"model_name": "other"})))
	var warnings []string
	management := managementOf(t, server.url, inferencekey.OnWarning(func(text string) {
		warnings = append(warnings, text)
	}))
	_, err := management.Ensure(background, spec, inferencekey.WithOnDrift(inferencekey.OnDriftFail))
	wants[*inferencekey.ValidationError](t, err, "workload drifted from spec: model_name")
	for _, policy := range []inferencekey.OnDrift{
		inferencekey.OnDriftWarn, inferencekey.OnDriftIgnore, inferencekey.OnDriftDryRun,
	} {
		ref := must[*inferencekey.EndpointRef](t)(
			management.Ensure(background, spec, inferencekey.WithOnDrift(policy)))
		equal(t, ref.Plan.Action, "update")
	}
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "workload bot drifted from spec: model_name") {
		t.Fatalf("warned %v", warnings)
	}
	for _, request := range server.seen() {
		equal(t, request.method, "GET")
	}
	_, err = management.Ensure(background, spec, inferencekey.WithOnDrift("sometimes"))
	wants[*inferencekey.ValidationError](t, err, "validation error: on_drift: must be one of")
}

func TestWarningsGoToTheStandardLoggerUnlessSomebodyTakesThem(t *testing.T) {
	server := newLoopback(t, controlPlane(workload(fields{"model_name": "other"})))
	var written bytes.Buffer
	log.SetOutput(&written)
	defer log.SetOutput(os.Stderr)
	must[*inferencekey.EndpointRef](t)(managementOf(t, server.url).Ensure(
		background, spec, inferencekey.WithOnDrift(inferencekey.OnDriftWarn)))
	if !strings.Contains(written.String(), "inferencekey: workload bot drifted from spec: model_name") {
		t.Fatalf("wrote %q", written.String())
	}
}

func TestASecretInASpecIsRefused(t *testing.T) {
	server := newLoopback(t, nil)
	leaking := spec
	leaking.Config = fields{"env": fields{"T": token}}
	_, err := managementOf(t, server.url).Ensure(background, leaking)
	wants[*inferencekey.ConfigurationError](t, err, "configuration error: ")
	equal(t, strings.Contains(err.Error(), token), false)
	equal(t, server.connections(), 0)
}

func TestReading(t *testing.T) {
	server := newLoopback(t, func(asked *asked, reply *reply) {
		switch {
		case strings.HasSuffix(asked.target, "/status"):
			reply.json(200, fields{"desired": 1, "ready": 1, "status": "ready", "revision": 1, "replicas": []any{}})
		case strings.Contains(asked.target, "/logs"):
			reply.json(200, []any{fields{"replica_id": "rep_1", "ts": "2026-11-24T08:00:00Z", "text": "hello"}})
		default:
			reply.json(200, []any{workload(nil)})
		}
	})
	management := managementOf(t, server.url)
	equal(t, must[*inferencekey.Workload](t)(management.Get(background, "bot")).Backend, inferencekey.BackendVLLM)
	equal(t, must[[]inferencekey.Workload](t)(management.List(background))[0].Slug, "bot")
	report := must[*inferencekey.WorkloadReport](t)(management.Status(background, "bot"))
	equal(t, report.Ready, 1)
	equal(t, len(report.Raw) > 0, true)
	lines := must[[]inferencekey.LogLine](t)(management.Logs(background, "bot", inferencekey.WithTail(5)))
	equal(t, lines[0].Text, "hello")
	server.answer(controlPlane(nil))
	equal(t, must[bool](t)(management.Delete(background, "bot")), false)
	_, err := management.Get(background, "bot")
	wants[*inferencekey.NotFoundError](t, err, "not found: ")
}

func TestTheOptionsOfOneManagementClient(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.json(429, fields{"error": "rate_limited"}, "retry-after-ms: 1")
	})
	patient := must[*inferencekey.ManagementClient](t)(
		managementOf(t, server.url).With(inferencekey.WithMaxRetries(1)))
	_, err := patient.List(background)
	wants[*inferencekey.RateLimitError](t, err, "rate limited: ")
	equal(t, len(server.seen()), 2)
}

func TestFollowingALogUntilItIsClosed(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, func(asked *asked, reply *reply) {
		if !strings.Contains(asked.target, "/logs") {
			reply.json(200, []any{workload(nil)})
			return
		}
		reply.openEvents()
		reply.event(fields{"replica_id": "rep_1", "ts": nil, "text": "hello"})
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	})
	stream := must[*inferencekey.LogStream](t)(managementOf(t, server.url).FollowLogs(background, "bot"))
	equal(t, stream.Next(), true)
	equal(t, stream.Line(), inferencekey.LogLine{ReplicaID: "rep_1", Text: "hello"})
	stream.Close()
	comes(t, closed, "the server sees it")
	equal(t, stream.Next(), false)
	equal(t, stream.Err(), nil)
}

// readiness answers one connection after the other, each with its events.
func readiness(connections ...[]fields) func(*asked, *reply) {
	return func(_ *asked, reply *reply) {
		reply.openEvents()
		for _, event := range connections[0] {
			reply.event(event)
		}
		connections = connections[1:]
		reply.end()
	}
}

var (
	scheduling = fields{"phase": "scheduling", "message": "placing", "elapsed_ms": 10}
	loading    = fields{
		"phase": "bootstrapping", "message": "fetching", "elapsed_ms": 65_000, "step": "download_model",
		"bytes_done": 500_000_000, "bytes_total": 2_000_000_000, "eta_ms": 90_000,
	}
	ready = fields{"phase": "ready", "message": "serving", "elapsed_ms": 70_000}
)

func TestWaitingTellsEachStepAndReconnects(t *testing.T) {
	server := newLoopback(t, readiness([]fields{scheduling}, []fields{scheduling, loading, ready}))
	var seen []inferencekey.ReadinessEvent
	show := func(event inferencekey.ReadinessEvent) { seen = append(seen, event) }
	last := must[*inferencekey.ReadinessEvent](t)(
		managementOf(t, server.url).WaitUntilReady(background, "bot", inferencekey.OnProgress(show)))
	equal(t, last.Phase, "ready")
	equal(t, len(seen), 3)
	equal(t, *seen[1].BytesTotal, 2_000_000_000)
}

func TestWaitingForWhatCannotBecomeReady(t *testing.T) {
	failing := fields{"phase": "error", "message": "no room", "cause": "no_capacity", "elapsed_ms": 1}
	server := newLoopback(t, readiness([]fields{failing}))
	_, err := managementOf(t, server.url).WaitUntilReady(background, "bot", inferencekey.Silent())
	found := wants[*inferencekey.APIError](t, err, "workload bot cannot become ready: no room")
	equal(t, found.Code, "no_capacity")
}

func TestWaitingEndsInTime(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.openEvents()
		reply.event(scheduling)
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	})
	_, err := managementOf(t, server.url).WaitUntilReady(
		background, "bot", inferencekey.WithTimeout(2*time.Second), inferencekey.Silent())
	wants[*inferencekey.TimeoutError](t, err, "")
	comes(t, closed, "the server sees it")
}

func TestProgressIsPlainLinesWhereThereIsNoTerminal(t *testing.T) {
	further := fields{}
	for name, value := range loading {
		further[name] = value
	}
	further["bytes_done"] = 600_000_000
	server := newLoopback(t, readiness([]fields{scheduling, loading, further, ready}))
	var written bytes.Buffer
	show, finish := inferencekey.Progress("bot", &written, false)
	must[*inferencekey.ReadinessEvent](t)(
		managementOf(t, server.url).WaitUntilReady(background, "bot", inferencekey.OnProgress(show)))
	finish()
	equal(t, written.String(), "0:00 bot: scheduling · placing\n"+
		"1:05 bot: bootstrapping · fetching · 500.0 MB of 2.0 GB · about 90 s left\n"+
		"1:10 bot: ready · serving\n")
}

func TestProgressIsOneLiveLineOnATerminal(t *testing.T) {
	var written bytes.Buffer
	show, finish := inferencekey.Progress("bot", &written, true)
	show(inferencekey.ReadinessEvent{Phase: "scheduling", Message: "placing"})
	show(inferencekey.ReadinessEvent{Phase: "ready", Stalled: true, BytesDone: inferencekey.Ptr(int64(12))})
	finish()
	finish()
	equal(t, written.String(),
		"\r\x1b[K0:00 bot: scheduling · placing\r\x1b[K0:00 bot: ready · 12 B · no progress for 60 s\n")
}
