# shellcheck shell=bash
# lib.sh - what the scripts of ops/ share: places, users, ports, progress, parts under the supervisor.
#
# To be sourced. A "run directory" (.run unless told otherwise) holds all that one installation keeps:
#
#     env        to be sourced: CRONOBS_URL, CRONOBS_BROKERS, CRONOBS_DATABASE
#     ports      the ports it chose, once
#     bin/       the program that runs, a copy: a build under way disturbs nothing
#     log/ pid/  one log per part; <part> (its pid, and when that began) and <part>.supervisor, <part>.lock (held while supervised)
#     conf/      generated files of Kafka and PostgreSQL; pgpass, pgpass.consumer: passwords, each its reader's alone
#     kafka/ postgres/ state/    data, the service user's alone
#     worker/    the home of the worker and its jobs, the worker user's alone
#
# Root's parts run as SERVICE_USER, but for the worker: its jobs run whatever a task says, so it runs as WORKER_USER, which
# can enter nothing of the above but worker/ and bin/.
# The rule of this folder: root opens, makes, moves, removes nothing in a folder that another user can write to, for that user
# may put a link in the way at any moment. It has that user do it (as_user). Where others can write to the checkout, or those
# users cannot reach it (a home closed to others), .run is a link to /var/lib/cronobs-<hash>.

umask 022
OPS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$OPS")
RUN=$ROOT/.run
SERVICE_USER=cronobs
WORKER_USER=cronobs-worker

# --- words -------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# step TEXT COMMAND...: runs it quietly and says how long it took; its output matters only when it fails.
step() {
    local text=$1 began=$SECONDS log=$RUN/log/ops.log code=0
    shift
    printf '%-48s' "$text ..."
    printf '\n=== %s ===\n' "$text" >>"$log"
    # In a subshell without "if" or "||" around it, so that "set -e" holds inside.
    set +e
    (set -e && "$@") >>"$log" 2>&1
    code=$?
    set -e
    if ((code != 0)); then
        printf 'failed\n\n'
        tail -n 25 "$log" >&2
        die "could not finish '$text' (exit $code); the whole log: $log"
    fi
    printf '%4d s\n' $((SECONDS - began))
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; fails at the deadline.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.1
    done
}

# hash_of TEXT: a number below 2^32 that is the same everywhere.
hash_of() { printf '%d' "0x$(printf '%s' "$1" | sha256sum | cut -c1-8)"; }

# --- users and folders -------------------------------------------------------------------------

is_root() { ((EUID == 0)); }

# as_user NAME|UID:GID COMMAND...: as that user when root, else as oneself; in a folder that all can enter; what it makes is
# its own alone.
as_user() {
    local ids=$1 user=()
    if is_root; then
        [[ $ids == *:* ]] || ids=$(id -u "$1"):$(id -g "$1")
        user=(setpriv "--reuid=${ids%:*}" "--regid=${ids#*:}" --clear-groups --)
    fi
    (cd / && umask 077 && exec "${user[@]}" "${@:2}")
}

as_service() { as_user "$SERVICE_USER" "$@"; }

# as_owner_of FOLDER COMMAND...
as_owner_of() { as_user "$(stat -c %u:%g -- "$1")" "${@:2}"; }

need_users() {
    local user
    is_root || return 0
    for user in "$SERVICE_USER" "$WORKER_USER"; do
        getent passwd "$user" >/dev/null || useradd --system --user-group --no-create-home --home-dir /nonexistent \
            --shell /usr/sbin/nologin "$user"
    done
}

