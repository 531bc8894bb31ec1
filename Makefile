# One line each; the work is in scripts/.
.PHONY: quickstart test bench format lint openapi library wheel test-bindings conformance bench-sdk fuzz

quickstart: ; @scripts/quickstart
test:       ; @scripts/test
bench:      ; @scripts/bench
format:     ; @swift format --in-place --recursive --parallel Package.swift Sources Tests
lint:       ; @scripts/lint
openapi:    ; @scripts/openapi
library:    ; @scripts/build-library
wheel:      ; @scripts/build-wheel
test-bindings: ; @scripts/test-bindings
conformance: ; @scripts/conformance
bench-sdk:  ; @scripts/bench-sdk
fuzz:       ; @scripts/fuzz
