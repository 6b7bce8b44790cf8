/**
 * Records to bytes and back: frames (0x00, schema id in four bytes, Avro), as schemas/README.md describes them.
 *
 * Each schema is compiled once, into one function for each place in it. Values are plain: a record is an object with all its
 * fields, an instant is microseconds since 1970, an id its 36 characters in lower case, a symbol a string, bytes a Buffer, a map an
 * object without a prototype, and what is absent null. A long is a number, but a bigint where a number would not keep it. Texts are UTF-8; where foreign
 * bytes are not, decode puts \xHH for each that offends.
 */

import { isUtf8 } from 'node:buffer'
import { NEWEST_ID, SCHEMAS } from './schemas.js'
import { spellBytes } from './text.js'

/** Bytes; no record is longer: the log's own limit for a batch. */
export const FRAME_MAX = 1 << 20

const HEADER = 5
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const INT_MIN = -0x8000_0000
const INT_MAX = 0x7fff_ffff
const LONG_MIN = -(2n ** 63n)
const LONG_MAX = 2n ** 63n - 1n

/** Bytes that are no record of the kind that was expected, or a value that is none. */
export class Malformed extends Error {
  name = 'Malformed'
}

const CUT_OFF = new Malformed('cut off')

/** @typedef {{ bytes: Buffer, at: number }} Place in a frame */
/** @typedef {(from: Place) => any} Read of a place, which it moves on */
/** @typedef {(value: any) => void} Write to the end of `out` */

/** Ids of each record's schemas, the oldest first. @type {Map<string, number[]>} */
const VERSIONS = new Map()
for (const [id, [record]] of SCHEMAS) VERSIONS.set(record, [...(VERSIONS.get(record) ?? []), id].sort((a, b) => a - b))

/** @type {Map<string, Read>} by record and schema id */
const readers = new Map()
/** @type {Map<string, Write>} by record */
const writers = new Map()

/**
 * The record in a frame, where only records of that name can be; what its writer did not have yet has its default.
 *
 * A schema id that is newer than this program is read as the newest version that it knows: bytes behind it are ignored, an
 * unknown symbol is the enumeration's default. Throws Malformed.
 * @param {Uint8Array} frame  its memory is shared with the bytes of the value
 * @param {string} record
 * @returns {Record<string, any>}
 */
export function decode (frame, record) {
  if (frame.length > FRAME_MAX) throw new Malformed(`the record has ${frame.length} bytes, the limit is ${FRAME_MAX}`)
  if (frame.length < HEADER || frame[0] !== 0) throw new Malformed('not a frame: no magic byte 0 and schema id')
  const bytes = Buffer.isBuffer(frame) ? frame : Buffer.from(frame.buffer, frame.byteOffset, frame.length)
  const id = bytes.readUInt32BE(1)
  const isNewer = id > NEWEST_ID
  const versions = versionsOf(record)
  if (!isNewer && !versions.includes(id)) throw new Malformed(`the schema id ${id} is not of ${record} (those are ${versions.join(', ')})`)
  const from = { bytes, at: HEADER }
  let value
  try {
    value = readerOf(record, isNewer ? 0 : id)(from)
  } catch (error) {
    if (error instanceof Malformed) throw new Malformed(`malformed ${record}: ${error.message}`)
    throw error
  }
  if (from.at !== bytes.length && !isNewer) throw new Malformed(`malformed ${record}: ${bytes.length - from.at} bytes behind its end`)
  return value
}

/**
 * The frame of a record, in its newest version. A field that is not given has its default. Throws Malformed.
 * @param {string} record
 * @param {Record<string, any>} value
 * @returns {Buffer}
 */
export function encode (record, value) {
  const write = writerOf(record)
  out[0] = 0
  end = out.writeUInt32BE(versionsOf(record).at(-1) ?? 0, 1)
  write(value)
  return Buffer.from(out.subarray(0, end))
}