# is_safe FOLDER: only root and we can put anything into it, or another in its place.
is_safe() {
    local folder=$1 owner mode
    while :; do
        read -r owner mode < <(stat -c '%u %a' -- "$folder") || return 1
        ((owner == 0 || owner == EUID)) || return 1
        (((8#$mode & 8#022) == 0 || (8#$mode & 8#1000) != 0)) || return 1
        [[ $folder != / ]] || return 0
        folder=$(dirname "$folder")
    done
}

can_reach() { as_user "$SERVICE_USER" test -x "$1" && as_user "$WORKER_USER" test -x "$1"; } # FOLDER

# nearest_folder PATH: itself, or the closest above it that is there.
nearest_folder() {
    local folder=$1
    until [[ -d $folder ]]; do folder=$(dirname "$folder"); done
    printf %s "$folder"
}

# find_run_place: makes $RUN absolute. Where others can write beside it, root keeps it in /var/lib and never follows the link,
# which may be anybody's; so it does for a new one that its users could not reach. run_link: the link that should be there.
find_run_place() {
    local above
    RUN=$(realpath --canonicalize-missing -- "$(dirname "$RUN")")/$(basename "$RUN")
    above=$(nearest_folder "$(dirname "$RUN")") run_link=''
    if is_root && ! is_safe "$above" && [[ -d $RUN && ! -L $RUN ]]; then
        die "others than root can write to $above: please move $RUN away"
    elif is_root && { ! is_safe "$above" || { [[ ! -e $RUN ]] && ! can_reach "$above"; }; }; then
        run_link=$RUN
        RUN=/var/lib/cronobs-$(printf '%08x' "$(hash_of "$RUN")")
    elif [[ -L $RUN ]]; then
        RUN=$(realpath --canonicalize-missing -- "$RUN")
    fi
}

# make_run_link: by the owner of the folder that it stands in.
make_run_link() {
    local folder
    [[ -n $run_link && $(readlink -- "$run_link") != "$RUN" ]] || return 0
    folder=$(dirname "$run_link")
    as_owner_of "$(nearest_folder "$folder")" mkdir -p "$folder"
    as_owner_of "$folder" ln -sfn "$RUN" "$run_link"
}

# make_folder MODE OWNER NAME: of the run directory.
make_folder() {
    local owner=()
    ! is_root || owner=(-o "${2%:*}" -g "${2#*:}")
    install -d -m "$1" "${owner[@]}" "$RUN/$3"
}

# make_run_folder: creates what is missing, and sees to it that each can enter what is his.
make_run_folder() {
    local folder top=711
    need_users
    find_run_place
    make_run_link
    is_root || top=700
    [[ -e $RUN ]] || mkdir -p -m "$top" "$RUN"
    [[ -O $RUN ]] || die "$RUN belongs to $(stat -c %U "$RUN"): run this as that user"
    chmod "$top" "$RUN"
    make_folder 755 root:root bin
    make_folder 750 "root:$SERVICE_USER" conf
    make_folder 700 root:root log
    make_folder 700 root:root pid
    for folder in kafka postgres state; do make_folder 700 "$SERVICE_USER:$SERVICE_USER" "$folder"; done
    make_folder 700 "$WORKER_USER:$WORKER_USER" worker
}

# forget_run: removes $RUN; what others own, as they.
forget_run() {
    local owner folder
    [[ -d $RUN ]] || return 0
    while read -r owner folder; do
        as_user "$owner" find "$folder" -mindepth 1 -delete
        rmdir "$folder" || die "could not remove $folder: does a program of $owner still run?"
    done < <(! is_root || find "$RUN" -type d ! -uid 0 -printf '%U:%G %p\n' -prune)
    rm -rf "$RUN"
}

# use_run DIR: every script's first call ("": .run); afterwards $RUN is absolute and the ports are known.
use_run() {
    RUN=${1:-$RUN}
    make_run_folder
    use_ports
}

# --- ports -------------------------------------------------------------------------------------

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

ports_are_free() {
    local port
    for port in "$@"; do
        ! port_is_taken "$port" || return 1
    done
}

# choose_ports: four in a row, from a place that depends on the run directory, so that two checkouts
# differ. All below 32768, where Linux takes the ports of outgoing connections from.
choose_ports() {
    local first
    first=$((20000 + $(hash_of "$RUN") % 1200 * 10))
    until ports_are_free "$first" $((first + 1)) $((first + 2)) $((first + 3)); do
        first=$((20000 + (first - 20000 + 10) % 12000))
    done
    printf 'API_PORT=%d\nKAFKA_PORT=%d\nCONTROLLER_PORT=%d\nPOSTGRES_PORT=%d\n' \
        "$first" $((first + 1)) $((first + 2)) $((first + 3)) >"$RUN/ports"
}

use_ports() {
    [[ -e $RUN/ports ]] || choose_ports
    # shellcheck source=/dev/null
    source "$RUN/ports"
    BROKERS=127.0.0.1:$KAFKA_PORT
    URL=http://127.0.0.1:$API_PORT
}

# write_env: .run/env, which people and scripts source. It names the file of the database's passwords.
write_env() {
    (
        umask 077
        printf 'export %s=%q\n' CRONOBS_URL "$URL" CRONOBS_BROKERS "$BROKERS" \
            CRONOBS_DATABASE "$(postgres_uri cronobs_operator cronobs)" >"$RUN/env"
    )
}

# --- parts under the supervisor ----------------------------------------------------------------

# supervisor_runs NAME: its lock is held. Looked at by a shared one: two that look do not take each other for it.
supervisor_runs() { [[ -e $RUN/pid/$1.lock ]] && ! flock -s -n "$RUN/pid/$1.lock" true; }

# part_pid NAME: the pid of the part itself; fails where it does not run at this moment, or its pid is somebody else's by now.
part_pid() {
    local pid began now
    read -r pid began <"$RUN/pid/$1" && [[ -n $began ]] || return 1
    now=$(sed 's/^.*) //' "/proc/$pid/stat" | cut -d' ' -f20)
    [[ $now == "$began" ]] && echo "$pid"
} 2>/dev/null

# only_our_environment: what a part may see of the caller's variables. Shell jobs run below the worker.
only_our_environment() {
    local name
    for name in $(compgen -e); do
        case $name in
        CRONOBS_TEST_*) unset "$name" ;;
        PATH | TZ | LANG | TERM | CRONOBS_* | *SAN_OPTIONS) ;;
        *) unset "$name" ;;
        esac
    done
    export PATH=${PATH:-/usr/bin:/bin}
}

