package inferencekey

import "encoding/json"

// Usage is how many tokens a call took.
type Usage struct {
	PromptTokens     int `json:"prompt_tokens"`
	CompletionTokens int `json:"completion_tokens"`
	TotalTokens      int `json:"total_tokens"`
}

// TextResult is a whole generated text.
type TextResult struct {
	Text  string `json:"text"`
	Model string `json:"model"`
	// FinishReason is such as stop or length; empty where the server gave none.
	FinishReason string `json:"finish_reason"`
	// Usage is nil where the server told none.
	Usage *Usage `json:"usage"`
	// Raw is the answer, untouched.
	Raw json.RawMessage `json:"raw"`
}

// TextChunk is a piece of a text as it is generated; Text may be empty.
type TextChunk struct {
	Text         string          `json:"text"`
	FinishReason string          `json:"finish_reason"`
	Usage        *Usage          `json:"usage"`
	Raw          json.RawMessage `json:"raw"`
}

// EmbedResult holds the vectors of one or more texts, in their order.
type EmbedResult struct {
	Embeddings [][]float64     `json:"embeddings"`
	Model      string          `json:"model"`
	Usage      *Usage          `json:"usage"`
	Raw        json.RawMessage `json:"raw"`
}

// RerankItem is how well one document answers the query; Index is its place in the request.
type RerankItem struct {
	Index          int     `json:"index"`
	RelevanceScore float64 `json:"relevance_score"`
}

// RerankResult holds the documents in the order of the server, the best first.
type RerankResult struct {
	Results []RerankItem    `json:"results"`
	Model   string          `json:"model"`
	Raw     json.RawMessage `json:"raw"`
}

// ForecastResult is the answer of a forecasting workload, untouched.
type ForecastResult struct {
	Raw json.RawMessage `json:"raw"`
}
