#!/usr/bin/env bash
# Links in the way: whoever owns a folder that root sets up puts links to root's files there while root is at work.
# Not run as root there is nobody else's folder, and whoever links to his own files means it: then what must hold is that
# forgetting everything follows no link.
source "$(dirname "$0")/support.sh"

cleanup() {
    kill "${attacker:-}" 2>/dev/null || true
    "$FOLDER/one/ops/down" --wipe >/dev/null 2>&1 || true
    rm -rf "$FOLDER"
}
trap cleanup EXIT
as_cronobs=()
((EUID != 0)) || as_cronobs=(setpriv --reuid=cronobs --regid=cronobs --clear-groups --)

mkdir "$FOLDER/one" "$FOLDER/victim" "$FOLDER/victim/folder"
cp -r "$SOURCE/ops" "$FOLDER/one/ops"
run=$FOLDER/one/.run victim=$FOLDER/victim
echo precious | tee "$victim/file" >"$victim/folder/file"
chmod 600 "$victim/file" && chmod 755 "$victim" "$victim/folder"
is_unhurt() {
    [[ $(cat "$victim/file" "$victim/folder/file") == $'precious\nprecious' && $(stat -c %a%U "$victim/file") == "600$(id -un)" &&
        $(find "$victim" | wc -l) -eq 4 && -z $(find "$victim" ! -user "$(id -un)") ]]
}

# swap WHEN FILE TARGET: as soon as there is a file WHEN, FILE is a link, and stays one.
swap() {
    # shellcheck disable=SC2016 # the inner shell expands it
    "${as_cronobs[@]}" bash -c 'until [[ -e $1 ]]; do :; done; while :; do [[ ! -e $2 || -L $2 ]] || ln -sfn "$3" "$2"; done' \
        - "$@" >/dev/null 2>&1 &
    attacker=$!
}

# start SERVICE: until it serves, or has failed to.
start() {
    local starter
    : >"$run/log/$1.log"
    setsid "$FOLDER/one/ops/service" start "$1" >/dev/null 2>&1 &
    starter=$!
    wait_for "$1 serves or fails" has_come_to "$1" "$starter"
    kill -- "-$starter" 2>/dev/null || true
    wait "$starter" || true
}
has_come_to() { ! kill -0 "$2" 2>/dev/null || grep -q 'supervise: .* ended with' "$run/log/$1.log"; }
stop() { "$FOLDER/one/ops/service" stop "$1" >/dev/null 2>&1 || true; }

"$FOLDER/one/ops/service" status all >/dev/null 2>&1 || true # makes the folders, starts nothing
check "the victim is as it was" is_unhurt
try_links() {
    local round name
    for round in 1 2 3; do
        # The last database that initdb makes: it does not read the file again.
        swap "$run/postgres/data.new/base/5" "$run/postgres/data.new/postgresql.conf" "$victim/file"
        start postgres
        kill "$attacker"
        stop postgres
        "${as_cronobs[@]}" rm -rf "$run/postgres/data" "$run/postgres/data.new"
        check "round $round: a link for postgresql.conf" is_unhurt
    done
    for name in data data.new password; do
        "${as_cronobs[@]}" ln -sfn "$victim/folder" "$run/postgres/$name"
        start postgres
        stop postgres
        "${as_cronobs[@]}" rm -rf "$run/postgres/$name" "$run/postgres/data" "$run/postgres/data.new"
        check "a link for postgres/$name" is_unhurt
    done
    "${as_cronobs[@]}" ln -sfn "$victim/folder" "$run/kafka/data"
    start kafka
    stop kafka
    check "a link for kafka/data" is_unhurt
}
((EUID != 0)) || try_links

# A deep tree to be forgotten, whose folders turn into links to the victim's.
# shellcheck disable=SC2016 # the inner shell expands it
"${as_cronobs[@]}" bash -c 'for i in {1..300}; do mkdir -p "$1/state/$i/a/b" && touch "$1/state/$i/a/b/file"; done' - "$run"
# shellcheck disable=SC2016
"${as_cronobs[@]}" bash -c 'while :; do for i in {1..300}; do mv -T "$1/state/$i" "$1/state/x$i" && ln -s "$2" "$1/state/$i"; done; done' \
    - "$run" "$victim/folder" >/dev/null 2>&1 &
attacker=$!
"$FOLDER/one/ops/down" --wipe >/dev/null 2>&1 || true
kill "$attacker"
check "links while everything is forgotten" is_unhurt
"$FOLDER/one/ops/down" --wipe
check "nothing is left" not test -e "$run"

# A checkout that somebody else can write to: .run may be a link to anywhere.
if ((EUID == 0)); then
    mkdir "$FOLDER/theirs" && cp -r "$SOURCE/ops" "$FOLDER/theirs/ops" && chown cronobs: "$FOLDER/theirs"
    "${as_cronobs[@]}" ln -s "$victim" "$FOLDER/theirs/.run"
    "$FOLDER/theirs/ops/service" start postgres >/dev/null
    check "root follows no link that others made" is_unhurt
    check "but mends it" test "$(stat -c %U "$FOLDER/theirs/.run/conf/pgpass")" = root
    "${as_cronobs[@]}" ln -sfn "$victim" "$FOLDER/theirs/.run"
    "$FOLDER/theirs/ops/down" --wipe
    check "nor when it forgets" is_unhurt
    check "nothing is left" not test -e "$FOLDER/theirs/.run"
fi
