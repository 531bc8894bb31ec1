//go:build !inferencekey_static

package inferencekey

// #cgo pkg-config: inferencekey
import "C"
