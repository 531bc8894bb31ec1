package inferencekey

import (
	"context"
	"sync"
)

// request is one operation on its way. next is for one goroutine at a time, release for any.
type request struct {
	loop *loop
	id   uint64
	// Holds a token when there may be news.
	ready chan struct{}

	// Inside the library with the handle is one goroutine at a time.
	mutex  sync.Mutex
	handle nativeRequest
	// Whether something was taken, after which one has to look before waiting.
	hasTaken bool
}

func (request *request) wake() {
	select {
	case request.ready <- struct{}{}:
	default:
	}
}

// next waits for what the request brings; nil bytes and no error are its end. When the context is done the request is
// over.
func (request *request) next(ctx context.Context) ([]byte, error) {
	if request.hasTaken {
		if status, bytes, err := request.look(); status != statusPending {
			return bytes, err
		}
	}
	for {
		select {
		case <-request.ready:
		case <-ctx.Done():
			request.release()
			return nil, contextError(ctx)
		case <-request.loop.done:
		}
		status, bytes, err := request.look()
		if status != statusPending {
			request.hasTaken = true
			return bytes, err
		}
	}
}

// look takes what is there. Of a closed client nothing more is taken.
func (request *request) look() (int32, []byte, error) {
	if request.loop.isClosed() {
		request.release()
		return statusEnd, nil, newError(kindCancelled, "cancelled: the client was closed")
	}
	request.mutex.Lock()
	defer request.mutex.Unlock()
	if request.handle == nil {
		return statusEnd, nil, newError(kindCancelled, "cancelled: the request was closed")
	}
	status, bytes, err := nativeNext(request.handle)
	if status == statusInterrupted {
		status = statusPending
	}
	return status, bytes, err
}

// release ends the request, closes its connection if it is not over, and frees it. More than once is fine.
func (request *request) release() {
	request.mutex.Lock()
	handle := request.handle
	request.handle = nil
	if handle != nil {
		nativeRequestFree(handle)
	}
	request.mutex.Unlock()
	if handle == nil {
		return
	}
	request.loop.mutex.Lock()
	delete(request.loop.requests, request.id)
	request.loop.mutex.Unlock()
	request.loop.poll()
	request.wake()
}
