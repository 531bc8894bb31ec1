package inferencekey

import "context"

// Logs gives what the engines of a workload wrote. Options: WithReplica, WithTail, WithProject.
func (management *ManagementClient) Logs(ctx context.Context, slug string, options ...Option) ([]LogLine, error) {
	arguments, err := management.place("Logs", slug, options, "replica", "tail")
	if err != nil {
		return nil, err
	}
	var result struct {
		Lines []LogLine `json:"lines"`
	}
	if err := management.client.call(ctx, operationLogs, arguments, &result); err != nil {
		return nil, err
	}
	return result.Lines, nil
}

// FollowLogs gives what the engines wrote and what they will write, until the stream is closed or the context is done.
// Options: WithReplica, WithTail, WithProject.
func (management *ManagementClient) FollowLogs(
	ctx context.Context, slug string, options ...Option,
) (*LogStream, error) {
	arguments, err := management.place("FollowLogs", slug, options, "replica", "tail")
	if err != nil {
		return nil, err
	}
	opened, err := open[LogLine](ctx, management.client, operationFollowLogs, arguments, true)
	if err != nil {
		return nil, err
	}
	return &LogStream{events: opened}, nil
}

// LogStream gives lines as they are written:
//
//	for stream.Next() {
//		fmt.Println(stream.Line().Text)
//	}
//	err := stream.Err()
//
// It is read by one goroutine at a time; any may close it.
type LogStream struct {
	events *events[LogLine]
	line   LogLine
}

// Next waits for the next line. False at the end, and then Err says whether it is a good one.
func (stream *LogStream) Next() bool { return stream.events.next(&stream.line) }

// Line is what Next found.
func (stream *LogStream) Line() LogLine { return stream.line }

// Err is why the stream ended; nil when it ended well or was closed.
func (stream *LogStream) Err() error { return stream.events.failure }

// Close closes the connection. It may be called more than once, and after the end.
func (stream *LogStream) Close() error {
	stream.events.close()
	return nil
}
