#!/bin/sh
# check.sh fetch|build FOLDER|unit|race|staticcheck - tests of the Go SDK. 77: there is no Go that can build it.
#
# fetch: what the others need of the network; ops/setup test calls it.
set -eu
cd "$(dirname "$0")"
version=$(go env GOVERSION 2>/dev/null) || version=none
minor=${version#go1.}
minor=${minor%%.*}
case $minor in
'' | *[!0-9]*) minor=0 ;;
esac
if [ "$minor" -lt 26 ]; then
    echo "left out: it needs Go 1.26 or newer, and there is: $version (https://go.dev/dl)"
    exit 77
fi
export GOFLAGS=-buildvcs=false GOTOOLCHAIN=local
staticcheck='go run honnef.co/go/tools/cmd/staticcheck@v0.8.2'
case $1 in
fetch)
    go mod download
    exec $staticcheck -version
    ;;
build)
    exec python3 conformance/build.py "$2"
    ;;
unit)
    [ -z "$(gofmt -l .)" ] || { gofmt -d .; exit 1; }
    go vet ./...
    exec go test ./...
    ;;
race)
    exec go test -race ./...
    ;;
staticcheck)
    # "go run" asks for what it runs even where it has it: it is told by what was downloaded.
    GOPROXY=file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)
    export GOPROXY
    exec $staticcheck ./...
    ;;
esac
