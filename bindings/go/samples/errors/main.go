// Provokes errors and tells what each holds. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

func main() {
	log.SetFlags(0)
	err := generate("support-bot", " ")
	var invalid *inferencekey.ValidationError
	if errors.As(err, &invalid) {
		fmt.Printf("ValidationError: %v (fields: %v)\n", err, invalid.Fields)
	}

	err = generate("nobody-knows-it", "Hola")
	var notFound *inferencekey.NotFoundError
	var other *inferencekey.Error
	if errors.As(err, &notFound) {
		fmt.Printf("NotFoundError: %v (code %s, request %s)\n", err, notFound.Code, notFound.RequestID)
	} else if errors.As(err, &other) {
		fmt.Printf("%s: %v\n", other.Kind, err)
	}

	err = generate("support-bot", "Hola", inferencekey.WithBaseURL("http://127.0.0.1:9"))
	var network *inferencekey.NetworkError
	if errors.As(err, &network) {
		fmt.Printf("NetworkError: %v\n", err)
	}
}

func generate(slug, prompt string, options ...inferencekey.Option) error {
	data, err := inferencekey.NewDataClientFromEnv(append(options, inferencekey.WithMaxRetries(0))...)
	if err != nil {
		return err
	}
	defer data.Close()
	endpoint, err := data.Endpoint(slug)
	if err != nil {
		return err
	}
	_, err = endpoint.GenerateText(context.Background(), inferencekey.TextRequest{Prompt: prompt})
	return err
}
