/** Records as brokers send them. */
import assert from 'node:assert/strict'
import { gunzipSync, gzipSync } from 'node:zlib'
import { test } from 'node:test'

import { readRecords } from '../src/wire.js'
import { batchOf } from './support/batches.js'

const TRANSACTIONAL = 0x10
const MARKER = 0x30
const marker = (offset, producer) => batchOf(offset, ['m'], { producer, attributes: MARKER })

async function read (batches, from = 0, aborted = []) {
  const { messages, next, unreadable } = await readRecords(Buffer.concat(batches), from, aborted, async (codec, bytes) => gunzipSync(bytes))
  return { values: messages.map(({ offset, value }) => `${offset}:${value}`), next, messages, unreadable }
}

test('records have their offsets, times and the header that is wanted', async () => {
  const { messages, next } = await read([batchOf(5, ['a', null], { headers: [['x', 'y'], ['traceparent', '00-1']] })])
  assert.deepEqual(messages.map(({ offset, time, value, traceparent }) => [offset, time, value?.toString() ?? null, traceparent]),
    [[5, 1000, 'a', '00-1'], [6, 1001, null, '00-1']])
  assert.equal(next, 7)
})

test('where the broker writes the time, that counts', async () => {
  const { messages } = await read([batchOf(0, ['a'], { attributes: 8 })])
  assert.equal(messages[0].time, 7777)
})

test('what lies before the offset is left out of a batch', async () => {
  assert.deepEqual((await read([batchOf(0, ['a', 'b', 'c'])], 2)).values, ['2:c'])
})

test('the position goes past records that were compacted away', async () => {
  assert.deepEqual(await read([batchOf(0, [], { last: 9 })]), { values: [], next: 10, messages: [], unreadable: null })
})

test('a batch that is cut off is read another time', async () => {
  const whole = batchOf(2, ['c'])
  assert.deepEqual((await read([batchOf(0, ['a', 'b']), whole.subarray(0, whole.length - 1)])).next, 2)
})

test('records of aborted transactions are left out, and those of the same producer before and behind are not', async () => {
  const of = { producer: 9, attributes: TRANSACTIONAL }
  const log = [
    batchOf(0, ['kept'], of), marker(1, 9), batchOf(2, ['gone'], of), batchOf(3, ['other'], { producer: 8, attributes: TRANSACTIONAL }),
    marker(4, 9), batchOf(5, ['again'], of), marker(6, 9), marker(7, 8)
  ]
  const { values, next } = await read(log, 0, [{ producer: 9, first: 2 }])
  assert.deepEqual(values, ['0:kept', '3:other', '5:again'])
  assert.equal(next, 8)
})

test('all of several transactions that began before the first record are left out', async () => {
  const log = [batchOf(10, ['a'], { producer: 2, attributes: TRANSACTIONAL }), batchOf(11, ['b'], { producer: 1, attributes: TRANSACTIONAL })]
  const { values } = await read(log, 10, [{ producer: 1, first: 3 }, { producer: 2, first: 4 }])
  assert.deepEqual(values, [])
})

test('compressed batches are read', async () => {
  assert.deepEqual((await read([batchOf(0, ['a', 'b'], { attributes: 1, pack: gzipSync })])).values, ['0:a', '1:b'])
})

test('a batch that cannot be unpacked ends what is read, and says where it is', async () => {
  const beyond = bytes => {
    bytes[5] = 0x7e // 63 bytes
    return bytes
  }
  for (const [bad, why] of [[batchOf(1, ['abc', 'd'], { pack: beyond }), /goes beyond its batch/], [batchOf(1, ['a', 'b'], { attributes: 1 }), /incorrect header/]]) {
    const { values, next, unreadable } = await read([batchOf(0, ['a']), bad, batchOf(3, ['c'])])
    assert.deepEqual([values, next, unreadable.first, unreadable.behind], [['0:a'], 1, 1, 3])
    assert.match(unreadable.why, why)
  }
})

test('a batch whose checksum is wrong says nothing, not even where it ends', async () => {
  const bad = batchOf(1, ['a', 'b'])
  bad.writeInt32BE(99, 23) // how many offsets it has
  const found = await read([batchOf(0, ['a']), bad, batchOf(3, ['c'])])
  assert.deepEqual([found.values, found.next, found.unreadable], [['0:a'], 1, { first: 1, behind: 3, why: 'its checksum is wrong' }])
})

test('a batch without an end is an error', async () => {
  const bad = batchOf(0, ['a'])
  bad.writeInt32BE(-12, 8)
  await assert.rejects(read([bad]), /a batch of records of -12 bytes/)
})
