/** What brokers send for a fetch: records in batches, as Kafka's protocol has them (magic 2). Pure but for the decompressor. */
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js'

const HEADER = 61 // bytes of a batch before its records
const LENGTH_AT = 8 // of what follows it
const MAGIC_AT = 16
const SUM_AT = 17 // of what follows it
const SUMMED_AT = 21
const MAGIC = 2
const TRANSACTIONAL = 0x10
const CONTROL = 0x20
const LOG_APPEND_TIME = 0x08
const COMPRESSION = 0x07

const long = (buffer, at) => Number(buffer.readBigInt64BE(at))

/** Reads one value after the other. */
class Cursor {
  constructor (buffer) {
    this.buffer = buffer
    this.at = 0
  }

  int16 () {
    this.at += 2
    return this.buffer.readInt16BE(this.at - 2)
  }

  int32 () {
    this.at += 4
    return this.buffer.readInt32BE(this.at - 4)
  }

  int64 () {
    this.at += 8
    return long(this.buffer, this.at - 8)
  }

  /** Of so many bytes; null where the number is negative. */
  bytes (size) {
    if (size < 0) return null
    if (this.at + size > this.buffer.length) throw new RangeError('a record goes beyond its batch')
    this.at += size
    return this.buffer.subarray(this.at - size, this.at)
  }

  string () {
    return this.bytes(this.int16())?.toString() ?? null
  }

  array (read) {
    return Array.from({ length: Math.max(this.int32(), 0) }, () => read(this))
  }

  /** As Avro's: zigzag, seven bits a byte. Exact up to 53 bits. */
  varint () {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.buffer[this.at++]
      if (byte === undefined) throw new RangeError('a record goes beyond its batch')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 128
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

/** The answer to a fetch, version 11: of each partition {partition, errorCode, highWatermark, lastStableOffset, aborted, records}. */
export function decodeFetch (payload) {
  const c = new Cursor(payload)
  const clientSideThrottleTime = c.int32()
  const errorCode = c.int16()
  c.int32() // the session's id
  const topics = c.array(c => ({ topic: c.string(), partitions: c.array(partitionOf) }))
  return { clientSideThrottleTime, errorCode, partitions: topics.flatMap(topic => topic.partitions) }
}

function partitionOf (c) {
  const partition = c.int32()
  const errorCode = c.int16()
  const highWatermark = c.int64()
  const lastStableOffset = c.int64()
  c.int64() // where the log starts
  const aborted = c.array(c => ({ producer: c.int64(), first: c.int64() }))
  c.int32() // a replica that is preferred
  return { partition, errorCode, highWatermark, lastStableOffset, aborted, records: c.bytes(c.int32()) ?? Buffer.alloc(0) }
}

/**
 * The records from an offset on, in whole batches: {messages, next, unreadable}. Without markers of transactions and, where `aborted` names them,
 * without those of aborted transactions: [{producer, first}]. decompress: (codec's number, bytes) -> bytes.
 *
 * unreadable: the batch that cannot be unpacked, at which it ends: {first, behind, why}; behind: where the next one begins, as far as can be told. null:
 * there is none. Throws RangeError: nobody can tell where a batch ends.
 */
export async function readRecords (records, from, aborted, decompress) {
  const messages = []
  const begins = [...aborted].sort((a, b) => a.first - b.first)
  const gone = new Set() // producers in the midst of a transaction that was aborted
  let next = from
  for (let at = 0; at + HEADER <= records.length;) {
    const end = endOf(records, at)
    if (end > records.length) break // cut off: it is read again
    const batch = headOf(records, at)
    if (batch.sum !== crc32C(records.subarray(at + SUMMED_AT, end))) return { messages, next, unreadable: damaged(batch, records, end) }
    while (begins.length > 0 && begins[0].first <= batch.last) gone.add(begins.shift().producer)
    const isAborted = batch.isTransactional && gone.has(batch.producer)
    if (batch.isControl) {
      gone.delete(batch.producer)
    } else if (!isAborted && batch.last >= from) {
      try {
        const body = records.subarray(at + HEADER, end)
        for (const message of readBatch(batch, batch.codec === 0 ? body : await decompress(batch.codec, body), from)) messages.push(message)
      } catch (error) {
        return { messages, next, unreadable: { first: batch.base, behind: batch.last + 1, why: error.message } }
      }
    }
    next = Math.max(next, batch.last + 1)
    at = end
  }
  return { messages, next, unreadable: null }
}

function endOf (records, at) {
  const length = records.readInt32BE(at + LENGTH_AT)
  if (length < HEADER - LENGTH_AT - 4) throw new RangeError(`a batch of records of ${length} bytes`)
  return at + LENGTH_AT + 4 + length
}

/** What stands in it may be wrong, too; where it ends is seen by the next one, if that has come along. */
function damaged (batch, records, end) {
  const behind = end + HEADER <= records.length ? long(records, end) : batch.last + 1
  return { first: batch.base, behind, why: 'its checksum is wrong' }
}

function headOf (records, at) {
  const magic = records[at + MAGIC_AT]
  if (magic !== MAGIC) throw new RangeError(`a batch of records in format ${magic}, which only Kafka before 0.11 wrote`)
  const attributes = records.readInt16BE(at + SUMMED_AT)
  const base = long(records, at)
  return {
    base,
    sum: records.readUInt32BE(at + SUM_AT),
    codec: attributes & COMPRESSION,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    last: base + records.readInt32BE(at + 23),
    firstTime: long(records, at + 27),
    appendTime: (attributes & LOG_APPEND_TIME) !== 0 ? long(records, at + 35) : null,
    producer: long(records, at + 43),
    count: records.readInt32BE(at + 57)
  }
}

function readBatch (batch, body, from) {
  const c = new Cursor(body)
  const messages = []
  for (let number = 0; number < batch.count; number++) {
    const end = c.varint() + c.at
    c.at += 1 // attributes
    const time = batch.firstTime + c.varint()
    const offset = batch.base + c.varint()
    c.bytes(c.varint()) // the key
    const value = c.bytes(c.varint())
    const headers = c.varint()
    if (offset >= from) messages.push({ offset, time: batch.appendTime ?? time, value, traceparent: traceparentOf(c, headers) })
    c.at = end
  }
  return messages
}

function traceparentOf (c, headers) {
  for (let number = 0; number < headers; number++) {
    const name = c.bytes(c.varint())
    const value = c.bytes(c.varint())
    if (value !== null && name.toString('latin1') === 'traceparent') return value.toString('latin1')
  }
  return null
}
