package inferencekey_test

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

var background = context.Background()

func TestMain(m *testing.M) {
	for _, variable := range os.Environ() {
		if name := strings.SplitN(variable, "=", 2)[0]; strings.HasPrefix(name, "INFERENCEKEY_") {
			os.Unsetenv(name)
		}
	}
	status := m.Run()
	if err := conformanceTable.write(); err != nil {
		println(err.Error())
		status = 1
	}
	os.Exit(status)
}

func dataClient(t testing.TB, url string, options ...inferencekey.Option) *inferencekey.DataClient {
	t.Helper()
	own := []inferencekey.Option{
		inferencekey.WithBaseURL(url), inferencekey.WithProject("acme"), inferencekey.WithAPIKey(key),
		inferencekey.WithMaxRetries(0),
	}
	made, err := inferencekey.NewDataClient(append(own, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close() })
	return made
}

func endpointOf(t testing.TB, url string, options ...inferencekey.Option) *inferencekey.Endpoint {
	t.Helper()
	endpoint, err := dataClient(t, url, options...).Endpoint("support-bot")
	if err != nil {
		t.Fatal(err)
	}
	return endpoint
}

func managementOf(t testing.TB, url string, options ...inferencekey.Option) *inferencekey.ManagementClient {
	t.Helper()
	own := []inferencekey.Option{
		inferencekey.WithBaseURL(url), inferencekey.WithProject("acme"), inferencekey.WithSDKToken(token),
		inferencekey.WithMaxRetries(0),
	}
	made, err := inferencekey.NewManagementClient(append(own, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close() })
	return made
}

var hola = inferencekey.TextRequest{Prompt: "Hola"}

// wants fails the test unless the error is one of the kind, its message begins so, and it is an *Error too.
func wants[Kind error](t testing.TB, err error, message string) Kind {
	t.Helper()
	var found Kind
	if !errors.As(err, &found) {
		t.Fatalf("got %T: %v", err, err)
	}
	var base *inferencekey.Error
	if !errors.As(err, &base) || base.Message != err.Error() {
		t.Fatalf("%T is no *Error", err)
	}
	if !strings.HasPrefix(err.Error(), message) {
		t.Fatalf("got %q, want %q", err.Error(), message)
	}
	return found
}

// comes fails the test unless the channel is closed, or brings something, in time.
func comes[T any](t testing.TB, channel <-chan T, what string) {
	t.Helper()
	select {
	case <-channel:
	case <-time.After(patience):
		t.Fatalf("not in time: %s", what)
	}
}

func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func equal[T any](t testing.TB, found, wanted T) {
	t.Helper()
	if !reflect.DeepEqual(found, wanted) {
		t.Fatalf("got %v, want %v", found, wanted)
	}
}
