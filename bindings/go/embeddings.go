package inferencekey

import "context"

// EmbedRequest is what vectors are wanted of.
type EmbedRequest struct {
	// Input is one text or a list of them: a string or a []string.
	Input any
	// Extra holds further fields, passed through untouched; whatever is a JSON object.
	Extra any
}

// Embed gives the vectors of one or more texts, in their order.
func (endpoint *Endpoint) Embed(ctx context.Context, request EmbedRequest) (*EmbedResult, error) {
	arguments := struct {
		target
		Input any `json:"input"`
		Extra any `json:"extra,omitempty"`
	}{endpoint.own, request.Input, request.Extra}
	result := &EmbedResult{}
	if err := endpoint.client.call(ctx, operationEmbed, arguments, result); err != nil {
		return nil, err
	}
	return result, nil
}

// RerankRequest is a question, and what may answer it.
type RerankRequest struct {
	Query     string
	Documents []string
	// TopN is optional: inferencekey.Ptr(3).
	TopN *int
	// Extra holds further fields, passed through untouched; whatever is a JSON object.
	Extra any
}

// Rerank orders documents by how well they answer the query.
func (endpoint *Endpoint) Rerank(ctx context.Context, request RerankRequest) (*RerankResult, error) {
	arguments := struct {
		target
		Query     string   `json:"query"`
		Documents []string `json:"documents"`
		TopN      *int     `json:"top_n,omitempty"`
		Extra     any      `json:"extra,omitempty"`
	}{endpoint.own, request.Query, request.Documents, request.TopN, request.Extra}
	result := &RerankResult{}
	if err := endpoint.client.call(ctx, operationRerank, arguments, result); err != nil {
		return nil, err
	}
	return result, nil
}

// Forecast sends the body, whatever is a JSON object, untouched to a forecasting workload.
func (endpoint *Endpoint) Forecast(ctx context.Context, body any) (*ForecastResult, error) {
	arguments := struct {
		target
		Body any `json:"body"`
	}{endpoint.own, body}
	result := &ForecastResult{}
	if err := endpoint.client.call(ctx, operationForecast, arguments, result); err != nil {
		return nil, err
	}
	return result, nil
}
