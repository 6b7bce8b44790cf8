#!/usr/bin/env bash
# Who can reach what of an installation: a job of the worker tries all it can think of, in its own checkout and in another
# beside it; the database's logins; no password in any argument, environment or log.
# Not run as root, all parts are one user: then what holds is that others can enter nothing, and that no password shows.
source "$(dirname "$0")/support.sh"

cleanup() {
    local each
    kill "${scanner:-}" 2>/dev/null || true
    for each in "$FOLDER"/{one,two}/ops; do "$each/down" --wipe >/dev/null 2>&1 || true; done
    rm -rf "$FOLDER"
}
trap cleanup EXIT
is_root() { ((EUID == 0)); }

for name in one two; do
    mkdir "$FOLDER/$name"
    cp -r "$SOURCE/ops" "$FOLDER/$name/ops"
done
one=$FOLDER/one/.run two=$FOLDER/two/.run

# passwords: those that there are, one a line.
passwords() { cat "$FOLDER"/*/.run/conf/pgpass 2>/dev/null | cut -d: -f5 | grep .; }

# scan: processes whose arguments or environment hold a password, as root or whoever runs this sees them.
scan() {
    passwords >"$FOLDER/patterns" || return 0
    { grep -alFf "$FOLDER/patterns" /proc/[0-9]*/{cmdline,environ} || true; } 2>/dev/null | while read -r file; do
        printf '%s: %s\n' "$file" "$(tr '\0' ' ' <"${file%/*}/cmdline")"
    done
}
touch "$FOLDER/patterns" "$FOLDER/seen"
chmod 600 "$FOLDER/patterns" "$FOLDER/seen"
while :; do
    scan
    sleep 0.2 # between two looks at all processes
done >"$FOLDER/seen" 2>/dev/null &
scanner=$!
exec {held}>"$FOLDER/held"
"$FOLDER/one/ops/up" --no-demo --program "$CRONOBS_TEST_BIN" >"$FOLDER/up.log" || { cat "$FOLDER/up.log"; exit 1; }
"$FOLDER/two/ops/service" start all
check "the scan knows all passwords" test "$(passwords | sort -u | wc -l)" -eq 6
scan >>"$FOLDER/seen"
kill "$scanner"
check "no password was in an argument or an environment" not grep . "$FOLDER/seen"
check "none is in a log" not grep -rlFf <(passwords) "$one/log" "$two/log"
"$FOLDER/one/ops/up" --no-demo --program "$CRONOBS_TEST_BIN" >"$FOLDER/again.log"
check "no part holds a file of its starter's open" not grep -q "$FOLDER/held" \
    <(for pid in $(cut -d' ' -f1 "$one"/pid/*); do ls -l "/proc/$pid/fd"; done)
check "started again, everything is left as it runs" not grep -q stopping "$FOLDER/again.log"

check "passwords are their owner's alone" test -z "$(find "$one"/conf/pgpass* "$one/env" -perm /077)"
check "Kafka's and PostgreSQL's files are closed to others" test -z "$(find "$one"/{kafka,postgres,state} -perm /077)"

# --- the database ----------------------------------------------------------------------------------

source "$one/env"
port=$(sed -n 's/^POSTGRES_PORT=//p' "$one/ports")
uri() { printf 'postgresql://%s@127.0.0.1:%d/cronobs?passfile=%s' "$1" "$port" "$one/conf/${2:-pgpass}"; }
sql() { "$FOLDER/psql" -X -w -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2" 2>&1; }
(source "$SOURCE/ops/lib.sh" && source "$SOURCE/ops/postgres/postgres.sh" && ln -s "$(postgres_bin)/psql" "$FOLDER/psql")
refused() { [[ $(sql "$1" "$2") == *'permission denied'* || $(sql "$1" "$2") == *'must be'* ]]; }
who="SELECT string_agg(DISTINCT usename || CASE WHEN usesuper THEN ' super' ELSE '' END, ' ') FROM pg_stat_activity
     JOIN pg_user USING (usename) WHERE application_name LIKE 'cronobs%'"
check "the parts that use the database log in as cronobs_consumer" test "$(sql "$(uri cronobs)" "$who")" = cronobs_consumer
check "people log in as cronobs_operator" test "$(sql "$CRONOBS_DATABASE" 'SELECT current_user')" = cronobs_operator
check "who is no superuser" test "$(sql "$CRONOBS_DATABASE" 'SELECT usesuper FROM pg_user WHERE usename = current_user')" = f
check "and can verify" "$one/bin/cronobs" db verify >/dev/null
consumer=$(uri cronobs_consumer)
for statement in 'SET ROLE cronobs_owner' 'SET ROLE cronobs' 'RESET ROLE; DROP TABLE cronobs.task' 'TRUNCATE cronobs.log_batch' \
    'DELETE FROM cronobs.execution_event' "COPY cronobs.task TO PROGRAM 'true'" 'CREATE ROLE x' 'CREATE SCHEMA x'; do
    check "the consumer's login may not: $statement" refused "$consumer" "$statement"
done
check "it may write where the consumer writes" sql "$consumer" 'BEGIN; SET ROLE cronobs_writer; UPDATE cronobs.kafka_offset SET next_offset = next_offset; ROLLBACK'
check "nobody logs in without a password" not "$FOLDER/psql" -X -w -h 127.0.0.1 -p "$port" -U cronobs -d postgres -c 'SELECT 1'

# --- the worker's jobs -----------------------------------------------------------------------------

{
    printf 'ONE=%q TWO=%q FOLDER=%q\n' "$one" "$two" "$FOLDER"
    printf 'PORTS="%s"\n' "$(sed -n 's/^POSTGRES_PORT=//p' "$one/ports" "$two/ports" | tr '\n' ' ')"
    printf 'PIDS="%s"\n' "$(cut -d' ' -f1 "$one"/pid/{kafka,postgres,scheduler,consumer,*.supervisor} "$two"/pid/{kafka,postgres,*.supervisor} | tr '\n' ' ')"
} >"$FOLDER/targets"
cp "$SOURCE/tests/integration/ops/attempts.sh" "$FOLDER"
chmod -R a+rX "$FOLDER"/{attempts.sh,targets}
"$one/bin/cronobs" task put attempts --command "sh $FOLDER/attempts.sh $FOLDER/targets" >/dev/null
"$one/bin/cronobs" task trigger attempts --wait --json >"$FOLDER/result"
id=$(tail -n 1 "$FOLDER/result" | python3 -c 'import json, sys; print(json.load(sys.stdin)["execution_id"])')
print_lines() { "$one/bin/cronobs" execution logs "$id" >"$FOLDER/lines" && grep -q 'the end' "$FOLDER/lines"; }
wait_for "the job's lines" print_lines
said() { grep -q "$1" "$FOLDER/lines"; }

check "the job tried everything" test "$(grep -cE 'REACHED|refused' "$FOLDER/lines")" -gt 150
check "it can write at home" said 'REACHED write at home'
check "it can call psql" said 'REACHED call psql'
check "it knows nothing of a database" not said 'environment .*postgresql:'
check "nobody is let in without a password" not said 'REACHED log in as [a-z_]* at [0-9]*$'
check "or by a socket" not said 'REACHED .*by a socket'
if is_root; then
    check "it runs as a user of its own" said "user cronobs-worker home $one/worker umask 0022"
    check "it reaches nothing else" test "$(grep REACHED "$FOLDER/lines" | tee /dev/stderr | wc -l)" -eq 2
    other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    for file in env conf/ kafka/ postgres/ state/ worker/ log/ pid/; do
        check "nobody can read $file" not "${other[@]}" find "$one/$file" -type f -exec cat {} + 2>/dev/null
    done
else
    check "nobody else can enter the run directory" test "$(stat -c %a "$one")" = 700
    check "what the job reaches, it reaches as oneself" said "user $(id -un) home $one/worker"
fi

# What the attempts are worth: the same, made by whoever runs this.
sh "$FOLDER/attempts.sh" "$FOLDER/targets" >"$FOLDER/lines"
check "whoever may, reaches what the job did not" test "$(grep -c REACHED "$FOLDER/lines")" -gt 80
