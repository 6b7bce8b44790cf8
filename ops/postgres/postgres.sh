# shellcheck shell=bash
# postgres.sh - a private PostgreSQL cluster: its folder, its start, its logins. To be sourced after lib.sh.
#
# It listens on the loopback alone, has no socket, and asks everybody for a password. The logins:
#
#     cronobs             superuser: makes databases and logins, for these scripts and tests; no part uses it
#     cronobs_operator    migrates, verifies, rebuilds; what .run/env names (member of cronobs_owner, _writer and _reader)
#     cronobs_consumer    the consumer and the API inside it (member of cronobs_writer and _reader)
#
# Passwords stand in conf/pgpass, which only its owner can read, the consumer's also in conf/pgpass.consumer, which only the
# consumer's user can; programs are told the file (libpq's passfile), so that none is in an argument or an environment.
POSTGRES_LOGINS='cronobs cronobs_operator cronobs_consumer'

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

# url_encode TEXT: for the value of a URL's parameter.
url_encode() {
    local LC_ALL=C i byte
    for ((i = 0; i < ${#1}; i++)); do
        byte=${1:i:1}
        case $byte in
        [A-Za-z0-9/._-]) printf %s "$byte" ;;
        *) printf -v byte %d "'$byte" && printf '%%%02X' $((byte & 255)) ;;
        esac
    done
}

# postgres_uri LOGIN DATABASE [FILE]: FILE holds the password (conf/pgpass).
postgres_uri() {
    printf 'postgresql://%s@127.0.0.1:%d/%s?passfile=%s' "$1" "$POSTGRES_PORT" "$2" "$(url_encode "${3:-$RUN/conf/pgpass}")"
}

postgres_password() { sed -n "s/^\*:\*:\*:$1://p" "$RUN/conf/pgpass"; } # of LOGIN

# postgres_new_password LOGIN: random, but for the superuser of a cluster from before there was conf/pgpass.
postgres_new_password() {
    [[ $1 == cronobs ]] && cat "$RUN/conf/password" 2>/dev/null || head -c 24 /dev/urandom | base64 | tr '+/' 'ab'
}

postgres_make_passwords() {
    local login
    (umask 077 && : >>"$RUN/conf/pgpass")
    for login in $POSTGRES_LOGINS; do
        [[ -z $(postgres_password "$login") ]] || continue
        printf '*:*:*:%s:%s\n' "$login" "$(postgres_new_password "$login")" >>"$RUN/conf/pgpass"
    done
    (umask 077 && grep ':cronobs_consumer:' "$RUN/conf/pgpass" >"$RUN/conf/pgpass.consumer.new")
    ! is_root || chown "$SERVICE_USER:" "$RUN/conf/pgpass.consumer.new"
    mv "$RUN/conf/pgpass.consumer.new" "$RUN/conf/pgpass.consumer"
}

postgres_init() {
    local home=$RUN/postgres
    as_service rm -rf "$home/data.new"
    # shellcheck disable=SC2016 # the inner shell expands it
    postgres_password cronobs | as_service bash -c 'cat >"$1"' - "$home/password"
    as_service "$(postgres_bin)/initdb" --pgdata "$home/data.new" --username cronobs --pwfile "$home/password" \
        --auth scram-sha-256 --data-checksums --encoding UTF8 --locale C.UTF-8
    as_service rm "$home/password"
    printf "include '%s'\n" "$RUN/conf/postgresql.conf" | as_service tee -a "$home/data.new/postgresql.conf" >/dev/null
    as_service mv "$home/data.new" "$home/data"
}

postgres_prepare() {
    postgres_make_passwords
    cp "$OPS/postgres/pg_hba.conf" "$RUN/conf/"
    {
        cat "$OPS/postgres/postgresql.conf"
        printf "port = %d\nhba_file = '%s'\n" "$POSTGRES_PORT" "$RUN/conf/pg_hba.conf"
    } >"$RUN/conf/postgresql.conf"
    as_service test -d "$RUN/postgres/data" || postgres_init
}

postgres_start() {
    start_part postgres --stop-signal INT -- \
        "$(postgres_bin)/postgres" -D "$RUN/postgres/data"
}

postgres_ready() { "$(postgres_bin)/pg_isready" -q -h 127.0.0.1 -p "$POSTGRES_PORT" -d postgres; }

# postgres_sql DATABASE ARGUMENT...: psql as the superuser; rows only.
postgres_sql() {
    "$(postgres_bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$(postgres_uri cronobs "$1")" "${@:2}"
}

# postgres_make_logins: roles and logins as they should be. Statements come by standard input: an argument shows in ps.
postgres_make_logins() {
    local login
    {
        cat "$OPS/postgres/logins.sql"
        for login in ${POSTGRES_LOGINS#cronobs }; do
            printf "ALTER ROLE %s PASSWORD '%s';\n" "$login" "$(postgres_password "$login")"
        done
    } | postgres_sql postgres
}

# postgres_make_database NAME: unless it is there; its owner can migrate it.
postgres_make_database() {
    local found
    found=$(postgres_sql postgres -c "SELECT 1 FROM pg_database WHERE datname = '$1'")
    [[ -n $found ]] || postgres_sql postgres -c "CREATE DATABASE \"$1\""
    postgres_sql postgres -c "ALTER DATABASE \"$1\" OWNER TO cronobs_owner"
}