/** @param {string} record @returns {number[]} */
function versionsOf (record) {
  const versions = VERSIONS.get(record)
  if (versions === undefined) throw new TypeError(`there is no schema of ${record}`)
  return versions
}

/** By the schema with that id. 0: by the newest of the record, of what a newer program has written. @returns {Read} */
function readerOf (record, id) {
  const key = `${record} ${id}`
  let read = readers.get(key)
  if (read === undefined) {
    read = makeReader(record, id)
    readers.set(key, read)
  }
  return read
}

function makeReader (record, id) {
  const newest = schemaOf(versionsOf(record).at(-1))
  if (id === 0) return readOf(newest, true)
  const fields = schemaOf(id).fields
  const added = newest.fields.slice(fields.length)
  return readRecord([...fieldReads(fields, false), ...added.map((field) => ({ name: field.name, read: constant(field.default) }))])
}

/** @returns {Write} */
function writerOf (record) {
  let write = writers.get(record)
  if (write === undefined) {
    write = writeOf(schemaOf(versionsOf(record).at(-1)))
    writers.set(record, write)
  }
  return write
}

function schemaOf (id) {
  return JSON.parse(SCHEMAS.get(id)[1])
}

// --- reading ---

/** @returns {Read} */
function readOf (schema, isNewer) {
  if (Array.isArray(schema)) return readOptional(readOf(schema[1], isNewer))
  const kind = typeof schema === 'string' ? schema : schema.type
  if (kind === 'string' && schema.logicalType === 'uuid') return readId
  if (kind === 'record') return readRecord(fieldReads(schema.fields, isNewer))
  if (kind === 'enum') return readEnum(schema.symbols, isNewer ? schema.default : undefined)
  if (kind === 'array') return readArray(readOf(schema.items, isNewer))
  if (kind === 'map') return readMap(readOf(schema.values, isNewer))
  return PLAIN_READS[kind]
}

function fieldReads (fields, isNewer) {
  return fields.map((field) => ({ name: field.name, read: readOf(field.type, isNewer) }))
}

function constant (value) {
  const text = JSON.stringify(value)
  return typeof value === 'object' && value !== null ? () => JSON.parse(text) : () => value // a value of its own each time
}

function readRecord (fields) {
  return (from) => {
    const value = {}
    for (const field of fields) value[field.name] = field.read(from)
    return value
  }
}

function readOptional (readValue) {
  return (from) => {
    const branch = readByte(from)
    if (branch === 0) return null
    if (branch !== 2) throw new Malformed(`a union has no branch ${branch}`)
    return readValue(from)
  }
}

function readEnum (symbols, fallback) {
  return (from) => {
    const number = readInt(from)
    if (number >= 0 && number < symbols.length) return symbols[number]
    if (number < 0 || fallback === undefined) throw new Malformed(`there is no symbol ${number}: there are ${symbols.join(', ')}`)
    return fallback
  }
}

/** Of the items in a block; where it is negative, the block's size in bytes stands behind it. */
function readCount (from) {
  const count = readLong(from)
  if (count >= 0) return count
  readLong(from)
  return -count
}

function readArray (readItem) {
  return (from) => {
    const value = []
    for (let count = readCount(from); count > 0; count = readCount(from)) {
      for (let n = 0; n < count; n++) value.push(readItem(from))
    }
    return value
  }
}

function readMap (readValue) {
  return (from) => {
    const value = Object.create(null) // a name may be __proto__
    for (let count = readCount(from); count > 0; count = readCount(from)) {
      for (let n = 0; n < count; n++) {
        const name = readText(from)
        if (name in value) throw new Malformed(`'${name.slice(0, 60)}' is there twice`)
        value[name] = readValue(from)
      }
    }
    return value
  }
}

function readByte (from) {
  if (from.at >= from.bytes.length) throw CUT_OFF
  return from.bytes[from.at++]
}

