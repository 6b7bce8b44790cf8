/** What is to be sent, and how much of it may wait. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { BATCH_BYTES, BATCH_LINES, Lines, Room } from '../src/lines.js'
import { line } from './support/world.js'

test('a batch has at most so many lines, in their order', () => {
  const room = new Room()
  const lines = new Lines(room)
  for (let number = 0; number < 10_500; number++) lines.add('INFO', [line(`${number}`)], 1, 0)
  const seen = []
  while (lines.isWaiting()) {
    const batch = lines.take(0)
    assert.ok(batch.entries.length <= BATCH_LINES)
    room.sent(batch.weight)
    seen.push(...batch.entries.map(({ line }) => Number(line.message)))
  }
  assert.deepEqual(seen, Array.from({ length: 10_500 }, (_, number) => number))
  assert.equal(room.unsent, 0)
})

test('a batch has at most so many bytes, but one line at least', () => {
  const lines = new Lines(new Room())
  const text = 'x'.repeat(16_384)
  for (let number = 0; number < 40; number++) lines.add('INFO', [line(text)], 1, 0)
  const { entries, weight } = lines.take(0)
  assert.ok(weight <= BATCH_BYTES && weight > BATCH_BYTES - 20_000, `${weight}`)
  assert.equal(entries.length, 15)
})

test('the engine is woken by the first line, and when a batch is full', () => {
  const lines = new Lines(new Room())
  const woken = Array.from({ length: 1500 }, () => lines.add('INFO', [line('x')], 1, 0))
  assert.deepEqual([...woken.keys()].filter(number => woken[number]), [0, BATCH_LINES - 1])
  assert.equal(lines.dueAt(), -Infinity)
})

test('what finds no room is left out and counted, and the count is the last line', () => {
  const room = new Room(undefined, 100)
  const lines = new Lines(room)
  for (let number = 0; number < 20; number++) lines.add('INFO', [line('x'.repeat(18))], 1, 0)
  assert.ok(room.isFull)
  assert.equal(lines.leftOut, 12)
  lines.close(2, 0)
  const { entries, weight } = lines.take(0)
  assert.equal(entries.length, 9)
  assert.deepEqual([entries[8].level, entries[8].line.message], ['WARN', '12 lines were left out here: the brokers did not take those before'])
  room.sent(weight)
  assert.equal(room.unsent, 0)
})

test('what comes after the end is for nobody', () => {
  const room = new Room()
  const lines = new Lines(room)
  lines.close(1, 0)
  assert.ok(!lines.add('INFO', [line('late')], 1, 0))
  room.take(9)
  assert.ok(!lines.append([{ at: 1, level: 'INFO', line: line('late'), weight: 9 }], 9, 0))
  assert.ok(!lines.isWaiting())
  assert.equal(room.unsent, 0)
})
