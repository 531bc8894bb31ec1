package inferencekey

import "encoding/json"

// FieldChange is one declared field whose live value differs, and how the change would be carried out.
type FieldChange struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
	// Effect is in_place, rolling or recreate.
	Effect string `json:"effect"`
}

// Plan is what would change: create, update or none, and the changes of an update.
type Plan struct {
	Action  string        `json:"action"`
	Changes []FieldChange `json:"changes"`
}

// HasChanges tells whether Ensure would change something.
func (plan Plan) HasChanges() bool { return plan.Action != "none" }

// EndpointRef is a declared workload: where it is called, and what Ensure found or did.
type EndpointRef struct {
	ProjectSlug  string `json:"project_slug"`
	WorkloadSlug string `json:"workload_slug"`
	Plan         Plan   `json:"plan"`
}

// ReadinessEvent is how far a workload is on its way to serving.
type ReadinessEvent struct {
	// Phase is scheduling, provisioning, bootstrapping, ready or error.
	Phase   string `json:"phase"`
	Message string `json:"message"`
	// ElapsedMS is since the revision was accepted, in milliseconds.
	ElapsedMS int64 `json:"elapsed_ms"`
	// Step is empty where the phase has none.
	Step string `json:"step,omitempty"`
	// BytesDone, BytesTotal and ETAMS are nil where they are not known.
	BytesDone  *int64 `json:"bytes_done,omitempty"`
	BytesTotal *int64 `json:"bytes_total,omitempty"`
	ETAMS      *int64 `json:"eta_ms,omitempty"`
	// Stalled means no progress for 60 s.
	Stalled bool   `json:"stalled,omitempty"`
	Cause   string `json:"cause,omitempty"`
}

// Workload is a workload as the platform has it.
type Workload struct {
	ID                    string          `json:"id"`
	Name                  string          `json:"name"`
	Slug                  string          `json:"slug"`
	ProjectID             string          `json:"project_id"`
	ProjectSlug           string          `json:"project_slug"`
	WorkloadSlug          string          `json:"workload_slug"`
	Description           *string         `json:"description"`
	TaskType              TaskType        `json:"task_type"`
	Backend               Backend         `json:"backend"`
	ModelName             string          `json:"model_name"`
	Config                map[string]any  `json:"config"`
	WorkerID              *string         `json:"worker_id"`
	GPUResourceID         *string         `json:"gpu_resource_id"`
	ExecutionPolicy       ExecutionPolicy `json:"execution_policy"`
	ExecutionPolicyConfig map[string]any  `json:"execution_policy_config"`
	// Revision grows by one per accepted change.
	Revision     int     `json:"revision"`
	Status       string  `json:"status"`
	StatusReason *string `json:"status_reason"`
	Replacement  string  `json:"replacement"`
	CreatedAt    string  `json:"created_at"`
	UpdatedAt    string  `json:"updated_at"`
}

// WorkloadReport is how a workload stands: desired and observed replicas, each with the one reason for its state.
type WorkloadReport struct {
	Desired      int     `json:"desired"`
	Ready        int     `json:"ready"`
	Status       string  `json:"status"`
	StatusReason *string `json:"status_reason"`
	Revision     int     `json:"revision"`
	// Replicas are as the platform tells them.
	Replicas []map[string]any `json:"replicas"`
	// Raw is the answer, untouched.
	Raw json.RawMessage `json:"-"`
}

// UnmarshalJSON keeps the answer beside what is read of it.
func (report *WorkloadReport) UnmarshalJSON(data []byte) error {
	type members WorkloadReport
	read := members{Status: "pending"}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*report = WorkloadReport(read)
	report.Raw = append(json.RawMessage(nil), data...)
	return nil
}

// LogLine is one line that an engine wrote.
type LogLine struct {
	ReplicaID string `json:"replica_id"`
	// Timestamp is in RFC 3339; empty where the engine's line has no time.
	Timestamp string `json:"ts"`
	Text      string `json:"text"`
}
