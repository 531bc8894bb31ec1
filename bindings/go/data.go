package inferencekey

// DataClient calls workloads. It has no provisioning method: workloads are declared with a ManagementClient. Safe for
// use by many goroutines; its endpoints share one pool of connections.
type DataClient struct{ client *client }

// NewDataClient makes a client of the data plane; nothing is sent, and nothing is taken from the environment.
// WithAPIKey gives the data key, ik_live_….
func NewDataClient(options ...Option) (*DataClient, error) {
	return newDataClient("NewDataClient", options, nil)
}

// NewDataClientFromEnv takes what no option gives from INFERENCEKEY_API_KEY, INFERENCEKEY_PROJECT and
// INFERENCEKEY_BASE_URL.
func NewDataClientFromEnv(options ...Option) (*DataClient, error) {
	return newDataClient("NewDataClientFromEnv", options, environment())
}

func newDataClient(place string, options []Option, environment map[string]string) (*DataClient, error) {
	given, err := read(place, options, true, "base_url", "project", "api_key")
	if err != nil {
		return nil, err
	}
	client, err := newClient("data", given, environment)
	if err != nil {
		return nil, err
	}
	return &DataClient{client}, nil
}

// Close ends every request of the client and of its endpoints, and closes their connections. What was waited for, or is
// read of a stream, ends with a *CanceledError, what is called afterwards with a *ConfigurationError.
func (data *DataClient) Close() error {
	data.client.close()
	return nil
}

// Endpoint is the endpoint of one workload. Nothing is sent. Options: WithAPIKey, WithMaxRetries and the timeouts.
func (data *DataClient) Endpoint(slug string, options ...Option) (*Endpoint, error) {
	given, err := read("Endpoint", options, true, "api_key")
	if err != nil {
		return nil, err
	}
	return newEndpoint(data.client, slug, given.given, given.limits)
}
