package main

import (
	"context"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

func newClient(url string) measured {
	data, err := inferencekey.NewDataClient(
		inferencekey.WithBaseURL(url), inferencekey.WithProject("acme"), inferencekey.WithAPIKey(key),
		inferencekey.WithMaxRetries(0))
	must(err)
	endpoint, err := data.Endpoint("bot")
	must(err)
	ctx := context.Background()
	return measured{
		call: func() (string, error) {
			result, err := endpoint.GenerateText(
				ctx, inferencekey.TextRequest{Prompt: "Hola", MaxTokens: inferencekey.Ptr(300)})
			if err != nil {
				return "", err
			}
			return result.Text, nil
		},
		stream: func() (int, error) {
			stream, err := endpoint.GenerateTextStream(ctx, inferencekey.TextRequest{Prompt: "Hola"})
			if err != nil {
				return 0, err
			}
			defer stream.Close()
			events := 0
			for stream.Next() {
				events++
			}
			return events, stream.Err()
		},
	}
}
