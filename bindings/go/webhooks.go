package inferencekey

import (
	"encoding/json"
	"net/http"
	"unicode/utf8"
)

// WebhookEvent is what the platform tells about a job. What the body does not have stays empty.
type WebhookEvent struct {
	// Event is such as job.completed or job.failed.
	Event string `json:"event"`
	// Timestamp is as the platform wrote it.
	Timestamp json.RawMessage `json:"ts"`
	JobID     string          `json:"job_id"`
	// Context is what was given when the job was submitted.
	Context json.RawMessage `json:"context"`
	Data    json.RawMessage `json:"data"`
	// Raw is the whole body, untouched.
	Raw json.RawMessage `json:"-"`
}

// VerifyWebhook makes sure that the platform has sent the body of this request, and lately, and reads it. What was not
// sent by the platform is a *ValidationError. Options: WithTolerance.
func VerifyWebhook(body []byte, headers http.Header, secret string, options ...Option) (*WebhookEvent, error) {
	given, err := read("VerifyWebhook", options, false, "tolerance", "now")
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(body) {
		return nil, errorOfKind(kindValidation, Details{
			Kind: kindNames[kindValidation], Code: "invalid_body",
			Message: "validation error: the body is not UTF-8; pass it as it came",
		})
	}
	first := map[string]string{}
	for name, values := range headers {
		if len(values) > 0 {
			first[name] = values[0]
		}
	}
	arguments := given.members()
	arguments["body"] = string(body)
	arguments["headers"] = first
	arguments["secret"] = secret
	var decision struct {
		Event json.RawMessage `json:"event"`
		Error *struct{ Kind, Message, Code string }
	}
	if err := decide("webhooks", arguments, &decision); err != nil {
		return nil, err
	}
	if found := decision.Error; found != nil {
		return nil, errorOfKind(kindValidation, Details{Kind: found.Kind, Message: found.Message, Code: found.Code})
	}
	event := &WebhookEvent{}
	// It is the platform's, whatever it holds; what is no event of a job is in Raw alone.
	_ = json.Unmarshal(decision.Event, event)
	event.Raw = append(json.RawMessage(nil), body...)
	return event, nil
}

// decide asks the core what it decides about the subject, as conformance/ describes.
func decide(subject string, given, decision any) error {
	if err := checkABI(); err != nil {
		return err
	}
	encoded, err := encode(given)
	if err != nil {
		return err
	}
	answer, err := nativeDecide([]byte(subject), encoded)
	if err != nil {
		return err
	}
	return decode(answer, decision)
}
