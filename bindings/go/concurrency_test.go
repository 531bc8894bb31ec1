package inferencekey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

// echo answers with the prompt it was given.
func echo(t testing.TB) func(*asked, *reply) {
	return func(asked *asked, reply *reply) {
		messages, _ := asked.json(t)["messages"].([]any)
		reply.json(200, completion(messages[0].(fields)["content"].(string)))
	}
}

func TestManyGoroutinesOnOneClient(t *testing.T) {
	const goroutines, calls = 64, 1000
	turns := calls
	if isRace || testing.Short() {
		turns = calls / 20
	}
	server := newLoopback(t, echo(t))
	data := dataClient(t, server.url)
	endpoint := must[*inferencekey.Endpoint](t)(data.Endpoint("support-bot"))
	var group sync.WaitGroup
	for number := 0; number < goroutines; number++ {
		number := number
		group.Add(1)
		go func() {
			defer group.Done()
			// Half of them with a context that can be cancelled.
			ctx, cancel := background, context.CancelFunc(func() {})
			if number%2 == 0 {
				ctx, cancel = context.WithCancel(ctx)
			}
			defer cancel()
			for turn := 0; turn < turns; turn++ {
				text := fmt.Sprintf("%d-%d", number, turn)
				result, err := endpoint.GenerateText(ctx, inferencekey.TextRequest{Prompt: text})
				if err != nil || result.Text != text {
					t.Errorf("%s: got %v %v", text, result, err)
					return
				}
			}
		}()
	}
	group.Wait()
	equal(t, len(server.seen()), goroutines*turns)
	equal(t, data.Waiting(), 0)
}

func TestAThousandStreamsAtOnceHoldNoThread(t *testing.T) {
	const streams, pieces = 1000, 5
	allOpen := make(chan struct{})
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.openEvents()
		reply.event(delta("0", nil))
		<-allOpen
		for piece := 1; piece < pieces; piece++ {
			reply.event(delta(strconv.Itoa(piece), nil))
		}
		reply.event(delta("", "stop"))
		reply.event("[DONE]")
		reply.end()
	})
	data := dataClient(t, server.url)
	endpoint := must[*inferencekey.Endpoint](t)(data.Endpoint("support-bot"))
	before := threads(t)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	var opened, ended sync.WaitGroup
	opened.Add(streams)
	ended.Add(streams)
	for number := 0; number < streams; number++ {
		go func() {
			defer ended.Done()
			stream, err := endpoint.GenerateTextStream(ctx, hola)
			if err == nil && !stream.Next() {
				err = stream.Err()
			}
			opened.Done()
			if err != nil {
				t.Error(err)
				return
			}
			defer stream.Close()
			text := stream.Chunk().Text
			for stream.Next() {
				text += stream.Chunk().Text
			}
			if text != "01234" || stream.Err() != nil {
				t.Errorf("got %q %v", text, stream.Err())
			}
		}()
	}
	opened.Wait()
	equal(t, data.Waiting(), streams)
	more := threads(t) - before
	t.Logf("%d streams: %d more threads", streams, more)
	if more > 64 {
		t.Errorf("%d streams hold %d threads", streams, more)
	}
	close(allOpen)
	ended.Wait()
	equal(t, data.Waiting(), 0)
}

func TestNoEventIsLostWhileCallsComeAndGo(t *testing.T) {
	const rounds, pieces = 20, 50
	server := newLoopback(t, func(asked *asked, reply *reply) {
		if asked.json(t)["stream"] == nil {
			reply.json(200, completion("Hola"))
			return
		}
		reply.openEvents()
		for piece := 0; piece < pieces; piece++ {
			reply.event(delta(fmt.Sprintf("%d ", piece), nil))
		}
		reply.event(delta("", "stop"))
		reply.end()
	})
	endpoint := endpointOf(t, server.url)
	wanted := ""
	for piece := 0; piece < pieces; piece++ {
		wanted += fmt.Sprintf("%d ", piece)
	}
	var group sync.WaitGroup
	for number := 0; number < 16; number++ {
		number := number
		group.Add(1)
		go func() {
			defer group.Done()
			for round := 0; round < rounds; round++ {
				if number%2 == 0 {
					if _, err := endpoint.GenerateText(background, hola); err != nil {
						t.Error(err)
					}
					continue
				}
				stream, err := endpoint.GenerateTextStream(background, hola)
				if err != nil {
					t.Error(err)
					continue
				}
				text := ""
				for stream.Next() {
					text += stream.Chunk().Text
				}
				if text != wanted || stream.Err() != nil {
					t.Errorf("got %q %v", text, stream.Err())
				}
			}
		}()
	}
	group.Wait()
}

