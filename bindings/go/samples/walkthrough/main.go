// From nothing to an answer: declares a workload, waits until it serves, calls it, deletes it.
//
// Set INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: walkthrough BACKEND MODEL COMMAND
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	inferencekey "github.com/inferencekey/inferencekey/bindings/go"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: walkthrough BACKEND MODEL COMMAND")
	}
	spec := inferencekey.WorkloadSpec{
		Name: "walkthrough", Slug: "walkthrough",
		Backend: inferencekey.Backend(os.Args[1]), Model: os.Args[2], Command: os.Args[3],
	}
	if err := walk(context.Background(), spec); err != nil {
		log.Fatal(err)
	}
}

func walk(ctx context.Context, spec inferencekey.WorkloadSpec) error {
	management, err := inferencekey.NewManagementClientFromEnv()
	if err != nil {
		return err
	}
	defer management.Close()
	plan, err := management.Plan(ctx, spec)
	if err != nil {
		return err
	}
	fmt.Println("plan:", plan.Action)
	ref, err := management.Ensure(ctx, spec)
	if err != nil {
		return err
	}
	if _, err := management.WaitUntilReady(ctx, ref.WorkloadSlug); err != nil {
		return err
	}
	if err := call(ctx, ref.WorkloadSlug); err != nil {
		return err
	}
	deleted, err := management.Delete(ctx, ref.WorkloadSlug)
	if err != nil {
		return err
	}
	fmt.Println("deleted:", deleted)
	return nil
}

func call(ctx context.Context, slug string) error {
	data, err := inferencekey.NewDataClientFromEnv()
	if err != nil {
		return err
	}
	defer data.Close()
	endpoint, err := data.Endpoint(slug)
	if err != nil {
		return err
	}
	request := inferencekey.TextRequest{Prompt: "Hola", MaxTokens: inferencekey.Ptr(50)}
	result, err := endpoint.GenerateText(ctx, request)
	if err != nil {
		return err
	}
	fmt.Println("answer:", result.Text)
	stream, err := endpoint.GenerateTextStream(ctx, request)
	if err != nil {
		return err
	}
	defer stream.Close()
	for stream.Next() {
		fmt.Print(stream.Chunk().Text)
	}
	fmt.Println()
	return stream.Err()
}
