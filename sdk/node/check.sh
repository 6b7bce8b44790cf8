#!/bin/sh
# check.sh fetch|unit|types - tests of the Node.js SDK. 77: there is no Node.js that can run it.
#
# fetch: what the others, and its scenarios, need of the network; ops/setup test calls it.
set -eu
cd "$(dirname "$0")"
version=$(node --version 2>/dev/null) || version=none
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
    echo "left out: it needs Node.js 20.19 or newer, and there is: $version (https://nodejs.org)"
    exit 77
fi
case $1 in
fetch)
    exec npm ci --no-audit --no-fund
    ;;
unit)
    exec node --test test/*.test.js
    ;;
types)
    exec node_modules/.bin/tsc --project test
    ;;
esac