# close_other_files KEPT: of the caller's; a part that lives on would hold them open, and locks with them.
close_other_files() {
    local file
    for file in "/proc/$BASHPID/fd"/*; do
        file=${file##*/}
        [[ $file =~ ^(0|1|2|255|$1|[^0-9])$ ]] || eval "exec $file>&-"
    done
}

# start_part NAME OPTION... -- COMMAND...: under the supervisor (its options), unless it runs already. The supervisor gets its
# lock held: from before it exists until it has ended there is no moment at which stop_part would take it for stopped.
start_part() {
    local user=$SERVICE_USER home=$RUN/state mask=077 options=() lock
    ! supervisor_runs "$1" || return 0
    [[ $1 != worker* ]] || user=$WORKER_USER home=$RUN/worker mask=022
    ! is_root || options=(--user "$user")
    exec {lock}>"$RUN/pid/$1.lock"
    # Others look whether it is held by taking it for a moment, hence the patience.
    if ! flock -w 2 "$lock"; then
        exec {lock}>&- # somebody else starts it
        return 0
    fi
    rm -f "$RUN/pid/$1" "$RUN/pid/$1.failed" "$RUN/pid/$1.supervisor"
    (
        only_our_environment
        export HOME=$home
        umask "$mask"
        close_other_files "$lock"
        cd /
        exec setsid "$OPS/supervise" --lock "$lock" --run "$RUN" --home "$home" "${options[@]}" "$@" </dev/null >/dev/null 2>&1
    ) &
    exec {lock}>&-
    wait_until 20 test -e "$RUN/pid/$1.supervisor" || die "could not start the supervisor of $1"
}

# stop_part NAME: stops it and its supervisor; a part that does not run is stopped already. One that is about to run is told
# as soon as it can hear.
stop_part() {
    local pid told='' deadline=$((SECONDS + 60))
    supervisor_runs "$1" || return 0
    while :; do
        pid=$(cat "$RUN/pid/$1.supervisor" 2>/dev/null) || pid=''
        if [[ $pid != "$told" ]]; then
            kill -TERM "$pid" 2>/dev/null || true
            told=$pid
        fi
        ! flock -s -w 0.2 "$RUN/pid/$1.lock" true || return 0
        ((SECONDS < deadline)) || die "could not stop $1 (supervisor ${pid:-unknown}) within 60 s"
    done
}

# stop_parts NAME...: writers first, so that nothing is in flight when Kafka and PostgreSQL go.
stop_parts() {
    local part
    for part in "$@"; do
        ! supervisor_runs "$part" || step "stopping $part" stop_part "$part"
    done
}

# kill_below PID: what it started, and what they did, each stopped first so that it starts nothing more.
kill_below() {
    local child children=()
    read -r -a children <"/proc/$1/task/$1/children" || true
    for child in "${children[@]}"; do
        kill -STOP "$child" || continue
        kill_below "$child"
        kill -KILL "$child" || true
    done
} 2>/dev/null

# kill_strays DIR: tests that were ended early, and what they left; all of it knows DIR as CRONOBS_TEST_RUN.
kill_strays() {
    local pid
    for pid in /proc/[0-9]*; do
        if grep -zqxF "CRONOBS_TEST_RUN=$1" "$pid/environ" && [[ ${pid#/proc/} != "$$" ]]; then
            kill -KILL "${pid#/proc/}" || true
        fi
    done
} 2>/dev/null

# show_log NAME: the end of a part's log, for a message of failure.
show_log() {
    printf '\nThe end of %s:\n' "$RUN/log/$1.log" >&2
    tail -n 15 "$RUN/log/$1.log" >&2 || true
}
