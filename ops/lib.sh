# shellcheck shell=bash
# lib.sh - what the scripts of ops/ share: places, users, ports, progress, parts under the supervisor.
#
# To be sourced. A "run directory" (.run unless told otherwise) holds all that one installation keeps:
#
#     env        to be sourced: CRONOBS_URL, CRONOBS_BROKERS, CRONOBS_DATABASE
#     ports      the ports it chose, once
#     bin/       the program that runs, a copy: a build under way disturbs nothing
#     log/ pid/  one log per part; <part> and <part>.supervisor (pids), <part>.lock (held while supervised)
#     conf/      generated files of Kafka and PostgreSQL, the database's password
#     kafka/ postgres/ state/    data, owned by the service user
#
# PostgreSQL refuses to run as root and nothing here needs to, so root's parts run as SERVICE_USER.
# Where that user cannot reach the checkout (a home closed to others), .run is a link to /var/lib/cronobs-<hash>.

OPS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$OPS")
RUN=$ROOT/.run
SERVICE_USER=cronobs

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

# as_service COMMAND...: runs it as the service user when root, else as oneself; in a folder that both can enter.
as_service() {
    local user=()
    ! is_root || user=(setpriv "--reuid=$SERVICE_USER" "--regid=$SERVICE_USER" --init-groups --)
    (cd / && exec "${user[@]}" "$@")
}

need_service_user() {
    is_root || return 0
    getent passwd "$SERVICE_USER" >/dev/null && return 0
    useradd --system --user-group --no-create-home --home-dir /nonexistent \
        --shell /usr/sbin/nologin "$SERVICE_USER"
}

# make_run_folder: creates $RUN, behind a link where the service user cannot reach it, and follows that.
make_run_folder() {
    local place folder
    need_service_user
    if [[ ! -e $RUN ]]; then
        mkdir -p "$(dirname "$RUN")"
        if as_service test -x "$(dirname "$RUN")"; then
            mkdir "$RUN"
        else
            place=/var/lib/cronobs-$(printf '%08x' "$(hash_of "$RUN")")
            mkdir -p "$place"
            ln -sfn "$place" "$RUN"
        fi
    fi
    RUN=$(realpath -- "$RUN")
    [[ -O $RUN ]] || die "$RUN belongs to $(stat -c %U "$RUN"): run this as that user"
    mkdir -p "$RUN"/{bin,conf,log,pid}
    for folder in kafka postgres state; do
        mkdir -p "$RUN/$folder"
        ! is_root || chown "$SERVICE_USER:" "$RUN/$folder"
    done
}

# use_run DIR: every script's first call ("": .run); afterwards $RUN is absolute and the ports are known.
use_run() {
    RUN=$(realpath --canonicalize-missing --no-symlinks -- "${1:-$RUN}")
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

# write_env: .run/env, which people and scripts source. It names the database's password.
write_env() {
    (
        umask 077
        printf 'export %s\n' "CRONOBS_URL=$URL" "CRONOBS_BROKERS=$BROKERS" \
            "CRONOBS_DATABASE=$(postgres_uri cronobs)" >"$RUN/env"
    )
}

# --- parts under the supervisor ----------------------------------------------------------------

supervisor_runs() { [[ -e $RUN/pid/$1.lock ]] && ! flock -n "$RUN/pid/$1.lock" true; }

# part_pid NAME: the pid of the part itself; fails where it does not run at this moment.
part_pid() {
    local pid
    pid=$(cat "$RUN/pid/$1" 2>/dev/null) && [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null && echo "$pid"
}

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
    export HOME=$RUN/state PATH=${PATH:-/usr/bin:/bin}
}

# start_part NAME OPTION... -- COMMAND...: under the supervisor (its options), unless it runs already.
start_part() {
    local user=()
    ! supervisor_runs "$1" || return 0
    ! is_root || user=(--user "$SERVICE_USER")
    rm -f "$RUN/pid/$1" "$RUN/pid/$1.failed"
    (
        only_our_environment
        cd "$RUN/state"
        exec setsid "$OPS/supervise" --run "$RUN" "${user[@]}" "$@" </dev/null >/dev/null 2>&1
    ) &
    wait_until 20 supervisor_runs "$1" || [[ -e $RUN/pid/$1.failed ]] || die "could not start the supervisor of $1"
}

# stop_part NAME: stops it and its supervisor; a part that does not run is stopped already.
stop_part() {
    local pid
    supervisor_runs "$1" || return 0
    pid=$(cat "$RUN/pid/$1.supervisor")
    kill -TERM "$pid" 2>/dev/null || true
    flock -w 60 "$RUN/pid/$1.lock" true || die "could not stop $1 (supervisor $pid) within 60 s"
}

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
