/** Batches of records, as brokers send them. */
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/index.js'

const zigzag = value => {
  const bytes = []
  let rest = BigInt(value) >= 0n ? BigInt(value) * 2n : -BigInt(value) * 2n - 1n
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

const sized = bytes => bytes === null ? zigzag(-1) : Buffer.concat([zigzag(bytes.length), bytes])

function recordOf (delta, value, headers = []) {
  const body = Buffer.concat([
    Buffer.from([0]), zigzag(delta), zigzag(delta), sized(null), sized(value === null ? null : Buffer.from(value)), zigzag(headers.length),
    ...headers.flatMap(([name, text]) => [sized(Buffer.from(name)), sized(Buffer.from(text))])
  ])
  return sized(body)
}

/** A batch as the protocol has it; values at offsets from `base` on. */
export function batchOf (base, values, { producer = -1, attributes = 0, headers = [], pack = bytes => bytes, last = values.length - 1 } = {}) {
  const records = pack(Buffer.concat(values.map((value, delta) => recordOf(delta, value, headers))))
  const head = Buffer.alloc(61)
  head.writeBigInt64BE(BigInt(base), 0)
  head.writeInt32BE(61 - 12 + records.length, 8)
  head[16] = 2
  head.writeInt16BE(attributes, 21)
  head.writeInt32BE(last, 23)
  head.writeBigInt64BE(1000n, 27)
  head.writeBigInt64BE(7777n, 35)
  head.writeBigInt64BE(BigInt(producer), 43)
  head.writeInt32BE(values.length, 57)
  const batch = Buffer.concat([head, records])
  batch.writeUInt32BE(crc32C(batch.subarray(21)), 17)
  return batch
}
