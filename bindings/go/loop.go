package inferencekey

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// loop is a client of the library, and what wakes the goroutines that wait for its requests.
//
// Requests run on the loop that the library keeps per client, not on the thread that calls. A thread blocked in the
// library would be an OS thread per request, for the seconds that a language model takes: 1,000 streams would be 1,000
// threads, and are none beyond those of Go this way. It is also what costs less where it matters: with 16 goroutines on
// two cores a call took 90 µs of CPU, against 250 µs with blocked threads, because Go takes the processor of a blocked
// thread away and gives it back each time.
//
// No goroutine is blocked in the library either: Go's own poller waits for the descriptor of the loop beside the other
// sockets of the program. Who begins a request drives it to its first wait itself, and wakes nobody for it.
type loop struct {
	// Held for reading by who is inside the library with the client, for writing by who frees it. The client is nil
	// when it is closed; the library says so to who calls with it.
	gate   sync.RWMutex
	client nativeClient

	mutex    sync.Mutex
	requests map[uint64]*request

	// How often somebody wanted the loop to be looked after; 0 when nobody does.
	wanted atomic.Int64

	descriptor *os.File
	// Closed when the client is.
	done chan struct{}
}

func newLoop(client nativeClient) (*loop, error) {
	descriptor, err := pollable(nativeDescriptor(client))
	if err == nil {
		made := &loop{client: client, descriptor: descriptor}
		made.requests, made.done = map[uint64]*request{}, make(chan struct{})
		if err = made.watch(); err == nil {
			return made, nil
		}
		_ = descriptor.Close()
	}
	nativeFree(client)
	return nil, newError(kindNetwork, "network error: no more connections can be had ("+err.Error()+
		"); raise the limit of open files (ulimit -n)")
}

// pollable gives the descriptor to Go's poller: a copy of it, because the os package closes what it is given.
func pollable(descriptor int) (*os.File, error) {
	if descriptor < 0 {
		return nil, syscall.EMFILE
	}
	own, err := syscall.Dup(descriptor)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(own)
	// The os package polls what does not block; nothing is ever read from a set of descriptors.
	if err := syscall.SetNonblock(own, true); err != nil {
		_ = syscall.Close(own)
		return nil, err
	}
	return os.NewFile(uintptr(own), "inferencekey"), nil
}

// watch polls whenever there is something to do, until the descriptor is closed.
func (loop *loop) watch() error {
	waiting, err := loop.descriptor.SyscallConn()
	if err != nil {
		return err
	}
	// Go's poller tells of a change once: poll goes on until nothing is left.
	go func() {
		_ = waiting.Read(func(uintptr) bool {
			loop.poll()
			return false
		})
	}()
	return nil
}

// start begins an operation and drives it to its first wait.
func (loop *loop) start(operation operation, arguments []byte) (*request, error) {
	started := &request{loop: loop, ready: make(chan struct{}, 1)}
	if err := loop.add(started, operation, arguments); err != nil {
		return nil, err
	}
	loop.poll()
	return started, nil
}

func (loop *loop) add(request *request, operation operation, arguments []byte) error {
	loop.gate.RLock()
	defer loop.gate.RUnlock()
	// Whoever polls meanwhile waits here before it tells of a request that is not known yet.
	loop.mutex.Lock()
	defer loop.mutex.Unlock()
	handle, id, err := nativeStart(loop.client, operation, arguments)
	if err != nil {
		return err
	}
	request.handle, request.id = handle, id
	loop.requests[id] = request
	return nil
}

// poll does what there is to do and wakes whom it concerns. From any goroutine; one at a time does the work, for the
// others too: who comes meanwhile is counted, and who works looks again for them. Without that a change that Go's
// poller told of while somebody else was just leaving the library would be seen by nobody.
func (loop *loop) poll() {
	if loop.wanted.Add(1) == 1 {
		loop.drive(maxRounds)
	}
}

// maxRounds is how often a caller looks for others before a goroutine of its own does.
const maxRounds = 4

func (loop *loop) drive(rounds int) {
	for round := 0; round != rounds; round++ {
		seen := loop.wanted.Load()
		loop.drain()
		if loop.wanted.CompareAndSwap(seen, 0) {
			return
		}
	}
	go loop.drive(-1)
}

func (loop *loop) drain() {
	loop.gate.RLock()
	defer loop.gate.RUnlock()
	for loop.client != nil && nativePoll(loop.client, loop.wake) {
	}
}

func (loop *loop) wake(id uint64) {
	loop.mutex.Lock()
	request := loop.requests[id]
	loop.mutex.Unlock()
	if request != nil {
		request.wake()
	}
}

// call runs an operation that sends nothing.
func (loop *loop) call(operation operation, arguments []byte) ([]byte, error) {
	loop.gate.RLock()
	defer loop.gate.RUnlock()
	return nativeCall(loop.client, operation, arguments)
}

// close ends every request and frees the client. More than once is fine.
func (loop *loop) close() {
	loop.gate.Lock()
	client := loop.client
	loop.client = nil
	if client != nil {
		nativeFree(client)
		close(loop.done)
	}
	loop.gate.Unlock()
	if client != nil {
		_ = loop.descriptor.Close()
	}
}

// isClosed tells whether nothing more comes of any request.
func (loop *loop) isClosed() bool {
	select {
	case <-loop.done:
		return true
	default:
		return false
	}
}
