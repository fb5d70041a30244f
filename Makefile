# The front door: `make` prints what there is. CMake presets do the work; CI runs the same scripts.
.DEFAULT_GOAL := help
.PHONY: help setup build run demo test tsan fuzz check fmt lint bench schema config-docs

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the packages that building, testing and linting need
	scripts/install-packages test

build: ## debug build with address and undefined-behaviour sanitizers
	cmake --preset dev && cmake --build --preset dev

run: ## build for release and start the server on ./data
	cmake --preset release -DAPP_TESTS=OFF && cmake --build --preset release && build/release/hacksmart all

demo: ## quickstart: build, start, judge the bundled sample calls
	scripts/quickstart

test: build ## all tests of the debug build
	ctest --preset all

tsan: ## all tests with the thread sanitizer, in build/tsan
	BUILD=build/tsan SANITIZE=thread scripts/test

fuzz: ## every fuzz target with clang and libFuzzer; FUZZ_SECONDS each (default 120)
	scripts/fuzz

check: ## everything a commit must pass, as CI does it
	scripts/test

fmt: ## format all C++ files
	git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

lint: ## formatting, layers, secrets, clang-tidy on all files
	tools/lint --all

bench: ## build the benchmarks; bench/README.md says how to run them
	cmake --preset release -DAPP_BENCH=ON -DAPP_TESTS=OFF && cmake --build --preset release

schema: ## regenerate db/schema.sql after a new migration (needs `make build`)
	BUILD=build/dev scripts/dump-schema

config-docs: ## print the table of docs/reference/configuration.md
	build/release/hacksmart check-config --markdown
