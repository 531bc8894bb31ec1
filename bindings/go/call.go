package inferencekey

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"sync/atomic"
)

// operation is the name of one, as the library knows it.
type operation []byte

var (
	operationEnsure             = operation("ensure")
	operationPlan               = operation("plan")
	operationDelete             = operation("delete")
	operationGet                = operation("get")
	operationList               = operation("list")
	operationStatus             = operation("status")
	operationLogs               = operation("logs")
	operationFollowLogs         = operation("follow_logs")
	operationWaitUntilReady     = operation("wait_until_ready")
	operationEndpoint           = operation("endpoint")
	operationGenerateText       = operation("generate_text")
	operationGenerateTextStream = operation("generate_text_stream")
	operationEmbed              = operation("embed")
	operationRerank             = operation("rerank")
	operationForecast           = operation("forecast")
	operationSubmitJob          = operation("submit_job")
	operationGetJob             = operation("get_job")
	operationRequest            = operation("request")
)

// object is a JSON object in the words of the wire; members that are nil count as absent.
type object map[string]any

func encode(value any) ([]byte, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, newError(kindValidation, "validation error: an argument cannot be sent as JSON: "+err.Error())
	}
	return encoded, nil
}

// decode reads an answer, of which result may keep parts.
func decode(bytes []byte, result any) error {
	if own, isReadable := result.(readable); isReadable && own.read(bytes) {
		return nil
	}
	if err := json.Unmarshal(bytes, result); err != nil {
		return newError(kindAPI, "api error: the answer has not the form it should have: "+err.Error())
	}
	return nil
}

// call runs a plain operation and puts what it brings into result.
func (client *client) call(ctx context.Context, operation operation, arguments any, result any) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	encoded, err := encode(arguments)
	if err != nil {
		return err
	}
	started, err := client.loop.start(operation, encoded)
	if err != nil {
		return err
	}
	answer, err := started.next(ctx)
	started.release()
	runtime.KeepAlive(client)
	if err != nil {
		return err
	}
	return decode(answer, result)
}

// events are what a streaming operation brings. next is for one goroutine at a time, close for any.
type events[T any] struct {
	client  *client
	ctx     context.Context
	request *request
	// Ends the goroutine that watches the context.
	unwatch  func()
	ready    []T
	failure  error
	isClosed atomic.Bool
}

// open begins a streaming operation and waits until it is open where that is wanted: a refusal comes out here.
func open[T any](
	ctx context.Context, client *client, operation operation, arguments any, waits bool,
) (*events[T], error) {
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	encoded, err := encode(arguments)
	if err != nil {
		return nil, err
	}
	started, err := client.loop.start(operation, encoded)
	if err != nil {
		return nil, err
	}
	opened := &events[T]{client: client, ctx: ctx, request: started, unwatch: func() {}}
	if waits {
		if _, err := opened.more(); err != nil {
			return nil, err
		}
	}
	if ctx.Done() != nil {
		over := make(chan struct{})
		var once sync.Once
		opened.unwatch = func() { once.Do(func() { close(over) }) }
		// Nobody may be in next when the context is done, and the request is to end all the same.
		go func() {
			select {
			case <-ctx.Done():
				started.release()
			case <-started.loop.done:
			case <-over:
			}
		}()
	}
	runtime.SetFinalizer(opened, func(dropped *events[T]) { dropped.close() })
	return opened, nil
}

// more waits for what comes next and keeps it in ready. False at the end.
func (events *events[T]) more() (bool, error) {
	bytes, err := events.request.next(events.ctx)
	if err != nil || bytes == nil {
		events.close()
		if err != nil && events.ctx.Err() != nil {
			err = contextError(events.ctx)
		}
		return false, err
	}
	// A new slice: what the user holds of the old one stays as it is.
	var batch []T
	var target any = &batch
	if chunks, areChunks := target.(*[]TextChunk); areChunks {
		target = (*textChunks)(chunks)
	}
	if err := decode(bytes, target); err != nil {
		events.close()
		return false, err
	}
	events.ready = batch
	return true, nil
}

// next gives the next event into result. False at the end, after which failure says why it ended, if not well.
func (events *events[T]) next(result *T) bool {
	defer runtime.KeepAlive(events)
	for len(events.ready) == 0 || events.request.loop.isClosed() {
		if events.isClosed.Load() {
			return false
		}
		isMore, err := events.more()
		if err != nil {
			events.failure = err
		}
		if !isMore {
			return false
		}
	}
	if events.isClosed.Load() {
		if events.ctx.Err() != nil {
			events.failure = contextError(events.ctx)
		}
		return false
	}
	*result = events.ready[0]
	events.ready = events.ready[1:]
	return true
}

func (events *events[T]) close() {
	if !events.isClosed.CompareAndSwap(false, true) {
		return
	}
	runtime.SetFinalizer(events, nil)
	events.unwatch()
	events.request.release()
}
