// Package inferencekey declares AI workloads and calls them.
//
//	management, err := inferencekey.NewManagementClientFromEnv(inferencekey.WithProject("acme"))
//	ref, err := management.Ensure(ctx, inferencekey.WorkloadSpec{
//		Name: "support-bot", Slug: "support-bot",
//		Model: "…", Backend: inferencekey.BackendVLLM, Command: "vllm serve …",
//	})
//	_, err = management.WaitUntilReady(ctx, ref.WorkloadSlug)
//
//	data, err := inferencekey.NewDataClientFromEnv(inferencekey.WithProject("acme"))
//	endpoint, err := data.Endpoint(ref.WorkloadSlug)
//	result, err := endpoint.GenerateText(ctx, inferencekey.TextRequest{Prompt: "Hola"})
//
// A client is safe for use by many goroutines, and its endpoints share one pool of connections. Every call takes a
// context; when it is done, the connection of the call is closed at once. No call holds a thread while it waits, so
// thousands of streams cost as many goroutines and nothing more.
//
// # Options
//
// What is not given by an option is taken, by the constructors whose names end in FromEnv, from
// INFERENCEKEY_SDK_TOKEN, INFERENCEKEY_API_KEY, INFERENCEKEY_PROJECT and INFERENCEKEY_BASE_URL. Without a base URL a
// client talks to http://127.0.0.1:8080. Proxy variables are not read.
//
// # Errors
//
// Every error of this package is found by errors.As as an *Error, and as its kind: *ValidationError, *AuthError,
// *NotFoundError and so on. *NotFoundError, *RateLimitError and *NetworkError are each an *APIError too. The error of a
// context that was cancelled satisfies errors.Is(err, context.Canceled); that of one whose deadline passed is a
// *TimeoutError and satisfies errors.Is(err, context.DeadlineExceeded).
//
// # Linking
//
// The package calls libinferencekey, which pkg-config has to find under the name inferencekey. With the build tag
// inferencekey_static the library becomes a part of the program (pkg-config: inferencekey-static).
package inferencekey
