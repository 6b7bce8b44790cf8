/** Which partition a key's records go to, as Java's default partitioner and librdkafka's `murmur2` choose it. Pure. */

const M = 0x5bd1e995

/**
 * 32 bits, unsigned.
 * @param {Buffer} data
 */
export function murmur2 (data) {
  const whole = data.length & ~3
  let h = 0x9747b28c ^ data.length
  for (let at = 0; at < whole; at += 4) {
    const k = Math.imul(data.readInt32LE(at), M)
    h = Math.imul(h, M) ^ Math.imul(k ^ (k >>> 24), M)
  }
  if (data.length > whole) h = Math.imul(h ^ data.readUIntLE(whole, data.length - whole), M)
  h = Math.imul(h ^ (h >>> 13), M)
  return (h ^ (h >>> 15)) >>> 0
}

/**
 * Of a task id or an execution id as text.
 * @param {string} key
 * @param {number} partitions
 */
export function partitionOf (key, partitions) {
  return (murmur2(Buffer.from(key)) & 0x7fff_ffff) % partitions
}
