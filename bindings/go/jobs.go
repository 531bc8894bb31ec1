package inferencekey

import (
	"context"
	"encoding/base64"
	"encoding/json"
)

// JobRequest is work to be done later.
type JobRequest struct {
	// Kind is such as chat, embeddings or audio_transcriptions.
	Kind string
	// Body is any JSON value. A body that is none goes into Bytes, with its ContentType.
	Body        any
	Bytes       []byte
	ContentType string
	// Context is any JSON value; it comes back with the result as it is.
	Context any
	// IdempotencyKey makes a second submission with the same key the first one's job.
	IdempotencyKey string
}

// Job is work that the platform has accepted.
type Job struct {
	ID string `json:"job_id"`
	// State is empty until it was asked for with GetJob.
	State    string          `json:"state"`
	Attempts int             `json:"attempts"`
	Result   json.RawMessage `json:"result"`
	// Raw is the answer, untouched.
	Raw json.RawMessage `json:"raw"`
}

// SubmitJob hands work over; it is durable when this returns.
func (endpoint *Endpoint) SubmitJob(ctx context.Context, request JobRequest) (*Job, error) {
	arguments := struct {
		target
		Kind           string  `json:"kind"`
		Body           any     `json:"body,omitempty"`
		Base64         *string `json:"base64,omitempty"`
		ContentType    string  `json:"content_type,omitempty"`
		Context        any     `json:"context,omitempty"`
		IdempotencyKey string  `json:"idempotency_key,omitempty"`
	}{
		endpoint.own, request.Kind, request.Body, inBase64(request.Bytes), request.ContentType, request.Context,
		request.IdempotencyKey,
	}
	job := &Job{}
	if err := endpoint.client.call(ctx, operationSubmitJob, arguments, job); err != nil {
		return nil, err
	}
	return job, nil
}

// GetJob tells how a job stands, and its result once there is one.
func (endpoint *Endpoint) GetJob(ctx context.Context, id string) (*Job, error) {
	arguments := struct {
		target
		JobID string `json:"job_id"`
	}{endpoint.own, id}
	job := &Job{}
	if err := endpoint.client.call(ctx, operationGetJob, arguments, job); err != nil {
		return nil, err
	}
	return job, nil
}

// inBase64 is nil for nil bytes, which are none; no bytes are an empty text.
func inBase64(bytes []byte) *string {
	if bytes == nil {
		return nil
	}
	return Ptr(base64.StdEncoding.EncodeToString(bytes))
}
