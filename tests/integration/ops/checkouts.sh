#!/usr/bin/env bash
# Two checkouts on one machine: each has ports, a Kafka and a PostgreSQL of its own, and stops only those.
source "$(dirname "$0")/support.sh"

cleanup() {
    local each
    for each in "$FOLDER"/*/ops; do "$each/down" --wipe >/dev/null 2>&1 || true; done
    rm -rf "$FOLDER"
}
trap cleanup EXIT

for name in one 'another one'; do
    mkdir "$FOLDER/$name"
    cp -r "$SOURCE/ops" "$FOLDER/$name/ops"
    "$FOLDER/$name/ops/service" start all
done
serves() { "$FOLDER/$1/ops/service" status all >/dev/null; }
check "the first serves" serves one
check "the second serves" serves 'another one'
check "they have no port in common" not grep -qxFf <(cut -d= -f2 "$FOLDER/one/.run/ports") <(cut -d= -f2 "$FOLDER/another one/.run/ports")

ports=$(cat "$FOLDER/one/.run/ports")
"$FOLDER/one/ops/down"
check "the first has stopped" not serves one
check "the second still serves" serves 'another one'
"$FOLDER/one/ops/service" start postgres
check "the ports are remembered" test "$ports" = "$(cat "$FOLDER/one/.run/ports")"
"$FOLDER/one/ops/down" --wipe
check "nothing is left of the first" not test -e "$FOLDER/one/.run"
