/**
 * What a program says, as the wire wants it: valid UTF-8 within the limits of its records.
 *
 * Pure. Of bytes nothing is lost: those that are no UTF-8 become \xHH, and where a text is escaped, so is what looks like an
 * escape in it already; so it can be undone. Strings may hold lone surrogates: U+FFFD stands for each.
 */

import { isUtf8 } from 'node:buffer'
import { inspect } from 'node:util'

/** Bytes of a line of a log. */
export const LINE_MAX = 16_384
/** Bytes of what a report or a heartbeat says to people. */
export const MESSAGE_MAX = 4_096
/** Bytes that come out of a run. */
export const RESULT_MAX = 65_536

const ESCAPED = 4 // bytes of \xHH
const UNIT = 3 // bytes that one unit of UTF-16 takes at most
const BACKSLASH = 0x5c
const SHOWN = 60 // characters of what is no text

/**
 * @typedef {object} Line
 * @property {string} message  at most LINE_MAX bytes, no line end; may hold NULs
 * @property {boolean} unfinished  no line end followed: the next piece is the same line
 * @property {boolean} escaped  some of its bytes were no UTF-8
 */

/**
 * The lines of a text, which end at \n or \r\n; a longer one comes in pieces. The last end may be left out: '' is one empty
 * line, and so is '\n'.
 * @param {string | Uint8Array} text
 * @returns {Line[]}
 */
export function lines (text) {
  if (typeof text === 'string' && text.length <= LINE_MAX / UNIT && !text.includes('\n') && text.isWellFormed()) {
    return [{ message: text, unfinished: false, escaped: false }] // most of them
  }
  const bytes = bytesOf(text)
  /** @type {Line[]} */
  const found = []
  let begin = 0
  do {
    const lineEnd = bytes.indexOf(0x0a, begin)
    const end = lineEnd < 0 ? bytes.length : lineEnd
    const isWindows = lineEnd > begin && bytes[lineEnd - 1] === 0x0d
    addPieces(found, bytes.subarray(begin, isWindows ? end - 1 : end))
    begin = end + 1
  } while (begin < bytes.length)
  return found
}

/**
 * The start of a text of at most `limit` bytes, which ends between characters, without NULs: escaped where there are some.
 * @param {string | Uint8Array} text
 * @returns {string}
 */
export function cut (text, limit = MESSAGE_MAX) {
  return piece(bytesOf(text), limit, false).message
}

/**
 * What a handler has returned: bytes, text, else JSON; undefined and null are nothing. What is too long is left out, and the
 * message says so: failing would run the work twice. Throws TypeError: it cannot be told as JSON.
 * @param {unknown} value
 * @returns {{ result: Buffer | null, message: string | null }}
 */
export function resultOf (value) {
  if (value === undefined || value === null) return { result: null, message: null }
  const isBytes = value instanceof Uint8Array
  const bytes = isBytes || typeof value === 'string' ? bytesOf(value) : Buffer.from(jsonOf(value))
  if (bytes.length > RESULT_MAX) return { result: null, message: `the result is left out: it has ${bytes.length} bytes, the limit is ${RESULT_MAX}` }
  return { result: isBytes ? Buffer.from(bytes) : bytes, message: null } // a copy: its memory is the handler's
}

