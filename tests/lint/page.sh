#!/bin/sh
# page.sh NODE NPM - fails when the page's types do not agree, or where a text could become markup. Run from anywhere.
set -eu
cd "$(dirname "$0")/../.."
node=$1
npm=$2
tools=tests/browser/node_modules

# fetch FOLDER: what its lock file says, once.
fetch() {
    [ "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] ||
        (cd "$1" && PATH=$(dirname "$node"):$PATH "$npm" ci --ignore-scripts --silent && touch node_modules/.package-lock.json)
}

fetch api/ui
fetch tests/browser
status=0
PATH=$(dirname "$node"):$PATH "$node" $tools/typescript/bin/tsc --noEmit -p api/ui || status=1
markup='innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|\beval\(|new Function'
if grep -nE "$markup" -r api/ui/src; then
    echo "these make markup or code of a text; the page shows texts as texts"
    status=1
fi
exit $status
