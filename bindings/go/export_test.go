package inferencekey

import "io"

// What tests see of the inside.

// Decide asks the core for a decision.
func Decide(subject string, given, decision any) error { return decide(subject, given, decision) }

// Progress is the built-in progress, on any writer: what shows an event, and what ends it.
func Progress(slug string, writer io.Writer, isLive bool) (show func(ReadinessEvent), finish func()) {
	progress := newTerminalProgress(slug, writer, isLive)
	return progress.show, progress.finish
}

// Waiting is how many requests the client knows.
func (data *DataClient) Waiting() int {
	loop := data.client.loop
	loop.mutex.Lock()
	defer loop.mutex.Unlock()
	return len(loop.requests)
}

// At lets a webhook be verified at another moment than now, as conformance/ does.
func At(moment any) Option { return member("now", "At", moment) }
