module github.com/inferencekey/inferencekey/bindings/go

go 1.19
