#!/bin/sh
# What a job of the worker tries, given a file of variables: one line "REACHED what" or "refused what" for each.
# Not what it may do by right: talk to Kafka and to the API, which ask nobody for a password.
. "$1"

attempt() { # WHAT COMMAND...
    what=$1
    shift
    if "$@" >/dev/null 2>&1; then echo "REACHED $what"; else echo "refused $what"; fi
}

read_folder() { ls "$1" && [ -n "$(find "$1" -mindepth 1)" ]; }
read_any_file() { [ -n "$(find "$1" -type f -readable 2>/dev/null | head -n 1)" ]; }
write_into() { touch "$1/was-here"; }
log_in() { "$FOLDER/psql" -X -w -A -t -h 127.0.0.1 -p "$2" -U "$1" -d postgres -c 'SELECT 1'; }
log_in_by_socket() { # as LOGIN, through any socket of PORT
    for socket in $sockets; do
        if [ "${socket##*.}" = "$2" ]; then
            "$FOLDER/psql" -X -w -A -t -h "${socket%/*}" -p "$2" -U "$1" -d postgres -c 'SELECT 1' && return
        fi
    done
    return 1
}
log_in_by_file() { PGPASSFILE=$3 log_in "$1" "$2"; }

sockets=$(find "$FOLDER" /run/postgresql /tmp -maxdepth 4 -name '.s.PGSQL.*' 2>/dev/null)
for run in "$ONE" "$TWO"; do
    attempt "read $run/env" cat "$run/env"
    for file in pgpass pgpass.consumer postgresql.conf; do attempt "read $run/conf/$file" cat "$run/conf/$file"; done
    for folder in kafka kafka/data postgres postgres/data state log pid conf; do
        attempt "list $run/$folder" read_folder "$run/$folder"
        attempt "read a file of $run/$folder" read_any_file "$run/$folder"
    done
    for folder in . bin conf log pid kafka kafka/data postgres postgres/data state; do
        attempt "write into $run/$folder" write_into "$run/$folder"
    done
    attempt "write the program of $run" dd if=/dev/null "of=$run/bin/cronobs"
done
for pid in $PIDS; do
    attempt "signal $pid" kill -0 "$pid"
    for file in environ maps fd cwd mem; do
        attempt "read /proc/$pid/$file" ls "/proc/$pid/$file/."
        attempt "read /proc/$pid/$file" head -c 1 "/proc/$pid/$file"
    done
done
for port in $PORTS; do
    for login in cronobs cronobs_operator cronobs_consumer cronobs_owner cronobs_writer cronobs_reader postgres "$(id -un)"; do
        attempt "log in as $login at $port" log_in "$login" "$port"
        attempt "log in as $login by a socket of $port" log_in_by_socket "$login" "$port"
        for run in "$ONE" "$TWO"; do
            for file in pgpass pgpass.consumer; do
                attempt "log in as $login at $port with $run/conf/$file" log_in_by_file "$login" "$port" "$run/conf/$file"
            done
        done
    done
done
attempt "call psql" "$FOLDER/psql" --version
attempt "write at home" write_into "$HOME"
echo "user $(id -un) home $HOME umask $(umask)"
env | sed 's/^/environment /'
echo "the end"
