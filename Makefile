# One line each; the work is in scripts/.
.PHONY: quickstart test bench format lint openapi

quickstart: ; @scripts/quickstart
test:       ; @scripts/test
bench:      ; @scripts/bench
format:     ; @swift format --in-place --recursive --parallel Package.swift Sources Tests
lint:       ; @scripts/lint
openapi:    ; @scripts/openapi
