# make test    everything that continuous integration runs, tools fetched first
# make build   bin/ostiary, static
# make bench   speed as ratios against floors measured in the same run
# make fuzz    every fuzz target for FUZZTIME each
# make help    the rest

SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

export PATH := $(CURDIR)/.cache/bin:$(PATH)

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS  := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 60s
GO_FILES  = $(shell git ls-files -co --exclude-standard -- '*.go')
TOOL     := go tool -modfile=tools/go.mod

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.PHONY: build
build: ## bin/ostiary, one static file
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/ostiary ./cmd/ostiary

.PHONY: setup
setup: ## install or name what the tests drive: servers, Node, Chromium
	@scripts/setup.sh

.PHONY: test
test: setup lint unit test-pam e2e cross security-ids ## all of it

.PHONY: unit
unit: ## Go tests under the race detector; of what hashes all the time, that of concurrency
	go test -race $$(go list ./... | grep -v -e '/e2e' -e '/bench' -e /passhash -e /sqldb)
	go test ./passhash ./connector/sqldb
	go test -race -run 'Pool|Conformance|ManyAtOnce|Killed|Rehash|LooksAgain' ./passhash ./connector/sqldb

.PHONY: test-pam
test-pam: setup ## the connector for PAM, which needs cgo and libpam
	@if [ -e /usr/include/security/pam_appl.h ]; then go vet -tags pam ./connector/pam ./cmd/ostiary && go test -race -count=1 -tags pam ./connector/pam; \
	else echo "libpam0g-dev is missing"; [ "$${CI:-}" != true ]; fi

.PHONY: e2e
e2e: setup ## the real clients and the pages in a browser
	go test -count=1 -timeout 8m ./e2e/...

.PHONY: lint
lint: ## format, vet, staticcheck
	@bad=$$($(TOOL) gofumpt -l $(GO_FILES)); if [ -n "$$bad" ]; then echo "not gofumpt-formatted (make fmt):"; echo "$$bad"; exit 1; fi
	go vet ./...
	$(TOOL) staticcheck ./...

.PHONY: fmt
fmt: ## rewrite Go files in the one format
	$(TOOL) gofumpt -w $(GO_FILES)

.PHONY: cross
cross: ## compiles everywhere without cgo
	@for target in linux/arm64 darwin/arm64 darwin/amd64 windows/amd64; do \
		echo "go build $$target"; \
		GOOS=$${target%/*} GOARCH=$${target#*/} CGO_ENABLED=0 go build $$(go list ./... | grep -v /internal/testserver); \
	done

.PHONY: security-ids
security-ids: ## security requirements that no test names
	@scripts/security-ids.sh

.PHONY: cover
cover: ## coverage of the unit tests, in total and as dist/cover.html
	@mkdir -p dist
	go test -coverprofile=dist/cover.out $$(go list ./... | grep -v -e '/e2e' -e '/bench')
	@go tool cover -html=dist/cover.out -o dist/cover.html
	@go tool cover -func=dist/cover.out | tail -1

.PHONY: bench
bench: ## tokens and whole processes against their floors
	go test -run '^$$' -bench . -benchmem ./session
	go run ./bench

PAIRS ?= 2000

.PHONY: timing
timing: setup ## how long each connector takes for known and for unknown names
	go test -run '^$$' -bench '^BenchmarkTiming' -benchtime $(PAIRS)x -timeout 60m ./connector/...

.PHONY: fuzz
fuzz: ## FUZZTIME=60s for each fuzz target
	@scripts/fuzz.sh $(FUZZTIME)

.PHONY: screenshots
screenshots: setup ## docs/images from the browser tests
	OSTIARY_SCREENSHOTS=$(CURDIR)/docs/images go test -count=1 -run "Screenshots|Demo" ./e2e/...

.PHONY: vuln
vuln: ## known advisories; needs the vulnerability database on the network
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./... || \
		{ echo "govulncheck did not finish. Without its database (vuln.go.dev) compare versions by hand:"; go list -m -u -retracted all; exit 1; }
