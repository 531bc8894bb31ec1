package inferencekey

// Backend is the engine kind of a workload; a custom backend is named by its slug: Backend("my-engine").
type Backend string

// The engines that the platform knows.
const (
	BackendOllama   Backend = "ollama"
	BackendVLLM     Backend = "vllm"
	BackendVLLMOmni Backend = "vllm-omni"
	BackendSGLang   Backend = "sglang"
	BackendLlamaCpp Backend = "llamacpp"
)

// TaskType is what a workload does.
type TaskType string

// The tasks that the platform knows.
const (
	TaskTypeText2Text      TaskType = "text2text"
	TaskTypeEmbedding      TaskType = "embedding"
	TaskTypeText2Image     TaskType = "text2image"
	TaskTypeText2Video     TaskType = "text2video"
	TaskTypeText2Audio     TaskType = "text2audio"
	TaskTypeImage2Image    TaskType = "image2image"
	TaskTypeImage2Video    TaskType = "image2video"
	TaskTypeAudio2Text     TaskType = "audio2text"
	TaskTypeOmni           TaskType = "omni"
	TaskTypeReranker       TaskType = "reranker"
	TaskTypeClassification TaskType = "classification"
	TaskTypeReward         TaskType = "reward"
	TaskTypeForecast       TaskType = "forecast"
)

// ExecutionPolicy is how many replicas run, and when.
type ExecutionPolicy string

// The policies that the platform knows.
const (
	ExecutionPolicyFixed       ExecutionPolicy = "fixed"
	ExecutionPolicyScheduled   ExecutionPolicy = "scheduled"
	ExecutionPolicyAutoscaling ExecutionPolicy = "autoscaling"
)

// OnDrift is what Ensure does when the live workload differs from its spec.
type OnDrift string

// What can be done about drift.
const (
	OnDriftReconcile OnDrift = "reconcile"
	OnDriftFail      OnDrift = "fail"
	OnDriftDryRun    OnDrift = "dry_run"
	OnDriftWarn      OnDrift = "warn"
	OnDriftIgnore    OnDrift = "ignore"
)
