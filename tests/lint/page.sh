#!/bin/sh
# page.sh NODE NPM - fails when the page's types do not agree, or where a text could become markup. Run from anywhere.
set -eu
cd "$(dirname "$0")/../.."
node=$1
npm=$2
tools=tests/browser/node_modules

tests/browser/fetch "$npm"
status=0
PATH=$(dirname "$node"):$PATH "$node" $tools/typescript/bin/tsc --noEmit -p api/ui || status=1
markup='innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|srcdoc|\beval\(|new Function'
if grep -nE "$markup" -r api/ui/src; then
    echo "these make markup or code of a text; the page shows texts as texts"
    status=1
fi
exit $status
