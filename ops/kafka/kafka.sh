# shellcheck shell=bash
# kafka.sh - a private Apache Kafka broker: its jars, its folder, its start. To be sourced after lib.sh.

KAFKA_UNCLEAN_WAIT=6 # seconds; the session of a broker that was killed lasts 5 (server.properties)

# kafka_jars: where the jars are kept, outside .run, so that a second checkout need not fetch them.
kafka_jars() {
    local cache version
    if is_root; then cache=/var/cache/cronobs; else cache=${XDG_CACHE_HOME:-$HOME/.cache}/cronobs; fi
    version=$(sha256sum <"$OPS/kafka/pom.xml" | cut -c1-12)
    printf '%s/kafka-%s' "$cache" "$version"
}

# kafka_fetch_jars: Maven copies them to a folder beside, which then gets its name in one step.
kafka_fetch_jars() {
    local jars part
    jars=$(kafka_jars)
    part=$jars.$$
    mkdir -p "$part"
    mvn --batch-mode --quiet -f "$OPS/kafka/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$part"
    chmod -R a+rX "$(dirname "$jars")"
    mv -T "$part" "$jars" 2>/dev/null || rm -rf "$part" # another checkout was first
}

# kafka_java: how to start Java with those jars, one argument a line.
kafka_java() {
    printf '%s\n' java -Xms256m -Xmx512m -XX:-UsePerfData -Djava.io.tmpdir="$RUN/kafka" \
        -Dlog4j2.configurationFile="$RUN/conf/log4j2.properties" -cp "$(kafka_jars)/*"
}

# kafka_tool CLASS ARGUMENT...: one of Kafka's own programs, as the service user.
kafka_tool() {
    local java
    mapfile -t java < <(kafka_java)
    as_service "${java[@]}" "$@"
}

# kafka_random_id: 16 random bytes the way Kafka writes them; it must not look like an option.
kafka_random_id() {
    local id=-
    while [[ $id == -* ]]; do
        id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | cut -c1-22)
    done
    echo "$id"
}

kafka_prepare() {
    local data=$RUN/kafka/data conf=$RUN/conf
    cp "$OPS/kafka/log4j2.properties" "$conf/"
    {
        cat "$OPS/kafka/server.properties"
        printf '\nlog.dirs=%s\n' "$data"
        printf 'listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d\n' "$KAFKA_PORT" "$CONTROLLER_PORT"
        printf 'advertised.listeners=PLAINTEXT://127.0.0.1:%d\n' "$KAFKA_PORT"
        printf 'controller.quorum.voters=1@127.0.0.1:%d\n' "$CONTROLLER_PORT"
    } >"$conf/kafka.properties"
    as_service test -e "$data/meta.properties" ||
        kafka_tool kafka.tools.StorageTool format -t "$(kafka_random_id)" -c "$conf/kafka.properties"
}

kafka_start() {
    local java
    mapfile -t java < <(kafka_java)
    start_part kafka --settle "$KAFKA_UNCLEAN_WAIT" -- \
        "${java[@]}" -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError kafka.Kafka "$RUN/conf/kafka.properties"
}

# kafka_ready: does it answer a request (ApiVersions)? It opens its ports before it serves, hence no mere connect.
kafka_ready() {
    local bytes
    bytes=$( (
        exec 3<>"/dev/tcp/127.0.0.1/$KAFKA_PORT" &&
            printf '\0\0\0\x0a\0\x12\0\0\0\0\0\1\xff\xff' >&3 &&
            timeout 2 head -c 8 <&3 | wc -c
    ) 2>/dev/null) && [[ $bytes == 8 ]]
}
