package inferencekey_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

func TestEachRefusalHasItsKind(t *testing.T) {
	server := newLoopback(t, nil)
	endpoint := endpointOf(t, server.url)
	refused := func(status int) error {
		server.answer(func(_ *asked, reply *reply) {
			body := fields{"error": fields{"message": "because", "code": "why", "type": "t"}}
			reply.json(status, body, "x-request-id: r-7", "retry-after: 3")
		})
		_, err := endpoint.GenerateText(background, hola)
		var found *inferencekey.Error
		if !errors.As(err, &found) {
			t.Fatalf("got %T", err)
		}
		equal(t, found.Status, status)
		equal(t, found.Code, "why")
		equal(t, found.RequestID, "r-7")
		equal(t, found.RetryAfter, 3*time.Second)
		return err
	}
	wants[*inferencekey.ValidationError](t, refused(400), "bad request: because")
	wants[*inferencekey.AuthError](t, refused(401), "authentication failed: because")
	wants[*inferencekey.PermissionDeniedError](t, refused(403), "permission denied [why]: because")
	wants[*inferencekey.NotFoundError](t, refused(404), "not found: because")
	wants[*inferencekey.APIError](t, refused(404), "not found: because")
	wants[*inferencekey.APIError](t, refused(409), "api error (status 409): because")
	wants[*inferencekey.ValidationError](t, refused(422), "bad request: because")
	wants[*inferencekey.RateLimitError](t, refused(429), "rate limited: because")
	wants[*inferencekey.APIError](t, refused(429), "rate limited: because")
	wants[*inferencekey.APIError](t, refused(500), "api error (status 500): because")
	var other *inferencekey.NotFoundError
	equal(t, errors.As(refused(409), &other), false)
}

func TestNoPlatformThere(t *testing.T) {
	_, err := endpointOf(t, "http://127.0.0.1:9").GenerateText(background, hola)
	wants[*inferencekey.NetworkError](t, err, "network error: ")
	wants[*inferencekey.APIError](t, err, "network error: ")
	if !strings.Contains(err.Error(), "Is a platform running at http://127.0.0.1:9?") {
		t.Fatal(err)
	}
}

func TestABaseURLThatIsNone(t *testing.T) {
	_, err := inferencekey.NewManagementClient(
		inferencekey.WithBaseURL("localhost:8080"), inferencekey.WithSDKToken(token))
	wants[*inferencekey.ConfigurationError](t, err, "configuration error: ")
}

func TestTheWrongCredentialIsRefusedBeforeAnythingIsSent(t *testing.T) {
	server := newLoopback(t, nil)
	_, err := managementOf(t, server.url, inferencekey.WithSDKToken(key)).List(background)
	found := wants[*inferencekey.PermissionDeniedError](t, err, "permission denied [wrong_credential_type]: ")
	equal(t, found.Code, "wrong_credential_type")
	equal(t, strings.Contains(err.Error(), secret), false)
	_, err = dataClient(t, server.url, inferencekey.WithAPIKey(token)).Endpoint("bot")
	wants[*inferencekey.PermissionDeniedError](t, err, "permission denied [wrong_credential_type]: ")
	equal(t, server.connections(), 0)
}

func TestAnOptionInTheWrongPlaceIsRefused(t *testing.T) {
	_, err := inferencekey.NewDataClient(inferencekey.WithSDKToken(token))
	wants[*inferencekey.ValidationError](t, err, "validation error: WithSDKToken is no option of NewDataClient")
	_, err = managementOf(t, "http://127.0.0.1:1").List(background, inferencekey.Silent())
	wants[*inferencekey.ValidationError](t, err, "validation error: Silent is no option of List")
}

func TestAnAnswerThatIsNone(t *testing.T) {
	server := newLoopback(t, nil)
	endpoint := endpointOf(t, server.url)
	for _, body := range []string{"<html>proxy</html>", `{"choices": [`, "", "[]", "{}"} {
		body := body
		server.answer(func(_ *asked, reply *reply) { reply.answer(200, "text/html", body) })
		_, err := endpoint.GenerateText(background, hola)
		wants[*inferencekey.APIError](t, err, "api error (status 200): ")
	}
}

func TestAServerThatSpeaksNoHTTP(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.send("SSH-2.0-x\r\n")
		reply.close()
	})
	_, err := endpointOf(t, server.url).GenerateText(background, hola)
	wants[*inferencekey.NetworkError](t, err, "network error: ")
}

func TestPlainHTTPBehindAnHTTPSAddress(t *testing.T) {
	listener := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		_, _ = connection.Read(make([]byte, 65536))
		_, _ = connection.Write([]byte("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"))
	}()
	_, err := endpointOf(t, "https://"+listener.Addr().String()).GenerateText(background, hola)
	wants[*inferencekey.NetworkError](t, err, "network error: ")
	if !strings.Contains(err.Error(), "TLS") {
		t.Fatal(err)
	}
}

