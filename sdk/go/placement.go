package cronobs

import "encoding/binary"

// murmur2 is that of Java's default partitioner, and librdkafka's.
func murmur2(data string) uint32 {
	const m = 0x5bd1e995
	h := uint32(0x9747b28c) ^ uint32(len(data))
	rest := []byte(data)
	for ; len(rest) >= 4; rest = rest[4:] {
		k := binary.LittleEndian.Uint32(rest) * m
		h = h*m ^ (k^k>>24)*m
	}
	if len(rest) > 0 {
		for at := len(rest) - 1; at >= 0; at-- {
			h ^= uint32(rest[at]) << (8 * at)
		}
		h *= m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}

// partitionOf a key, of so many.
func partitionOf(key string, partitions int32) int32 {
	return int32(murmur2(key)&0x7fff_ffff) % partitions
}
