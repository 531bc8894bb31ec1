package inferencekey_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

const vectors = "../../conformance"

type vector struct {
	Name   string
	Given  json.RawMessage
	Expect json.RawMessage
}

// table counts the cases of each subject.
type table struct {
	mutex    sync.Mutex
	subjects map[string]*struct {
		Passed int `json:"passed"`
		Failed int `json:"failed"`
	}
}

var conformanceTable table

func (table *table) count(subject string, hasFailed bool) {
	table.mutex.Lock()
	defer table.mutex.Unlock()
	if table.subjects == nil {
		table.subjects = map[string]*struct {
			Passed int `json:"passed"`
			Failed int `json:"failed"`
		}{}
	}
	if table.subjects[subject] == nil {
		table.subjects[subject] = &struct {
			Passed int `json:"passed"`
			Failed int `json:"failed"`
		}{}
	}
	if hasFailed {
		table.subjects[subject].Failed++
	} else {
		table.subjects[subject].Passed++
	}
}

// write leaves the table where `make conformance` wants it.
func (table *table) write() error {
	folder := os.Getenv("IK_CONFORMANCE_RESULTS")
	if folder == "" || table.subjects == nil {
		return nil
	}
	encoded, err := json.Marshal(table.subjects)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "go.json"), encoded, 0o666)
}

func TestConformance(t *testing.T) {
	files, err := filepath.Glob(vectors + "/*.json")
	if err != nil || len(files) < 11 {
		t.Fatalf("the vectors are not there: %v %v", files, err)
	}
	for _, file := range files {
		subject := strings.TrimSuffix(filepath.Base(file), ".json")
		var read struct{ Cases []vector }
		if err := json.Unmarshal(must[[]byte](t)(os.ReadFile(file)), &read); err != nil {
			t.Fatal(err)
		}
		for _, vector := range read.Cases {
			vector := vector
			t.Run(subject+"/"+vector.Name, func(t *testing.T) {
				defer func() { conformanceTable.count(subject, t.Failed()) }()
				check(t, subject, vector)
			})
		}
	}
}

func check(t *testing.T, subject string, vector vector) {
	switch subject {
	case "requests":
		checkRequests(t, vector)
	case "sse":
		checkEvents(t, vector)
	case "configuration":
		checkConfiguration(t, vector)
		checkDecision(t, subject, vector, fields{"language": "go"})
	case "webhooks":
		checkWebhook(t, vector)
		checkDecision(t, subject, vector, nil)
	default:
		checkDecision(t, subject, vector, nil)
	}
}

// checkDecision asks the core.
func checkDecision(t *testing.T, subject string, vector vector, more fields) {
	given, expect := object(t, vector.Given), value(t, vector.Expect)
	for name, value := range more {
		given[name] = value
	}
	var found any
	if err := inferencekey.Decide(subject, given, &found); err != nil {
		t.Fatal(err)
	}
	if wanted, isError := errorOf(expect); isError && (subject == "spec-checks" || subject == "configuration") {
		refused, isRefused := errorOf(found)
		if !isRefused || refused["kind"] != wanted["kind"] || refused["code"] != wanted["code"] ||
			!strings.HasPrefix(refused["message"].(string), spelled(wanted["message"].(string))) {
			t.Fatalf("got %v, want %v", found, expect)
		}
		return
	}
	if !reflect.DeepEqual(found, expect) {
		t.Fatalf("got %v, want %v", found, expect)
	}
}

// checkEvents runs the text whole, in two parts cut at every byte, and byte by byte.
func checkEvents(t *testing.T, vector vector) {
	text := object(t, vector.Given)["text"].(string)
	everywhere := make([]int, len(text))
	cuts := [][]int{{}, everywhere, {len(text)}}
	for place := range everywhere {
		everywhere[place] = place
		cuts = append(cuts, []int{place})
	}
	expect := value(t, vector.Expect)
	for _, cut := range cuts {
		var found any
		if err := inferencekey.Decide("sse", fields{"text": text, "cuts": cut}, &found); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(found, expect) {
			t.Fatalf("cut at %v: got %v, want %v", cut, found, expect)
		}
	}
}