func TestCancellingManyCallsLeavesNothingBehind(t *testing.T) {
	server := newLoopback(t, func(_ *asked, reply *reply) { reply.waitClosed() })
	data := dataClient(t, server.url)
	endpoint := must[*inferencekey.Endpoint](t)(data.Endpoint("support-bot"))
	goroutines := runtime.NumGoroutine()
	var group sync.WaitGroup
	for number := 0; number < 200; number++ {
		delay := time.Duration(number) * 100 * time.Microsecond
		group.Add(1)
		go func() {
			defer group.Done()
			ctx, cancel := context.WithTimeout(background, delay)
			defer cancel()
			_, err := endpoint.GenerateText(ctx, hola)
			var found *inferencekey.TimeoutError
			if !errors.As(err, &found) {
				t.Errorf("got %v", err)
			}
		}()
	}
	group.Wait()
	equal(t, data.Waiting(), 0)
	// The server's goroutines end when they see that their connections are closed.
	deadline := time.Now().Add(patience)
	for runtime.NumGoroutine() > goroutines+2 {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
		}
		runtime.Gosched()
	}
}

func TestAClientThatIsDroppedLetsGoOfItsConnections(t *testing.T) {
	closed := make(chan struct{}, 1)
	server := newLoopback(t, func(_ *asked, reply *reply) {
		reply.json(200, completion("Hola"))
		if reply.waitClosed() {
			closed <- struct{}{}
		}
	})
	func() {
		data := must[*inferencekey.DataClient](t)(inferencekey.NewDataClient(
			inferencekey.WithBaseURL(server.url), inferencekey.WithProject("acme"), inferencekey.WithAPIKey(key)))
		endpoint := must[*inferencekey.Endpoint](t)(data.Endpoint("support-bot"))
		must[*inferencekey.TextResult](t)(endpoint.GenerateText(background, hola))
	}()
	deadline := time.After(patience)
	for {
		runtime.GC()
		select {
		case <-closed:
			return
		case <-deadline:
			t.Fatal("the connection of a client that nobody holds stays open")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestMemoryStaysWhereItIs(t *testing.T) {
	if isRace {
		t.Skip("the race detector keeps memory of its own")
	}
	server := newLoopback(t, func(asked *asked, reply *reply) {
		if bytes.Contains(asked.body, []byte(`"stream":true`)) {
			reply.openEvents()
			reply.event(delta("x", "stop"))
			reply.end()
			return
		}
		reply.json(401, fields{"error": "invalid_credentials"})
	})
	endpoint := endpointOf(t, server.url)
	work := func(count int) {
		for turn := 0; turn < count; turn++ {
			_, _ = endpoint.GenerateText(background, hola)
			stream := must[*inferencekey.TextStream](t)(endpoint.GenerateTextStream(background, hola))
			for stream.Next() {
			}
			server.mutex.Lock()
			server.requests = nil
			server.mutex.Unlock()
		}
		runtime.GC()
	}
	work(300)
	before := resident(t)
	work(3000)
	// 3,000 rounds that kept 1 kB each would be 3 MB on top.
	if grown := resident(t) - before; grown > 2500 {
		t.Errorf("3,000 rounds grew the process by %d kB", grown)
	}
}

func threads(t testing.TB) int {
	return len(must[[]os.DirEntry](t)(os.ReadDir("/proc/self/task")))
}

// resident is the memory of this process in kB.
func resident(t testing.TB) int {
	var size, pages int
	_, err := fmt.Sscan(string(must[[]byte](t)(os.ReadFile("/proc/self/statm"))), &size, &pages)
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() / 1024
}
