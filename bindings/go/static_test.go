//go:build inferencekey_static

package inferencekey_test

// linking is how the programs of the tests are built: as the tests themselves are.
var linking = []string{"-tags", "inferencekey_static"}
