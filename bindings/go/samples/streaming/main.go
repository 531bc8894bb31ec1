// Generates a text piece by piece. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: streaming [SLUG]
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
	slug := "support-bot"
	if len(os.Args) > 1 {
		slug = os.Args[1]
	}
	data, err := inferencekey.NewDataClientFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	defer data.Close()
	endpoint, err := data.Endpoint(slug)
	if err != nil {
		log.Fatal(err)
	}
	stream, err := endpoint.GenerateTextStream(context.Background(), inferencekey.TextRequest{Prompt: "Count to five"})
	if err != nil {
		log.Fatal(err)
	}
	defer stream.Close()
	for stream.Next() {
		fmt.Print(stream.Chunk().Text)
	}
	if err := stream.Err(); err != nil {
		log.Fatal(err)
	}
	fmt.Println()
}