// checkConfiguration goes through the environment of the process and the clients that users have.
func checkConfiguration(t *testing.T, vector vector) {
	var given struct {
		Client      string
		Arguments   map[string]string
		Environment map[string]string
	}
	if err := json.Unmarshal(vector.Given, &given); err != nil {
		t.Fatal(err)
	}
	for name, value := range given.Environment {
		t.Setenv(name, value)
	}
	var options []inferencekey.Option
	for name, value := range given.Arguments {
		options = append(options, map[string]func(string) inferencekey.Option{
			"base_url": inferencekey.WithBaseURL, "project": inferencekey.WithProject,
			"sdk_token": inferencekey.WithSDKToken, "api_key": inferencekey.WithAPIKey,
		}[name](value))
	}
	expect := object(t, vector.Expect)
	wanted, isError := errorOf(expect)
	found, err := configured(given.Client, options, isError)
	if isError {
		if err == nil || kindOf(err) != wanted["kind"] ||
			!strings.HasPrefix(err.Error(), spelled(wanted["message"].(string))) {
			t.Fatalf("got %v, want %v", err, wanted)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range found {
		equal(t, value, expect[name])
	}
}

func configured(client string, options []inferencekey.Option, isRefused bool) (fields, error) {
	if client == "control" {
		management, err := inferencekey.NewManagementClientFromEnv(options...)
		if err != nil {
			return nil, err
		}
		defer management.Close()
		// The last settings are checked before anything is sent.
		if isRefused {
			_, err = management.Plan(background, spec)
		}
		return nil, err
	}
	data, err := inferencekey.NewDataClientFromEnv(options...)
	if err != nil {
		return nil, err
	}
	defer data.Close()
	endpoint, err := data.Endpoint("support-bot")
	if err != nil {
		return nil, err
	}
	return fields{"base_url": endpoint.BaseURL(), "project": endpoint.Project()}, nil
}

// checkWebhook goes through the function that users have, at the moment of the case.
func checkWebhook(t *testing.T, vector vector) {
	given, expect := object(t, vector.Given), object(t, vector.Expect)
	headers := http.Header{}
	for name, value := range given["headers"].(fields) {
		headers[name] = []string{value.(string)}
	}
	options := []inferencekey.Option{inferencekey.At(given["now"])}
	if tolerance, isGiven := given["tolerance"]; isGiven {
		options = append(options, inferencekey.WithTolerance(seconds(tolerance)))
	}
	body, key := []byte(given["body"].(string)), given["secret"].(string)
	event, err := inferencekey.VerifyWebhook(body, headers, key, options...)
	if wanted, isError := errorOf(expect); isError {
		found := wants[*inferencekey.ValidationError](t, err, wanted["message"].(string))
		code, _ := wanted["code"].(string)
		equal(t, found.Code, code)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if found := value(t, event.Raw); !reflect.DeepEqual(found, expect["event"]) {
		t.Fatalf("got %s, want %v", event.Raw, expect["event"])
	}
}

var argument = regexp.MustCompile(`\{argument:([a-z_]+)\}`)

// spelled puts arguments as this language spells them into a message.
func spelled(message string) string {
	return argument.ReplaceAllStringFunc(message, func(found string) string {
		return map[string]string{
			"api_key": "WithAPIKey(…)", "sdk_token": "WithSDKToken(…)", "base_url": "WithBaseURL(…)",
			"project": "WithProject(…)",
		}[argument.FindStringSubmatch(found)[1]]
	})
}

func errorOf(expect any) (fields, bool) {
	members, isObject := expect.(fields)
	if !isObject {
		return nil, false
	}
	found, isError := members["error"].(fields)
	return found, isError
}

func value(t *testing.T, raw json.RawMessage) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func object(t *testing.T, raw json.RawMessage) fields {
	t.Helper()
	members, isObject := value(t, raw).(fields)
	if !isObject {
		t.Fatalf("no object: %s", raw)
	}
	return members
}
