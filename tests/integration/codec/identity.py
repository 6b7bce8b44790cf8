"""The vectors of schemas/vectors.json, computed without our code: identity.py CODEC_FRAMES SOURCE_DIR."""
import json
import pathlib
import re
import sys
import uuid


def project_id(namespace, key):
    return uuid.uuid5(namespace, "project/" + key)


def task_id(namespace, project, key):
    return uuid.uuid5(project_id(namespace, project), "task/" + key)


def execution_id(task, micros, kind, nonce):
    name = uuid.uuid5(task, f"{micros}/{kind}/{nonce}").bytes
    millis = (micros // 1000) % 2**48  # rounded down, in two's complement
    return uuid.UUID(bytes=millis.to_bytes(6, "big") + bytes([name[6] & 0x0F | 0x80]) + name[7:])


def murmur2(data):
    """Austin Appleby's MurmurHash2 with Kafka's seed."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    rest = data[whole:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def partition(key, count):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % count


def check_readme(readme, vectors):
    """The ids that the text shows are among the vectors."""
    for shown in re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", readme):
        assert shown in vectors, f"README.md shows {shown}, which is no vector"


def main():
    schemas = pathlib.Path(sys.argv[2]) / "schemas"
    text = (schemas / "vectors.json").read_text()
    vectors = json.loads(text)
    check_readme((schemas / "README.md").read_text(), text)
    namespace = uuid.UUID(vectors["namespace"])
    checked = 0

    def expect(found, expected, of):
        nonlocal checked
        assert str(found) == str(expected), f"{found}, not {expected}: {of}"
        checked += 1

    for v in vectors["projects"]:
        expect(project_id(namespace, v["key"]), v["project_id"], v)
    for v in vectors["tasks"]:
        expect(task_id(namespace, v["project"], v["key"]), v["task_id"], v)
    for v in vectors["executions"]:
        found = execution_id(uuid.UUID(v["task_id"]), v["scheduled_at_us"], v["kind"], v["nonce"])
        expect(found, v["execution_id"], v)
        expect(v["scheduled_at_us"] // 1000, v["unix_ms"], v)
    for v in vectors["events"]:
        name = f"{v['attempt']}/{v['status']}"
        expect(uuid.uuid5(uuid.UUID(v["execution_id"]), name), v["event_id"], v)
    for v in vectors["commands"]:
        name = f"idem/{v['actor']}/{v['idempotency_key']}"
        expect(uuid.uuid5(uuid.UUID(v["task_id"]), name), v["command_id"], v)
    for v in vectors["partitions"]:
        expect(murmur2(v["key"].encode()), v["murmur2"], v)
        expect(partition(v["key"], v["partitions"]), v["partition"], v)
    print(f"{checked} values agree")


main()
