package inferencekey

import "runtime"

// Endpoint is one workload that can be called. Safe for use by many goroutines.
type Endpoint struct {
	client *client
	own    target
	place  endpointPlace
}

// target is what every data operation begins with.
type target struct {
	Slug string `json:"slug"`
	// A pointer, which whoever prints or logs an endpoint prints as a number.
	APIKey  *string `json:"api_key,omitempty"`
	Options object  `json:"options,omitempty"`
}

type endpointPlace struct {
	WorkloadSlug string `json:"workload_slug"`
	Project      string `json:"project"`
	BaseURL      string `json:"base_url"`
}

func newEndpoint(client *client, slug string, given, limits object) (*Endpoint, error) {
	key, _ := given["api_key"].(*string)
	endpoint := &Endpoint{client: client, own: target{slug, key, limits}}
	encoded, err := encode(endpoint.own)
	if err != nil {
		return nil, err
	}
	answer, err := client.loop.call(operationEndpoint, encoded)
	runtime.KeepAlive(client)
	if err != nil {
		return nil, err
	}
	return endpoint, decode(answer, &endpoint.place)
}

// WorkloadSlug is the slug that the endpoint calls.
func (endpoint *Endpoint) WorkloadSlug() string { return endpoint.place.WorkloadSlug }

// Project is the slug of the project.
func (endpoint *Endpoint) Project() string { return endpoint.place.Project }

// BaseURL is what any OpenAI client takes as its base URL.
func (endpoint *Endpoint) BaseURL() string { return endpoint.place.BaseURL }

// With gives the same endpoint with other options; connections are shared. Options: WithAPIKey, WithMaxRetries and the
// timeouts.
func (endpoint *Endpoint) With(options ...Option) (*Endpoint, error) {
	given, err := read("With", options, true, "api_key")
	if err != nil {
		return nil, err
	}
	if _, isGiven := given.given["api_key"]; !isGiven && endpoint.own.APIKey != nil {
		given.given["api_key"] = endpoint.own.APIKey
	}
	limits := object{}
	for name, value := range endpoint.own.Options {
		limits[name] = value
	}
	for name, value := range given.limits {
		limits[name] = value
	}
	return newEndpoint(endpoint.client, endpoint.own.Slug, given.given, limits)
}
