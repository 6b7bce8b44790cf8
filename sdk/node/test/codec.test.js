/** The codec reads and writes what fastavro has written: sdk/conformance/frames.json. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decode, encode, Malformed } from '../src/codec.js'
import { checkCreated } from '../src/check.js'
import { fromJson, load, toJson } from './support/cases.js'

const READ = load('frames.json', 'frames')

/** The bytes of a case. */
function frameOf (one) {
  const frame = Buffer.from(one.frame, 'hex')
  return Buffer.concat([frame, Buffer.alloc(Math.max((one.zeros_up_to ?? 0) - frame.length, 0))])
}

describe('reads', () => {
  for (const one of READ) {
    test(one.name, () => assert.deepEqual(toJson(decode(frameOf(one), one.record)), one.value))
  }
})

describe('writes the same bytes', () => {
  for (const one of READ.filter((one) => one.writes)) {
    test(one.name, () => assert.equal(encode(one.record, fromJson(one.value)).toString('hex'), one.frame))
  }
})

describe('refuses', () => {
  for (const one of load('frames.json', 'refused')) {
    test(one.name, () => assert.throws(() => decode(frameOf(one), one.record), Malformed))
  }
})

describe('refuses each beginning of', () => {
  for (const one of load('frames.json', 'refused_when_cut')) {
    test(one.name, () => {
      const frame = frameOf(one)
      decode(frame, one.record)
      for (let length = 0; length < frame.length; length++) {
        assert.throws(() => decode(frame.subarray(0, length), one.record), Malformed)
      }
    })
  }
})

describe('at the limits', () => {
  for (const one of load('frames.json', 'at_limits')) {
    const look = () => checkCreated(decode(frameOf(one), one.record), 12)
    if (one.fault === null) test(`is run: ${one.name}`, look)
    else test(`is passed over: ${one.name}`, () => assert.throws(look, { name: 'Malformed', message: RegExp(`${one.fault.replace(/s$/, '')}|is there twice`) }))
  }
})

test('what is not given has its default', () => {
  const ids = Object.fromEntries(['execution_id', 'task_id', 'writer'].map((name) => [name, '01a20dc8-e780-84a3-82a6-2e6896ff6f9e']))
  const frame = encode('LogBatch', { ...ids, attempt: 1, first_seq: 1 })
  assert.deepEqual(decode(frame, 'LogBatch'), { ...ids, attempt: 1, first_seq: 1, lines: [], marks: [] })
})

test('defaults are values of their own', () => {
  const frame = frameOf(READ.find((one) => one.name.endsWith('id 5')))
  decode(frame, 'ExecutionCreated').labels.a = 'b'
  assert.deepEqual(Object.keys(decode(frame, 'ExecutionCreated').labels), [])
})

test('a label may have any name', () => {
  const created = fromJson(READ[0].value)
  const labels = JSON.parse('{"__proto__": "a", "constructor": "b"}')
  const read = decode(encode('ExecutionCreated', { ...created, labels }), 'ExecutionCreated').labels
  assert.deepEqual(Object.entries(read), [['__proto__', 'a'], ['constructor', 'b']])
})

test('bytes of a slice are read where they lie', () => {
  const one = READ[0]
  const frame = frameOf(one)
  const around = new Uint8Array(frame.length + 20).fill(7)
  around.set(frame, 10)
  assert.deepEqual(toJson(decode(around.subarray(10, 10 + frame.length), one.record)), one.value)
})

test('a frame stays what it is when others are written', () => {
  const [first, second] = ['a', 'b'].map((message) => encode('Heartbeat', { ...heartbeat(), message: message.repeat(100) }))
  assert.match(decode(first, 'Heartbeat').message, /^a+$/)
  assert.match(decode(second, 'Heartbeat').message, /^b+$/)
})

test('a record larger than all before is written whole', () => {
  const result = Buffer.alloc(900_000, 'x')
  const status = fromJson(READ.find((one) => one.record === 'ExecutionStatus').value)
  assert.ok(decode(encode('ExecutionStatus', { ...status, result }), 'ExecutionStatus').result.equals(result))
})

function heartbeat () {
  return fromJson(READ.find((one) => one.record === 'Heartbeat').value)
}

describe('a value that is none is named', () => {
  const wrong = [
    [{ attempt: 2 ** 31 }, 'Heartbeat.attempt cannot be 2147483648: it is outside 32 bits'],
    [{ occurred_at: 2n ** 63n }, 'Heartbeat.occurred_at cannot be 9223372036854775808: it is outside 64 bits'],
    [{ occurred_at: 1.5 }, 'Heartbeat.occurred_at cannot be 1.5: it is no whole number'],
    [{ worker: null }, 'Heartbeat.worker cannot be null: it is no record'],
    [{ worker: { name: 'w' } }, 'Worker.incarnation is not given'],
    [{ message: '\ud800' }, 'Heartbeat.message cannot be'],
    [{ message: Buffer.from('bytes') }, 'Heartbeat.message cannot be bytes: it is no text'],
    [{ progress: '5' }, 'Heartbeat.progress cannot be']
  ]
  for (const [change, words] of wrong) {
    test(words, () => assert.throws(() => encode('Heartbeat', { ...heartbeat(), ...change }), (error) => {
      return error instanceof Malformed && error.message.startsWith(words)
    }))
  }
})

test('a symbol that is none is named', () => {
  const status = fromJson(READ.find((one) => one.record === 'ExecutionStatus').value)
  assert.throws(() => encode('ExecutionStatus', { ...status, status: 'DANCING' }), /ExecutionStatus.status cannot be 'DANCING'/)
})