/** A number, but a bigint where that would not keep it. */
function readLong (from) {
  const { bytes, at } = from
  let number = 0
  let scale = 1
  for (let n = 0; n < 8; n++) {
    const byte = bytes[at + n]
    if (byte === undefined) throw CUT_OFF
    if (n === 7 && byte > 0x0f) break // a number keeps 53 bits
    number += (byte & 0x7f) * scale
    if (byte < 0x80) {
      from.at = at + n + 1
      return number % 2 === 0 ? number / 2 : -(number + 1) / 2
    }
    scale *= 128
  }
  return readLongest(from, BigInt(number))
}

function readLongest (from, low) {
  let number = low
  for (let n = 7; n < 10; n++) {
    const byte = from.bytes[from.at + n]
    if (byte === undefined) throw CUT_OFF
    number |= BigInt(byte & 0x7f) << BigInt(7 * n)
    if (byte < 0x80) {
      if (number >> 64n) throw new Malformed('a number has more than 64 bits')
      from.at += n + 1
      return smallest((number >> 1n) ^ -(number & 1n))
    }
  }
  throw new Malformed('a number has more than 10 bytes')
}

function smallest (long) {
  const number = Number(long)
  return Number.isSafeInteger(number) ? number : long
}

function readInt (from) {
  const number = readLong(from)
  if (number < INT_MIN || number > INT_MAX) throw new Malformed(`${number} is no int`)
  return number
}

function readBytes (from) {
  const size = readLong(from)
  const left = from.bytes.length - from.at
  if (size < 0 || size > left) throw new Malformed(`a text or bytes of length ${size}, with ${left} bytes left`)
  const begin = from.at
  from.at += size
  return from.bytes.subarray(begin, from.at)
}

function readText (from) {
  const size = readLong(from)
  const left = from.bytes.length - from.at
  if (size < 0 || size > left) throw new Malformed(`a text or bytes of length ${size}, with ${left} bytes left`)
  const begin = from.at
  from.at += size
  const text = from.bytes.utf8Slice(begin, from.at)
  return text.includes('\ufffd') ? clean(from.bytes.subarray(begin, from.at), text) : text
}

/** Where a text has a replacement character, it was there or stands for bytes that are no UTF-8. */
function clean (bytes, text) {
  return isUtf8(bytes) ? text : spellBytes(bytes)
}

function readId (from) {
  const text = readText(from)
  if (UUID.test(text)) return text // nearly all
  const lower = text.toLowerCase()
  if (!UUID.test(lower)) throw new Malformed(`'${text.slice(0, 60)}' is not a UUID`)
  return lower
}

function readBoolean (from) {
  const byte = readByte(from)
  if (byte > 1) throw new Malformed(`${byte} is no boolean`)
  return byte === 1
}

function readDouble (from) {
  if (from.at + 8 > from.bytes.length) throw CUT_OFF
  const value = from.bytes.readDoubleLE(from.at)
  from.at += 8
  return value
}

/** @type {Record<string, Read>} */
const PLAIN_READS = { boolean: readBoolean, int: readInt, long: readLong, double: readDouble, bytes: readBytes, string: readText }

// --- writing ---

let out = Buffer.allocUnsafeSlow(64 * 1024) // what is being written; encode copies it
let end = 0

/** So many bytes more have room. */
function reserve (size) {
  if (end + size <= out.length) return
  const larger = Buffer.allocUnsafeSlow(2 * (end + size))
  out.copy(larger, 0, 0, end)
  out = larger
}

/** @returns {Write} */
function writeOf (schema) {
  if (Array.isArray(schema)) return writeOptional(writeOf(schema[1]))
  const kind = typeof schema === 'string' ? schema : schema.type
  if (kind === 'record') return writeRecord(schema)
  if (kind === 'enum') return writeEnum(schema.symbols)
  if (kind === 'array') return writeArray(writeOf(schema.items))
  if (kind === 'map') return writeMap(writeOf(schema.values))
  return PLAIN_WRITES[kind]
}

/** Why a value cannot be written, before the place of it is known. */
class Unfit extends Error {}

