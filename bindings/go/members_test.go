package inferencekey

import (
	"encoding/json"
	"reflect"
	"testing"
)

// plain are the same members without a reader of their own.
type plainResult TextResult

func TestResultsAreReadAsEncodingJSONReadsThem(t *testing.T) {
	for _, text := range []string{
		`{"text":"Hola","model":"m","finish_reason":"stop","usage":{"prompt_tokens":3,"completion_tokens":2},` +
			`"raw":{"a":[1,"]}"]}}`,
		`{"text":"","model":"","finish_reason":null,"usage":null,"raw":{}}`,
		`{"text":"a \"quote\" \\","raw":["\\\"",{"b":"\\"}],"model":"\u00e9\n😀","further":[{}],"usage":null}`,
		` { "text" : "x" , "raw" : null , "model" : "y" } `,
		`{}`,
	} {
		var read TextResult
		var wanted plainResult
		if !read.read([]byte(text)) {
			t.Fatalf("not read: %s", text)
		}
		if err := json.Unmarshal([]byte(text), &wanted); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(plainResult(read), wanted) {
			t.Fatalf("got %+v, want %+v", read, wanted)
		}
	}
}

func TestWhatIsCutOffIsNotRead(t *testing.T) {
	whole := `[{"text":"a\"b","finish_reason":"stop","usage":{"total_tokens":5},` +
		`"raw":{"a":["]",2.5,true]}},{"text":""}]`
	var chunks textChunks
	if !chunks.read([]byte(whole)) || len(chunks) != 2 || chunks[0].Text != `a"b` {
		t.Fatalf("got %+v", chunks)
	}
	for end := range whole {
		var cut textChunks
		if cut.read([]byte(whole[:end])) {
			t.Fatalf("read %q", whole[:end])
		}
	}
}

func FuzzResultsAreReadAsEncodingJSONReadsThem(f *testing.F) {
	f.Add("a\"b\\", "m", `{"a":["]",2.5,true]}`)
	f.Fuzz(func(t *testing.T, text, model, raw string) {
		data := []byte(raw)
		var read TextResult
		_ = read.read(data) // Whatever it is, it is no crash.
		if !json.Valid(data) {
			data = []byte("null")
		}
		written, err := json.Marshal(TextResult{Text: text, Model: model, Raw: data})
		if err != nil {
			t.Fatal(err)
		}
		var wanted plainResult
		if err := json.Unmarshal(written, &wanted); err != nil {
			t.Fatal(err)
		}
		if read = (TextResult{}); !read.read(written) || !reflect.DeepEqual(plainResult(read), wanted) {
			t.Fatalf("%s: got %+v, want %+v", written, read, wanted)
		}
	})
}
