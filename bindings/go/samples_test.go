package inferencekey_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// samplePlatform answers the samples.
func samplePlatform(t testing.TB) func(*asked, *reply) {
	live := []any{}
	return func(asked *asked, reply *reply) {
		switch {
		case strings.HasSuffix(asked.target, "/readiness-events"):
			reply.openEvents()
			reply.event(fields{"phase": "ready", "message": "serving", "elapsed_ms": 1})
			reply.end()
		case asked.method == "GET":
			reply.json(200, live)
		case asked.method == "DELETE":
			reply.json(200, fields{})
		case asked.json(t)["messages"] == nil:
			live = append(live, workload(fields{"slug": asked.json(t)["slug"]}))
			reply.json(201, live[0])
		case strings.Contains(asked.target, "nobody"):
			reply.json(404, fields{"error": fields{"message": "no such workload", "code": "workload_not_found"}})
		case asked.json(t)["stream"] == nil:
			reply.json(200, completion("Hola"))
		default:
			reply.openEvents()
			reply.event(delta("1 ", nil))
			reply.event(delta("2", "stop"))
			reply.event("[DONE]")
			reply.end()
		}
	}
}

// built is the program of a package, built with the flags.
func built(t testing.TB, place string, flags ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), filepath.Base(place))
	command := exec.Command("go", append(append([]string{"build", "-o", program}, flags...), place)...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return program
}

func settings(url string) []string {
	return append(os.Environ(), "INFERENCEKEY_BASE_URL="+url, "INFERENCEKEY_PROJECT=acme", "INFERENCEKEY_API_KEY="+key,
		"INFERENCEKEY_SDK_TOKEN="+token)
}

// sample gives what a sample prints.
func sample(t *testing.T, name string, words ...string) string {
	t.Helper()
	server := newLoopback(t, samplePlatform(t))
	command := exec.Command(built(t, "./samples/"+name, linking...), words...)
	command.Env = settings(server.url)
	var written bytes.Buffer
	command.Stderr = &written
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, written.String())
	}
	return string(output)
}

func TestSampleBasic(t *testing.T)     { equal(t, sample(t, "basic"), "Hola\n") }
func TestSampleStreaming(t *testing.T) { equal(t, sample(t, "streaming"), "1 2\n") }

func TestSampleErrors(t *testing.T) {
	var kinds []string
	for _, line := range strings.Split(strings.TrimSpace(sample(t, "errors")), "\n") {
		kinds = append(kinds, strings.SplitN(line, ":", 2)[0])
	}
	equal(t, kinds, []string{"ValidationError", "NotFoundError", "NetworkError"})
}

func TestSampleWalkthrough(t *testing.T) {
	equal(t, sample(t, "walkthrough", "vllm", "m", "vllm serve m"),
		"plan: create\nanswer: Hola\n1 2\ndeleted: true\n")
}
