package inferencekey

import (
	"context"
	"encoding/json"
)

// TextRequest is what a text is generated from: Prompt or Messages. What is left empty is not sent.
type TextRequest struct {
	Prompt   string
	Messages []Message
	// Temperature and MaxTokens are optional: inferencekey.Ptr(0.2).
	Temperature *float64
	MaxTokens   *int
	// Extra holds further fields of an OpenAI chat completion, passed through untouched. It is whatever is a JSON
	// object: a map, a struct, a json.RawMessage, of which the last two keep their order.
	Extra any
}

// Message is one turn of a conversation.
type Message struct {
	// Role is such as system, user or assistant.
	Role string
	// Content is a text, or parts as OpenAI has them.
	Content any
	// Extra holds further fields, such as name; whatever is a JSON object.
	Extra any
}

// MarshalJSON writes role, content and then the rest.
func (message Message) MarshalJSON() ([]byte, error) {
	own, err := json.Marshal(struct {
		Role    string `json:"role"`
		Content any    `json:"content"`
	}{message.Role, message.Content})
	if err != nil || message.Extra == nil {
		return own, err
	}
	extra, err := json.Marshal(message.Extra)
	if err != nil {
		return nil, err
	}
	if len(extra) < 2 || extra[0] != '{' {
		return nil, newError(kindValidation, "Extra of a message must be a JSON object")
	}
	if len(extra) == 2 {
		return own, nil
	}
	return append(append(own[:len(own)-1], ','), extra[1:]...), nil
}

// textArguments are those of both text operations.
type textArguments struct {
	target
	Prompt      string     `json:"prompt,omitempty"`
	Messages    *[]Message `json:"messages,omitempty"`
	Temperature *float64   `json:"temperature,omitempty"`
	MaxTokens   *int       `json:"max_tokens,omitempty"`
	Extra       any        `json:"extra,omitempty"`
}

func (endpoint *Endpoint) textArguments(request TextRequest) textArguments {
	arguments := textArguments{
		target: endpoint.own, Prompt: request.Prompt, Temperature: request.Temperature, MaxTokens: request.MaxTokens,
		Extra: request.Extra,
	}
	if request.Messages != nil {
		arguments.Messages = &request.Messages
	}
	return arguments
}

// GenerateText generates a text and waits for the whole of it.
func (endpoint *Endpoint) GenerateText(ctx context.Context, request TextRequest) (*TextResult, error) {
	result := &TextResult{}
	if err := endpoint.client.call(ctx, operationGenerateText, endpoint.textArguments(request), result); err != nil {
		return nil, err
	}
	return result, nil
}

// GenerateTextStream generates a text piece by piece. It returns once the stream is open, so a refusal is returned
// here. Close the stream, or end its context, when it is not read to its end.
func (endpoint *Endpoint) GenerateTextStream(ctx context.Context, request TextRequest) (*TextStream, error) {
	arguments := endpoint.textArguments(request)
	opened, err := open[TextChunk](ctx, endpoint.client, operationGenerateTextStream, arguments, true)
	if err != nil {
		return nil, err
	}
	return &TextStream{events: opened}, nil
}

// TextStream gives the pieces of a text as they arrive:
//
//	defer stream.Close()
//	for stream.Next() {
//		fmt.Print(stream.Chunk().Text)
//	}
//	err := stream.Err()
//
// It is read by one goroutine at a time; any may close it.
type TextStream struct {
	events *events[TextChunk]
	chunk  TextChunk
}

// Next waits for the next piece. False at the end, and then Err says whether the text is complete.
func (stream *TextStream) Next() bool { return stream.events.next(&stream.chunk) }

// Chunk is what Next found.
func (stream *TextStream) Chunk() TextChunk { return stream.chunk }

// Err is why the stream ended; nil when the text is complete or the stream was closed.
func (stream *TextStream) Err() error { return stream.events.failure }

// Close closes the connection. It may be called more than once, and after the end.
func (stream *TextStream) Close() error {
	stream.events.close()
	return nil
}
