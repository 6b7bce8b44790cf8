#!/usr/bin/env bash
# The supervisor: what it does when a part dies, refuses its settings, is told to stop, or loses it.
source "$(dirname "$0")/support.sh"

mkdir "$FOLDER/pid" "$FOLDER/log"
trap 'kill $(jobs -p) ${keeper:-} 2>/dev/null || true; wait; rm -rf "$FOLDER"' EXIT

supervise() { exec "$SOURCE/ops/supervise" --run "$FOLDER" "$@"; }
log_says() { grep -q "$2" "$FOLDER/log/$1.log" 2>/dev/null; }
pid_of() { cut -d' ' -f1 "$FOLDER/pid/$1" 2>/dev/null; }
is_another_pid() {
    local pid
    pid=$(pid_of "$1") && [[ -n $pid && $pid != "$2" ]]
}
is_alive() { kill -0 "$1" 2>/dev/null; }

supervise sleeper -- sleep 1000 &
keeper=$!
wait_for "the part starts" is_another_pid sleeper none
first=$(pid_of sleeper)
part_pid() { (source "$SOURCE/ops/lib.sh" && RUN=$FOLDER && part_pid "$1"); }
check "scripts know it" test "$(part_pid sleeper)" = "$first"
echo "$$ 1" >"$FOLDER/pid/reused"
check "a pid that is somebody else's by now is not taken for the part's" not part_pid reused
kill -KILL "$first"
wait_for "the part starts again" is_another_pid sleeper "$first"
check "its log says why it was started again" log_says sleeper 'was ended by SIGKILL .* starting it again in 1 s'
code=0
(supervise sleeper -- sleep 1) 2>/dev/null || code=$?
check "a second supervisor of the same part is refused" test "$code" -eq 1

second=$(pid_of sleeper)
kill -STOP "$second"
kill -TERM "$keeper"
wait "$keeper"
check "SIGTERM ends the part before the supervisor, even a stopped one" not is_alive "$second"

code=0
(supervise refuser -- sh -c 'exit 64') || code=$?
check "a part that refuses its settings is not started again" test "$code" -eq 64
check "a mark tells of it" test -e "$FOLDER/pid/refuser.failed"

supervise quitter -- sh -c 'exit 75' &
wait_for "a part that dies at once waits longer each time" log_says quitter 'exit status 75 .* starting it again in 4 s'
kill -TERM $!

supervise orphan -- sleep 1000 &
keeper=$!
wait_for "the part starts" is_another_pid orphan none
child=$(pid_of orphan)
kill -KILL "$keeper"
wait_for "the part goes with a supervisor that was killed" not is_alive "$child"

supervise --settle 2 settler -- sleep 1000 &
wait_for "the part starts" is_another_pid settler none
kill -KILL "$(pid_of settler)"
wait_for "a part with a session waits for its end" log_says settler 'was ended by SIGKILL .* starting it again in 2 s'

# One whose start was cut short before its supervisor had begun, and that is told to stop then. A script ends with all below it.
mkdir "$FOLDER/ops" "$FOLDER/state"
chmod 755 "$FOLDER/state"
cat >"$FOLDER/ops/supervise" <<'SCRIPT'
#!/usr/bin/env bash
echo $$ >"${0%/ops/*}/begun"
until [[ -e ${0%/ops/*}/go ]]; do sleep 0.05; done # between two looks at the condition
exec "$SOURCE/ops/supervise" "$@"
SCRIPT
sed -i "s|\$SOURCE|$SOURCE|" "$FOLDER/ops/supervise"
chmod 755 "$FOLDER/ops/supervise"
ops() { # COMMAND...: of lib.sh, for this run directory
    # shellcheck source=../../../ops/lib.sh
    source "$SOURCE/ops/lib.sh"
    RUN=$FOLDER OPS=$FOLDER/ops
    flock() {
        local code=0
        command flock "$@" || code=$?
        : >"$FOLDER/looked"
        return "$code"
    }
    "$@"
}
(ops start_part late -- sleep 1000) &
starter=$!
wait_for "its supervisor is about to begin" test -s "$FOLDER/begun"
keeper=$(cat "$FOLDER/begun")
kill -KILL "$starter"
rm -f "$FOLDER/looked"
(ops stop_part late) &
stopper=$!
wait_for "it is told to stop" test -e "$FOLDER/looked"
: >"$FOLDER/go"
wait_for "a supervisor that begins late stops, too" not is_alive "$keeper"
check "who stops it waits for that" wait "$stopper"
check "nothing is left of it" not test -e "$FOLDER/pid/late"

bash -c 'sleep 1000 & echo $! >"$1/below"; (sleep 1000 & echo $! >"$1/further"; wait); wait' - "$FOLDER" &
script=$!
wait_for "it has started all" test -s "$FOLDER/further"
(source "$SOURCE/ops/lib.sh" && kill_below "$script")
wait "$script" || true
wait_for "what a script has started ends" not is_alive "$(cat "$FOLDER/below")"
wait_for "and what that has started" not is_alive "$(cat "$FOLDER/further")"

# As if each pid that this supervisor ever had were somebody else's by now: "does it exist" says yes.
(
    kill() { [[ $1 == -0 ]] || builtin kill "$@"; }
    export -f kill
    exec "$SOURCE/ops/supervise" --run "$FOLDER" reused -- sh -c 'exit 75'
) &
wait_for "a part whose pid is used again is started anew" log_says reused 'exit status 75 .* starting it again in 2 s'
kill -TERM $!