func TestACertificateThatNobodyVouchesFor(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	endpoint := endpointOf(t, server.URL)
	// Many at once: the threads of TLS hand each of them back to the one loop of the client.
	var group sync.WaitGroup
	for number := 0; number < 32; number++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for turn := 0; turn < 5; turn++ {
				_, err := endpoint.GenerateText(background, hola)
				var found *inferencekey.NetworkError
				if !errors.As(err, &found) || !strings.Contains(err.Error(), "TLS") {
					t.Errorf("got %v", err)
				}
			}
		}()
	}
	group.Wait()
}

func TestProxyVariablesAreNotRead(t *testing.T) {
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:9")
	}
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.json(200, completion("Hola")) })
	equal(t, must[*inferencekey.TextResult](t)(endpointOf(t, server.url).GenerateText(background, hola)).Text, "Hola")
}

func TestAnAnswerThatTakesTooLong(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.waitClosed() })
	endpoint := endpointOf(t, server.url, inferencekey.WithRequestTimeout(200*time.Millisecond))
	_, err := endpoint.GenerateText(background, hola)
	wants[*inferencekey.TimeoutError](t, err, "timed out: no answer within")
	equal(t, errors.Is(err, context.DeadlineExceeded), false)
}

func TestADeadlineOfTheContext(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, func(_ *asked, reply *reply) {
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	})
	ctx, cancel := context.WithTimeout(background, 2*time.Second)
	defer cancel()
	_, err := endpointOf(t, server.url).GenerateText(ctx, hola)
	wants[*inferencekey.TimeoutError](t, err, "timed out: the deadline of the context passed")
	equal(t, errors.Is(err, context.DeadlineExceeded), true)
	comes(t, closed, "the server sees it")
}

func TestACancelledContextEndsACallAtOnce(t *testing.T) {
	arrived, closed := make(chan struct{}, 1), make(chan struct{}, 1)
	server := newLoopback(t, func(_ *asked, reply *reply) {
		arrived <- struct{}{}
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	})
	ctx, cancel := context.WithCancel(background)
	failed := make(chan error, 1)
	endpoint := endpointOf(t, server.url)
	go func() {
		_, err := endpoint.GenerateText(ctx, hola)
		failed <- err
	}()
	comes(t, arrived, "the request arrives")
	cancel()
	comes(t, closed, "the server sees it")
	err := <-failed
	wants[*inferencekey.CanceledError](t, err, "cancelled: the context was cancelled")
	equal(t, errors.Is(err, context.Canceled), true)
}

func TestNothingIsSentForAContextThatIsDone(t *testing.T) {
	server := newLoopback(t, nil)
	ctx, cancel := context.WithCancel(background)
	cancel()
	endpoint := endpointOf(t, server.url)
	_, err := endpoint.GenerateText(ctx, hola)
	equal(t, errors.Is(err, context.Canceled), true)
	_, err = endpoint.GenerateTextStream(ctx, hola)
	equal(t, errors.Is(err, context.Canceled), true)
	equal(t, server.connections(), 0)
}

func TestARefusalThatPassesIsRetried(t *testing.T) {
	server := newLoopback(t, nil)
	server.answer(func(_ *asked, reply *reply) {
		if len(server.seen()) < 3 {
			reply.json(429, fields{"error": "rate_limited"}, "retry-after-ms: 1")
			return
		}
		reply.json(200, completion("Hola"))
	})
	endpoint := endpointOf(t, server.url, inferencekey.WithMaxRetries(2))
	equal(t, must[*inferencekey.TextResult](t)(endpoint.GenerateText(background, hola)).Text, "Hola")
	equal(t, len(server.seen()), 3)
}

func TestTheOptionsOfOneEndpoint(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.json(429, fields{"error": "rate_limited"}, "retry-after-ms: 1")
	})
	endpoint := must[*inferencekey.Endpoint](t)(endpointOf(t, server.url).With(inferencekey.WithMaxRetries(1)))
	_, err := endpoint.GenerateText(background, hola)
	wants[*inferencekey.RateLimitError](t, err, "rate limited: ")
	equal(t, len(server.seen()), 2)
}

func TestAMissingKeySaysHowToGiveIt(t *testing.T) {
	data := must[*inferencekey.DataClient](t)(inferencekey.NewDataClient(inferencekey.WithProject("acme")))
	defer data.Close()
	_, err := data.Endpoint("support-bot")
	wants[*inferencekey.ConfigurationError](
		t, err, `No ik_live_ key for workload "support-bot". Pass WithAPIKey(…) or set INFERENCEKEY_API_KEY.`)
}

func TestAWebhookThatIsNoTextIsRefused(t *testing.T) {
	_, err := inferencekey.VerifyWebhook([]byte("\"\xff\""), nil, "secret")
	found := wants[*inferencekey.ValidationError](t, err, "validation error: the body is not UTF-8; pass it as it came")
	equal(t, found.Code, "invalid_body")
}
