#!/bin/sh
# check.sh build FOLDER|unit|race|staticcheck - tests of the Go SDK. 77: there is no Go that can build it.
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
export GOFLAGS=-buildvcs=false
case $1 in
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
    exec go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
    ;;
esac