function jsonOf (value) {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a ${typeof value} is no JSON`)
  return text
}

/** @returns {Buffer} that shares the memory of a Uint8Array */
function bytesOf (text) {
  if (typeof text === 'string') return Buffer.from(text.toWellFormed())
  if (!(text instanceof Uint8Array)) throw new TypeError(`a text or a Uint8Array is wanted, not ${inspect(text, { depth: 0 }).slice(0, SHOWN)}`)
  return Buffer.from(text.buffer, text.byteOffset, text.length)
}

function addPieces (found, bytes) {
  let at = 0
  do {
    const { message, taken, escaped } = piece(bytes.subarray(at), LINE_MAX, true)
    at += taken
    found.push({ message, unfinished: at < bytes.length, escaped })
  } while (at < bytes.length)
}

/**
 * The longest start that has at most `limit` bytes once it is clean, and parts no character. It may have NULs, or they are escaped.
 * `taken`: bytes of the text.
 */
function piece (bytes, limit, mayHaveNuls) {
  let head = bytes.subarray(0, limit)
  const isCut = head.length < bytes.length
  const whole = isCut ? head.subarray(0, head.length - sizeOfPart(head)) : head
  if (isClean(whole, mayHaveNuls)) return { message: whole.toString(), taken: whole.length, escaped: false }
  head = head.subarray(0, escapedSize(head, limit))
  if (isClean(head, mayHaveNuls)) return { message: head.toString(), taken: head.length, escaped: false }
  return { message: spell(head, mustEscape), taken: head.length, escaped: true }
}

function isClean (bytes, mayHaveNuls) {
  return isUtf8(bytes) && (mayHaveNuls || !bytes.includes(0))
}

/** Of what stands at the end of these bytes and is the start of a character. */
function sizeOfPart (bytes) {
  for (let size = 1; size < 4 && size <= bytes.length; size++) {
    const at = bytes.length - size
    const whole = sizeOf(bytes[at])
    if (whole > size && areBehind(bytes, at, size)) return size
    if (whole > 0) return 0
  }
  return 0
}

/** Of the character in UTF-8 that this byte begins; 0: none does. */
function sizeOf (byte) {
  if (byte < 0x80) return 1
  if (byte < 0xc2 || byte > 0xf4) return 0
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
}

/** What may be the second byte behind these; it is 80-BF behind all others. */
const SECOND = new Map([[0xe0, [0xa0, 0xbf]], [0xed, [0x80, 0x9f]], [0xf0, [0x90, 0xbf]], [0xf4, [0x80, 0x8f]]])

/** Can the bytes behind `at` belong to the character there, up to the one of that number? */
function areBehind (bytes, at, size) {
  for (let n = 1; n < size; n++) {
    const [low, high] = (n === 1 && SECOND.get(bytes[at])) || [0x80, 0xbf]
    const byte = bytes[at + n]
    if (byte === undefined || byte < low || byte > high) return false
  }
  return true
}

/** Of the character at that place; 0: it is a byte that is no UTF-8. */
function characterAt (bytes, at) {
  const size = sizeOf(bytes[at])
  return size > 0 && areBehind(bytes, at, size) ? size : 0
}

function isHex (byte) {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)
}

/** Is the character at that place to be escaped, where the text is? */
function mustEscape (bytes, at) {
  const byte = bytes[at]
  return byte === 0 || (byte === BACKSLASH && bytes[at + 1] === 0x78 && isHex(bytes[at + 2]) && isHex(bytes[at + 3]))
}

/** Of the longest start that has at most `limit` bytes when it is escaped. */
function escapedSize (bytes, limit) {
  let taken = 0
  let left = limit
  while (taken < bytes.length) {
    const size = characterAt(bytes, taken)
    left -= size === 0 || mustEscape(bytes, taken) ? ESCAPED : size
    if (left < 0) break
    taken += size || 1
  }
  return taken
}

/** As text, in which \xHH stands for each byte that is no UTF-8 or for which `isMeant` is true. */
function spell (bytes, isMeant) {
  let text = ''
  let clean = 0 // where what needs no escape begins
  for (let at = 0; at < bytes.length;) {
    const size = characterAt(bytes, at)
    if (size === 0 || isMeant(bytes, at)) {
      text += bytes.utf8Slice(clean, at) + '\\x' + bytes[at].toString(16).padStart(2, '0')
      clean = at + 1
    }
    at += size || 1
  }
  return text + bytes.utf8Slice(clean, bytes.length)
}

/**
 * Bytes of which some are no UTF-8, as text: \xHH stands for each of these.
 * @param {Buffer} bytes
 */
export function spellBytes (bytes) {
  return spell(bytes, () => false)
}
