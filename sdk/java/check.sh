#!/bin/sh
# check.sh fetch|build FOLDER|unit - tests of the Java SDK. 77: there is no Java or no Maven that can build it.
#
# fetch: what the others need of the network; ops/setup test calls it.
set -eu
cd "$(dirname "$0")"
version=$(javac -version 2>&1 | grep '^javac ') || version=none # with JAVA_TOOL_OPTIONS it says more
major=${version#javac }
major=${major%%.*}
case $major in
'' | *[!0-9]*) major=0 ;;
esac
if [ "$major" -lt 17 ]; then
    echo "left out: it needs a JDK of 17 or newer, and there is: $version"
    exit 77
fi
if ! command -v mvn >/dev/null; then
    echo "left out: it needs Maven (mvn), and there is none"
    exit 77
fi
maven='mvn -B -q'
case $1 in
fetch)
    exec $maven verify
    ;;
build)
    $maven -o package -DskipTests -Dmaven.javadoc.skip
    mkdir -p "$2"
    rm -rf "$2/libraries"
    cp -r conformance/target/libraries "$2/libraries"
    cp conformance/target/cronobs-conformance-*.jar "$2/libraries/"
    exec python3 conformance/plant.py "$2"
    ;;
unit)
    exec $maven -o verify # with Javadoc, and no warning of anybody
    ;;
esac
