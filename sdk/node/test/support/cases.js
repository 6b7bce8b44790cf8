/** The cases that every SDK replays: sdk/conformance/cases.md. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

const FOLDER = new URL('../../../conformance/', import.meta.url)

/** Of a file's family, without those that other languages alone can pass. */
export function load (name, family) {
  const cases = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))[family]
  assert.ok(cases.length > 2)
  return cases.filter((one) => !('node' in (one.not ?? {}))).map((one) => ({ ...one, name: one.name ?? one.record }))
}

/** A value as it stands in a case. */
export function toJson (value) {
  if (typeof value === 'bigint') return { $long: String(value) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item)]))
}

export function fromJson (value) {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value !== 'object' || value === null) return value
  if ('$bytes' in value) return Buffer.from(value.$bytes, 'hex')
  if ('$long' in value) return BigInt(value.$long)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromJson(item)]))
}
