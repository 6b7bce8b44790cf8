# shellcheck shell=bash
# postgres.sh - a private PostgreSQL cluster: its folder, its start, its URI. To be sourced after lib.sh.
#
# One superuser, "cronobs". Over TCP it needs the password in conf/password; over the socket, whose
# folder is closed to others, it needs none.

# postgres_bin: the folder of the newest server programs; fails where there are none from 15 on.
postgres_bin() {
    local newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -t/ -k5 -n | tail -n 1)
    if [[ ! -x $newest ]]; then
        newest=$(command -v postgres) || return 1
    fi
    [[ $("$newest" --version) =~ \ ([0-9]+) ]] && ((BASH_REMATCH[1] >= 15)) || return 1
    dirname "$newest"
}

postgres_uri() { printf 'postgresql://cronobs:%s@127.0.0.1:%d/%s' "$(cat "$RUN/conf/password")" "$POSTGRES_PORT" "$1"; }

# postgres_socket_folder: a socket's path has at most 107 bytes; none where .run lies deeper than that.
postgres_socket_folder() {
    local folder=$RUN/postgres/socket
    ((${#folder} > 80)) || printf '%s' "$folder"
}

postgres_init() {
    local home=$RUN/postgres
    rm -rf "$home/data.new"
    (umask 077 && head -c 24 /dev/urandom | base64 | tr '+/' 'ab' >"$RUN/conf/password")
    # shellcheck disable=SC2016 # the inner shell expands it
    as_service bash -c 'umask 077 && cat >"$1"' - "$home/password" <"$RUN/conf/password"
    as_service "$(postgres_bin)/initdb" --pgdata "$home/data.new" --username cronobs --pwfile "$home/password" \
        --auth-local trust --auth-host scram-sha-256 --data-checksums --encoding UTF8 --locale C.UTF-8
    rm "$home/password"
    printf "include '%s'\n" "$RUN/conf/postgresql.conf" >>"$home/data.new/postgresql.conf"
    mv "$home/data.new" "$home/data"
}

postgres_prepare() {
    as_service mkdir -p -m 700 "$RUN/postgres/socket"
    {
        cat "$OPS/postgres/postgresql.conf"
        printf "port = %d\nunix_socket_directories = '%s'\n" "$POSTGRES_PORT" "$(postgres_socket_folder)"
    } >"$RUN/conf/postgresql.conf"
    [[ -d $RUN/postgres/data ]] || postgres_init
}

postgres_start() {
    start_part postgres --stop-signal INT -- \
        "$(postgres_bin)/postgres" -D "$RUN/postgres/data"
}

postgres_ready() { "$(postgres_bin)/pg_isready" -q -h 127.0.0.1 -p "$POSTGRES_PORT" -d postgres; }

# postgres_sql DATABASE ARGUMENT...: psql as the superuser; rows only.
postgres_sql() {
    local database=$1
    shift
    PGPASSWORD=$(cat "$RUN/conf/password") "$(postgres_bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 \
        -h 127.0.0.1 -p "$POSTGRES_PORT" -U cronobs -d "$database" "$@"
}

# postgres_make_database NAME: unless it is there.
postgres_make_database() {
    local found
    found=$(postgres_sql postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")
    [[ -n $found ]] || postgres_sql postgres -c "CREATE DATABASE \"$1\""
}
