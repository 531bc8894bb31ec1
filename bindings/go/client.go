package inferencekey

import "runtime"

// client is what clients, endpoints and streams share. It is closed when the last of them is gone, if nobody did
// before.
type client struct{ loop *loop }

func newClient(plane string, given *settings, environment map[string]string) (*client, error) {
	if err := checkABI(); err != nil {
		return nil, err
	}
	configuration := given.members()
	configuration["plane"] = plane
	configuration["language"] = "go"
	if environment != nil {
		configuration["environment"] = environment
	}
	encoded, err := encode(configuration)
	if err != nil {
		return nil, err
	}
	native, err := nativeCreate(encoded)
	if err != nil {
		return nil, err
	}
	loop, err := newLoop(native)
	if err != nil {
		return nil, err
	}
	made := &client{loop}
	// Freeing may wait for requests to end; other finalizers do not wait for that.
	runtime.SetFinalizer(made, func(client *client) { go client.loop.close() })
	return made, nil
}

func (client *client) close() {
	runtime.SetFinalizer(client, nil)
	client.loop.close()
}
