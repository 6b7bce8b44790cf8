"""Where a record goes: the partition of a key, as Java's default partitioner and librdkafka's `murmur2` choose it. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_M: Final = 0x5BD1E995
_WORD: Final = 0xFFFF_FFFF


def murmur2(data: bytes) -> int:
    """32 bits, unsigned."""
    h = (0x9747B28C ^ len(data)) & _WORD
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _M & _WORD
        h = (h * _M ^ (k ^ k >> 24) * _M) & _WORD
    if len(data) > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _WORD
    h = (h ^ h >> 13) * _M & _WORD
    return h ^ h >> 15


@lru_cache(4096)
def partition_of(key: str, partitions: int) -> int:
    """Of a task id or an execution id as text."""
    return (murmur2(key.encode()) & 0x7FFF_FFFF) % partitions
