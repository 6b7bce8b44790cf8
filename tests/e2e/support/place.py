"""Identity and placement, written anew after schemas/README.md."""
import uuid

NAMESPACE = uuid.UUID("4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11")


def task_id(key, project="default"):
    return str(uuid.uuid5(uuid.uuid5(NAMESPACE, f"project/{project}"), f"task/{key}"))


def partition(text, partitions):
    """What Java's default partitioner chooses for the key."""
    data, m = text.encode(), 0x5BD1E995
    h = (0x9747B28C ^ len(data)) & 0xFFFFFFFF
    for i in range(0, len(data) // 4 * 4, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & 0xFFFFFFFF
        k = (k ^ k >> 24) * m & 0xFFFFFFFF
        h = (h * m & 0xFFFFFFFF) ^ k
    rest = data[len(data) // 4 * 4:]
    if rest:
        h = (h ^ int.from_bytes(rest, "little")) * m & 0xFFFFFFFF
    h = (h ^ h >> 13) * m & 0xFFFFFFFF
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions
