# shellcheck shell=bash
# support.sh - for the tests of ops/: a folder of their own, and words. To be sourced.
set -euo pipefail

# shellcheck disable=SC2034 # the tests use it
SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
FOLDER=$(mktemp -d "${CRONOBS_TEST_RUN:-/tmp}/ops-test-XXXXXX")
chmod 755 "$FOLDER"

# wait_for WHAT COMMAND...: until it succeeds, 60 s at most.
wait_for() {
    local what=$1 deadline=$((SECONDS + 60))
    shift
    until "$@"; do
        if ((SECONDS >= deadline)); then
            echo "not within 60 s: $what" >&2
            exit 1
        fi
        sleep 0.05 # between two looks at the condition
    done
}

# check WHAT COMMAND...: it must succeed.
check() {
    local what=$1
    shift
    if ! "$@"; then
        echo "not so: $what" >&2
        exit 1
    fi
    echo "ok: $what"
}

not() { ! "$@"; }
