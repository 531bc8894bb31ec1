package inferencekey

// WorkloadSpec is a workload as its user declares it: one model, one backend, one policy. Name, Slug, Model and Backend
// are required; a field that is left empty is not declared, and is never drift.
type WorkloadSpec struct {
	Name string `json:"name"`
	Slug string `json:"slug"`
	// Model is a hub name such as Qwen/Qwen2.5-0.5B-Instruct, a path, or an Ollama tag.
	Model   string  `json:"model"`
	Backend Backend `json:"backend"`

	Project     string `json:"project,omitempty"`
	Description string `json:"description,omitempty"`
	// Command is the engine's command line, such as vllm serve NAME --max-model-len 8192.
	Command     string   `json:"command,omitempty"`
	VLLMVersion string   `json:"vllm_version,omitempty"`
	TaskType    TaskType `json:"task_type,omitempty"`
	// Config is whatever is a JSON object: a map, a struct, a json.RawMessage.
	Config          any             `json:"config,omitempty"`
	ExecutionPolicy ExecutionPolicy `json:"execution_policy,omitempty"`
	// ExecutionPolicyConfig is whatever is a JSON object.
	ExecutionPolicyConfig any    `json:"execution_policy_config,omitempty"`
	WorkerID              string `json:"worker_id,omitempty"`
	GPUResourceID         string `json:"gpu_resource_id,omitempty"`
}
