package inferencekey_test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

const ended = "cancelled: the client was closed"

func TestClosingAClientEndsWhatItDoesAndRefusesWhatComes(t *testing.T) {
	arrived, closed := make(chan struct{}, 1), make(chan struct{}, 3)
	server := newLoopback(t, func(asked *asked, reply *reply) {
		if _, isStream := asked.json(t)["stream"]; isStream {
			reply.openEvents()
			reply.event(delta("a", nil))
			reply.event(delta("b", nil))
		} else {
			arrived <- struct{}{}
		}
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	})
	data := dataClient(t, server.url)
	endpoint := must[*inferencekey.Endpoint](t)(data.Endpoint("bot"))
	read, unread := openStream(t, background, endpoint), openStream(t, background, endpoint)
	equal(t, read.Next(), true)
	call := make(chan error, 1)
	go func() {
		_, err := endpoint.GenerateText(background, hola)
		call <- err
	}()
	comes(t, arrived, "the call is on its way")
	equal(t, data.Close(), nil)
	equal(t, data.Close(), nil)
	wants[*inferencekey.CanceledError](t, <-call, ended)
	// Also what had arrived already is given no more.
	for _, stream := range []*inferencekey.TextStream{read, unread} {
		equal(t, stream.Next(), false)
		wants[*inferencekey.CanceledError](t, stream.Err(), ended)
	}
	_, err := endpoint.GenerateText(background, hola)
	isRefused(t, err)
	_, err = endpoint.GenerateTextStream(background, hola)
	isRefused(t, err)
	_, err = endpoint.With(inferencekey.WithMaxRetries(1))
	isRefused(t, err)
	_, err = data.Endpoint("bot")
	isRefused(t, err)
	for i := 0; i < 3; i++ {
		comes(t, closed, "the server sees that its connections are closed")
	}
}

func TestClosingAManagementClientClosesThoseMadeOfIt(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.json(200, []fields{}) })
	management := managementOf(t, server.url)
	other := must[*inferencekey.ManagementClient](t)(management.With(inferencekey.WithMaxRetries(1)))
	equal(t, other.Close(), nil)
	_, err := management.List(background)
	isRefused(t, err)
	_, err = other.FollowLogs(context.Background(), "bot")
	isRefused(t, err)
}

func isRefused(t *testing.T, err error) {
	t.Helper()
	found := wants[*inferencekey.ConfigurationError](t, err, "configuration error: ")
	equal(t, strings.Contains(found.Message, "closed"), true)
}

func TestWithoutADescriptorLeftTheErrorSaysSo(t *testing.T) {
	var before syscall.Rlimit
	equal(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before), nil)
	equal(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 1, Max: before.Max}), nil)
	_, err := inferencekey.NewDataClient(inferencekey.WithProject("acme"), inferencekey.WithAPIKey(key))
	equal(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before), nil)
	wants[*inferencekey.NetworkError](t, err, "network error: no more connections can be had")
}

func TestAnEndpointThatIsPrintedHidesItsKey(t *testing.T) {
	endpoint := endpointOf(t, "http://127.0.0.1:9", inferencekey.WithAPIKey(key))
	other := must[*inferencekey.Endpoint](t)(endpoint.With(inferencekey.WithAPIKey(key)))
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, value := range []any{endpoint, *endpoint, other, struct{ held inferencekey.Endpoint }{*other}} {
			if text := fmt.Sprintf(form, value); strings.Contains(text, secret) {
				t.Errorf("%s prints the key", form)
			}
		}
	}
}
