package inferencekey_test

import (
	"encoding/json"
	"reflect"
	"testing"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

func TestATextComesWithEverythingTheServerSaid(t *testing.T) {
	answer := completion("¡Hola!")
	answer["custom"] = fields{"b": 1.0, "a": 2.0}
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.json(200, answer) })
	request := inferencekey.TextRequest{
		Prompt: "Hola", Temperature: inferencekey.Ptr(0.2), MaxTokens: inferencekey.Ptr(300), Extra: fields{"seed": 7},
	}
	result := must[*inferencekey.TextResult](t)(endpointOf(t, server.url).GenerateText(background, request))
	equal(t, result.Text, "¡Hola!")
	equal(t, result.Model, "m")
	equal(t, result.FinishReason, "stop")
	equal(t, *result.Usage, inferencekey.Usage{PromptTokens: 3, CompletionTokens: 2, TotalTokens: 5})
	var raw fields
	if err := json.Unmarshal(result.Raw, &raw); err != nil || !reflect.DeepEqual(raw["custom"], answer["custom"]) {
		t.Fatalf("raw: %s", result.Raw)
	}
	sent := server.seen()[0]
	wanted := fields{
		"model": "support-bot", "messages": []any{fields{"role": "user", "content": "Hola"}},
		"temperature": 0.2, "max_tokens": 300.0, "seed": 7.0,
	}
	if found := sent.json(t); !reflect.DeepEqual(found, wanted) {
		t.Fatalf("sent %v", found)
	}
	equal(t, sent.headers.Get("Authorization"), "Bearer "+key)
	equal(t, sent.target, "/endpoint/acme/support-bot/v1/chat/completions")
}

func TestOptionsThatAreNotSetAreNotSent(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.json(200, completion("")) })
	request := inferencekey.TextRequest{Messages: []inferencekey.Message{
		{Role: "user", Content: "Hola", Extra: struct {
			Name string `json:"name"`
		}{"ana"}},
	}}
	must[*inferencekey.TextResult](t)(endpointOf(t, server.url).GenerateText(background, request))
	equal(t, string(server.seen()[0].body),
		`{"model":"support-bot","messages":[{"role":"user","content":"Hola","name":"ana"}]}`)
}

func TestBadArgumentsAreRefusedBeforeAnythingIsSent(t *testing.T) {
	server := newLoopback(t, nil)
	endpoint := endpointOf(t, server.url)
	for _, request := range []inferencekey.TextRequest{
		{}, {Prompt: " "}, {Messages: []inferencekey.Message{}},
		{Prompt: "a", Messages: []inferencekey.Message{{Role: "user", Content: "b"}}},
		{Prompt: "a", Extra: fields{"f": func() {}}}, {Prompt: "a", Extra: 5},
		{Messages: []inferencekey.Message{{Role: "user", Content: "b", Extra: 5}}},
	} {
		_, err := endpoint.GenerateText(background, request)
		wants[*inferencekey.ValidationError](t, err, "validation error: ")
	}
	equal(t, server.connections(), 0)
}

func TestCallsShareAConnection(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.json(200, completion("")) })
	endpoint := endpointOf(t, server.url)
	for range [5]struct{}{} {
		must[*inferencekey.TextResult](t)(endpoint.GenerateText(background, hola))
	}
	equal(t, server.connections(), 1)
}

func TestEmbeddingsAndRanks(t *testing.T) {
	server := newLoopback(t, func(asked *asked, reply *reply) {
		if asked.target == "/endpoint/acme/support-bot/v1/embeddings" {
			reply.json(200, fields{"model": "m", "usage": nil, "data": []any{
				fields{"index": 1, "embedding": []any{0.5}}, fields{"index": 0, "embedding": []any{1, 2.25}},
			}})
			return
		}
		reply.json(200, fields{"model": "m", "results": []any{fields{"index": 1, "relevance_score": 0.75}}})
	})
	endpoint := endpointOf(t, server.url)
	two := must[*inferencekey.EmbedResult](t)(
		endpoint.Embed(background, inferencekey.EmbedRequest{Input: []string{"a", "b"}}))
	if !reflect.DeepEqual(two.Embeddings, [][]float64{{1, 2.25}, {0.5}}) || two.Usage != nil {
		t.Fatalf("got %+v", two)
	}
	ranked := must[*inferencekey.RerankResult](t)(endpoint.Rerank(background, inferencekey.RerankRequest{
		Query: "q", Documents: []string{"a", "b"}, TopN: inferencekey.Ptr(1),
	}))
	equal(t, ranked.Results[0], inferencekey.RerankItem{Index: 1, RelevanceScore: 0.75})
	equal(t, string(server.seen()[1].body), `{"model":"support-bot","query":"q","documents":["a","b"],"top_n":1}`)
}

