//go:build !race

package inferencekey_test

const isRace = false
