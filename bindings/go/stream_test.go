package inferencekey_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

// endless streams one piece and then nothing, until the other side closes the connection.
func endless(closed chan<- struct{}) func(*asked, *reply) {
	return func(_ *asked, reply *reply) {
		reply.openEvents()
		reply.event(delta("x", nil))
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	}
}

func openStream(t testing.TB, ctx context.Context, endpoint *inferencekey.Endpoint) *inferencekey.TextStream {
	t.Helper()
	return must[*inferencekey.TextStream](t)(endpoint.GenerateTextStream(ctx, hola))
}

func TestAStreamBringsThePiecesAsTheyCome(t *testing.T) {
	proceed := make(chan struct{})
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.openEvents()
		reply.event(delta("Hel", nil))
		<-proceed
		reply.event(delta("lo", "stop"))
		reply.event("[DONE]")
		reply.end()
	})
	stream := openStream(t, background, endpointOf(t, server.url))
	equal(t, stream.Next(), true)
	first := stream.Chunk()
	equal(t, first.Text, "Hel")
	close(proceed)
	equal(t, stream.Next(), true)
	equal(t, stream.Chunk().Text, "lo")
	equal(t, stream.Chunk().FinishReason, "stop")
	equal(t, stream.Next(), false)
	equal(t, stream.Err(), nil)
	equal(t, string(first.Raw), `{"choices":[{"delta":{"content":"Hel"},"finish_reason":null,"index":0}]}`)
	equal(t, server.seen()[0].json(t)["stream"], any(true))
}

func TestARefusalIsReturnedWhenTheStreamIsOpened(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.json(401, fields{"error": "invalid_credentials", "message": "no"})
	})
	_, err := endpointOf(t, server.url).GenerateTextStream(background, hola)
	wants[*inferencekey.AuthError](t, err, "authentication failed: no")
}

func TestClosingAStreamClosesTheRequestAtOnce(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, endless(closed))
	stream := openStream(t, background, endpointOf(t, server.url))
	for stream.Next() {
		stream.Close()
	}
	comes(t, closed, "the server sees that the stream was closed")
	equal(t, stream.Err(), nil)
	equal(t, stream.Close(), nil)
}

func TestAStreamThatIsDroppedClosesTheRequest(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, endless(closed))
	endpoint := endpointOf(t, server.url)
	func() { openStream(t, background, endpoint).Next() }()
	deadline := time.After(patience)
	for {
		runtime.GC()
		select {
		case <-closed:
			return
		case <-deadline:
			t.Fatal("the request of a stream that nobody holds stays open")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestAContextThatIsCancelledClosesAStreamThatNobodyReads(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, endless(closed))
	ctx, cancel := context.WithCancel(background)
	stream := openStream(t, ctx, endpointOf(t, server.url))
	equal(t, stream.Next(), true)
	cancel()
	comes(t, closed, "the server sees that the context was cancelled")
	equal(t, stream.Next(), false)
	wants[*inferencekey.CanceledError](t, stream.Err(), "cancelled: the context was cancelled")
	equal(t, errors.Is(stream.Err(), context.Canceled), true)
}

func TestAContextThatIsCancelledEndsAWait(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, endless(closed))
	ctx, cancel := context.WithCancel(background)
	stream := openStream(t, ctx, endpointOf(t, server.url))
	equal(t, stream.Next(), true)
	ended := make(chan bool, 1)
	go func() { ended <- stream.Next() }()
	cancel()
	comes(t, ended, "Next returns")
	comes(t, closed, "the server sees it")
	equal(t, errors.Is(stream.Err(), context.Canceled), true)
}

func TestAnotherGoroutineCanCloseAStreamThatIsWaitedFor(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, endless(closed))
	data := dataClient(t, server.url)
	stream := openStream(t, background, must[*inferencekey.Endpoint](t)(data.Endpoint("support-bot")))
	equal(t, stream.Next(), true)
	ended := make(chan bool, 1)
	go func() { ended <- stream.Next() }()
	stream.Close()
	comes(t, ended, "Next returns")
	comes(t, closed, "the server sees it")
	equal(t, data.Waiting(), 0)
}

func TestClosingAClientEndsAStreamThatIsWaitedFor(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, endless(closed))
	data := dataClient(t, server.url)
	stream := openStream(t, background, must[*inferencekey.Endpoint](t)(data.Endpoint("support-bot")))
	equal(t, stream.Next(), true)
	over := make(chan bool, 1)
	go func() { over <- stream.Next() }()
	data.Close()
	comes(t, over, "Next returns")
	comes(t, closed, "the server sees it")
	wants[*inferencekey.CanceledError](t, stream.Err(), ended)
}

func TestAStreamThatIsCutOffIsAnError(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.openEvents()
		reply.event(delta("x", nil))
		reply.end()
	})
	stream := openStream(t, background, endpointOf(t, server.url))
	equal(t, stream.Next(), true)
	equal(t, stream.Next(), false)
	wants[*inferencekey.NetworkError](t, stream.Err(), "network error: ")
}

func TestAnEmptyStreamIsAnError(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.openEvents()
		reply.end()
	})
	stream := openStream(t, background, endpointOf(t, server.url))
	equal(t, stream.Next(), false)
	wants[*inferencekey.NetworkError](t, stream.Err(), "network error: ")
}

func TestASilentStreamTimesOut(t *testing.T) {
	server := newLoopback(t, endless(make(chan struct{}, 1)))
	endpoint := endpointOf(t, server.url, inferencekey.WithStreamIdleTimeout(2*time.Second))
	stream := openStream(t, background, endpoint)
	equal(t, stream.Next(), true)
	equal(t, stream.Next(), false)
	found := wants[*inferencekey.TimeoutError](t, stream.Err(), "timed out: ")
	equal(t, found.Timeout(), true)
}