func TestAnyOtherRoute(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.answer(200, "image/png", "\xff\x00PNG", "x-request-id: r-1")
	})
	endpoint := endpointOf(t, server.url)
	response := must[*inferencekey.Response](t)(endpoint.Request(background, inferencekey.Request{
		Method: "POST", Path: "/images/generations", JSON: json.RawMessage(`{"b":1,"a":[true]}`),
		Headers: map[string]string{"x-a": "1"},
	}))
	equal(t, response.Status, 200)
	equal(t, string(response.Body), "\xff\x00PNG")
	equal(t, response.Header("X-Request-ID"), "r-1")
	equal(t, string(server.seen()[0].body), `{"b":1,"a":[true]}`)
	equal(t, server.seen()[0].headers.Get("X-A"), "1")
	must[*inferencekey.Response](t)(endpoint.Request(background, inferencekey.Request{
		Method: "POST", Path: "/audio/transcriptions", Bytes: []byte{0, 0xff}, ContentType: "audio/wav",
	}))
	equal(t, string(server.seen()[1].body), "\x00\xff")
	equal(t, server.seen()[1].headers.Get("Content-Type"), "audio/wav")
	var value any
	found := wants[*inferencekey.APIError](t, response.JSON(&value), "api error (status 200): the answer was not JSON")
	equal(t, found.RequestID, "r-1")
}

func TestAForecastIsPassedOn(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.json(200, fields{"mean": []any{1.5}}) })
	body := json.RawMessage(`{"series":[1,2],"horizon":3}`)
	result := must[*inferencekey.ForecastResult](t)(endpointOf(t, server.url).Forecast(background, body))
	equal(t, string(result.Raw), `{"mean":[1.5]}`)
	equal(t, string(server.seen()[0].body), string(body))
	equal(t, server.seen()[0].target, "/endpoint/acme/support-bot/forecast")
}

func TestJobs(t *testing.T) {
	server := newLoopback(t, func(asked *asked, reply *reply) {
		if asked.method == "POST" {
			reply.json(202, fields{"job_id": "j-1"})
			return
		}
		reply.json(200, fields{"job_id": "j-1", "state": "completed", "attempts": 1, "result": fields{"a": 1}})
	})
	endpoint := endpointOf(t, server.url)
	job := must[*inferencekey.Job](t)(endpoint.SubmitJob(background, inferencekey.JobRequest{
		Kind: "chat", Body: fields{"messages": []any{}}, Context: fields{"order": 42}, IdempotencyKey: "once",
	}))
	equal(t, job.ID, "j-1")
	equal(t, server.seen()[0].headers.Get("Idempotency-Key"), "once")
	equal(t, string(server.seen()[0].body), `{"kind":"chat","body":{"messages":[]},"context":{"order":42}}`)
	must[*inferencekey.Job](t)(endpoint.SubmitJob(background, inferencekey.JobRequest{
		Kind: "audio_transcriptions", Bytes: []byte{1, 2}, ContentType: "audio/wav",
	}))
	equal(t, server.seen()[1].json(t)["body_b64"], "AQI=")
	job = must[*inferencekey.Job](t)(endpoint.GetJob(background, "j-1"))
	equal(t, job.State, "completed")
	equal(t, job.Attempts, 1)
	equal(t, string(job.Result), `{"a":1}`)
}

func TestABaseURLForAnOpenAIClient(t *testing.T) {
	endpoint := endpointOf(t, "http://127.0.0.1:1")
	equal(t, endpoint.BaseURL(), "http://127.0.0.1:1/endpoint/acme/support-bot/v1")
	equal(t, endpoint.WorkloadSlug(), "support-bot")
	equal(t, endpoint.Project(), "acme")
}
