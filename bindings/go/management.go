package inferencekey

import (
	"context"
	"log"
)

// ManagementClient declares workloads and looks after them. It has no inference method: endpoints are called with a
// DataClient. Safe for use by many goroutines.
type ManagementClient struct {
	client *client
	// Options of this one, where they are not the client's.
	limits    object
	onWarning func(string)
}

// NewManagementClient makes a client of the control plane; nothing is sent, and nothing is taken from the environment.
// WithSDKToken gives the control token, ik_sdk_….
func NewManagementClient(options ...Option) (*ManagementClient, error) {
	return newManagementClient("NewManagementClient", options, nil)
}

// NewManagementClientFromEnv takes what no option gives from INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_PROJECT and
// INFERENCEKEY_BASE_URL.
func NewManagementClientFromEnv(options ...Option) (*ManagementClient, error) {
	return newManagementClient("NewManagementClientFromEnv", options, environment())
}

func newManagementClient(place string, options []Option, environment map[string]string) (*ManagementClient, error) {
	given, err := read(place, options, true, "base_url", "project", "sdk_token", "on_warning")
	if err != nil {
		return nil, err
	}
	client, err := newClient("control", given, environment)
	if err != nil {
		return nil, err
	}
	return &ManagementClient{client: client, onWarning: given.onWarning}, nil
}

// With gives the same client with other options; connections are shared, and Close closes both. Options:
// WithMaxRetries, the timeouts and OnWarning.
func (management *ManagementClient) With(options ...Option) (*ManagementClient, error) {
	given, err := read("With", options, true, "on_warning")
	if err != nil {
		return nil, err
	}
	other := &ManagementClient{client: management.client, limits: object{}, onWarning: management.onWarning}
	for name, value := range management.limits {
		other.limits[name] = value
	}
	for name, value := range given.limits {
		other.limits[name] = value
	}
	if given.onWarning != nil {
		other.onWarning = given.onWarning
	}
	return other, nil
}

// Close ends every request of the client and of those made with With, and closes their connections. What was waited
// for, or is read of a stream, ends with a *CanceledError, what is called afterwards with a *ConfigurationError.
func (management *ManagementClient) Close() error {
	management.client.close()
	return nil
}

// Ensure makes the declared workload be there. Calling it again with the same spec changes nothing. Options:
// WithOnDrift, WithProject.
func (management *ManagementClient) Ensure(
	ctx context.Context, spec WorkloadSpec, options ...Option,
) (*EndpointRef, error) {
	_, arguments, err := management.read("Ensure", options, "on_drift", "project")
	if err != nil {
		return nil, err
	}
	arguments["spec"] = spec
	var result struct {
		EndpointRef
		Warnings []string `json:"warnings"`
	}
	if err := management.client.call(ctx, operationEnsure, arguments, &result); err != nil {
		return nil, err
	}
	for _, text := range result.Warnings {
		management.warn(text)
	}
	return &result.EndpointRef, nil
}

// Plan says what Ensure would do. It changes nothing. Options: WithProject.
func (management *ManagementClient) Plan(ctx context.Context, spec WorkloadSpec, options ...Option) (*Plan, error) {
	_, arguments, err := management.read("Plan", options, "project")
	if err != nil {
		return nil, err
	}
	arguments["spec"] = spec
	plan := &Plan{}
	if err := management.client.call(ctx, operationPlan, arguments, plan); err != nil {
		return nil, err
	}
	return plan, nil
}

// Delete deletes the workload: its replicas finish what they do and stop. False when it was gone already. Options:
// WithProject.
func (management *ManagementClient) Delete(ctx context.Context, slug string, options ...Option) (bool, error) {
	arguments, err := management.place("Delete", slug, options)
	if err != nil {
		return false, err
	}
	var result struct {
		Deleted bool `json:"deleted"`
	}
	err = management.client.call(ctx, operationDelete, arguments, &result)
	return result.Deleted, err
}

// Get gives the workload; a *NotFoundError where there is none. Options: WithProject.
func (management *ManagementClient) Get(ctx context.Context, slug string, options ...Option) (*Workload, error) {
	arguments, err := management.place("Get", slug, options)
	if err != nil {
		return nil, err
	}
	workload := &Workload{}
	if err := management.client.call(ctx, operationGet, arguments, workload); err != nil {
		return nil, err
	}
	return workload, nil
}

// List gives every workload of the project, sorted by slug. Options: WithProject.
func (management *ManagementClient) List(ctx context.Context, options ...Option) ([]Workload, error) {
	_, arguments, err := management.read("List", options, "project")
	if err != nil {
		return nil, err
	}
	var result struct {
		Workloads []Workload `json:"workloads"`
	}
	if err := management.client.call(ctx, operationList, arguments, &result); err != nil {
		return nil, err
	}
	return result.Workloads, nil
}

// Status tells desired and observed replicas, each with the one reason for its state. Options: WithProject.
func (management *ManagementClient) Status(
	ctx context.Context, slug string, options ...Option,
) (*WorkloadReport, error) {
	arguments, err := management.place("Status", slug, options)
	if err != nil {
		return nil, err
	}
	report := &WorkloadReport{}
	if err := management.client.call(ctx, operationStatus, arguments, report); err != nil {
		return nil, err
	}
	return report, nil
}

func (management *ManagementClient) warn(text string) {
	if management.onWarning == nil {
		log.Print("inferencekey: ", text)
		return
	}
	management.onWarning(text)
}

// read gives the options of a call, and what they are as its arguments.
func (management *ManagementClient) read(
	name string, options []Option, allowed ...string,
) (*settings, object, error) {
	given, err := read(name, options, false, allowed...)
	if err != nil {
		return nil, nil, err
	}
	arguments := given.members()
	if len(management.limits) > 0 {
		arguments["options"] = management.limits
	}
	return given, arguments, nil
}

// place is the workload that an operation is about, and what more is allowed beside it.
func (management *ManagementClient) place(name, slug string, options []Option, allowed ...string) (object, error) {
	_, arguments, err := management.read(name, options, append(allowed, "project")...)
	if err != nil {
		return nil, err
	}
	arguments["slug"] = slug
	return arguments, nil
}
