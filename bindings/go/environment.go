package inferencekey

import "os"

// environment gives the variables that settings are taken from.
func environment() map[string]string {
	found := map[string]string{}
	for _, name := range []string{
		"INFERENCEKEY_SDK_TOKEN", "INFERENCEKEY_API_KEY", "INFERENCEKEY_PROJECT", "INFERENCEKEY_BASE_URL",
	} {
		if value, isSet := os.LookupEnv(name); isSet {
			found[name] = value
		}
	}
	return found
}