function writeRecord (schema) {
  const fields = schema.fields.map((field) => ({ name: field.name, fallback: field.default, write: writeOf(field.type) }))
  return (value) => {
    if (typeof value !== 'object' || value === null) throw new Unfit('it is no record')
    for (const field of fields) {
      const item = value[field.name] === undefined ? field.fallback : value[field.name]
      try {
        if (item === undefined) throw new Malformed(`${schema.name}.${field.name} is not given`)
        field.write(item)
      } catch (error) {
        if (!(error instanceof Unfit)) throw error
        throw new Malformed(`${schema.name}.${field.name} cannot be ${shown(item)}: ${error.message}`)
      }
    }
  }
}

function shown (value) {
  return typeof value === 'string' ? `'${value.slice(0, 60)}'` : String(value).slice(0, 60)
}

function writeOptional (writeValue) {
  return (value) => {
    reserve(1)
    out[end++] = value === null ? 0 : 2
    if (value !== null) writeValue(value)
  }
}

function writeEnum (symbols) {
  const numbers = new Map(symbols.map((symbol, number) => [symbol, number]))
  return (value) => {
    const number = numbers.get(value)
    if (number === undefined) throw new Unfit(`there are ${symbols.join(', ')}`)
    writeLong(number)
  }
}

function writeArray (writeItem) {
  return (value) => {
    if (!Array.isArray(value)) throw new Unfit('it is no array')
    if (value.length > 0) writeLong(value.length)
    for (const item of value) writeItem(item)
    writeLong(0)
  }
}

function writeMap (writeValue) {
  return (value) => {
    if (typeof value !== 'object' || value === null) throw new Unfit('it is no map')
    const entries = Object.entries(value)
    if (entries.length > 0) writeLong(entries.length)
    for (const [name, item] of entries) {
      writeText(name)
      writeValue(item)
    }
    writeLong(0)
  }
}

function writeLong (value) {
  if (typeof value === 'bigint') return writeLongest(value)
  if (!Number.isInteger(value)) throw new Unfit('it is no whole number')
  if (value < -(2 ** 52) || value >= 2 ** 52) return writeLongest(BigInt(value))
  reserve(10)
  let number = value < 0 ? -2 * value - 1 : 2 * value
  while (number > 0x7f) {
    out[end++] = number % 128 | 0x80
    number = Math.floor(number / 128)
  }
  out[end++] = number
}

function writeLongest (value) {
  if (value < LONG_MIN || value > LONG_MAX) throw new Unfit('it is outside 64 bits')
  reserve(10)
  let number = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  while (number > 0x7fn) {
    out[end++] = Number(number & 0x7fn) | 0x80
    number >>= 7n
  }
  out[end++] = Number(number)
}

function writeInt (value) {
  if (value < INT_MIN || value > INT_MAX) throw new Unfit('it is outside 32 bits')
  writeLong(value)
}

function writeBytes (value) {
  if (!(value instanceof Uint8Array)) throw new Unfit('it is no Uint8Array')
  writeLong(value.length)
  reserve(value.length)
  out.set(value, end)
  end += value.length
}

function writeText (value) {
  if (typeof value !== 'string') throw new Unfit('it is no text')
  if (!value.isWellFormed()) throw new Unfit('it has a lone surrogate')
  const size = Buffer.byteLength(value)
  writeLong(size)
  reserve(size)
  end += out.utf8Write(value, end)
}

function writeBoolean (value) {
  if (typeof value !== 'boolean') throw new Unfit('it is no boolean')
  reserve(1)
  out[end++] = value ? 1 : 0
}

function writeDouble (value) {
  if (typeof value !== 'number') throw new Unfit('it is no number')
  reserve(8)
  end = out.writeDoubleLE(value, end)
}

/** @type {Record<string, Write>} */
const PLAIN_WRITES = { boolean: writeBoolean, int: writeInt, long: writeLong, double: writeDouble, bytes: writeBytes, string: writeText }
