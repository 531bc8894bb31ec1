// Calls a workload once. Set INFERENCEKEY_API_KEY and INFERENCEKEY_PROJECT. Usage: basic [SLUG]
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
	result, err := endpoint.GenerateText(context.Background(), inferencekey.TextRequest{
		Prompt: "Hola", Temperature: inferencekey.Ptr(0.2), MaxTokens: inferencekey.Ptr(300),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Text)
}
