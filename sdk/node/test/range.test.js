/** The assignor, and the agenda. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Agenda } from '../src/agenda.js'
import { assignRange } from '../src/range.js'

test('partitions are shared out in rows, in the order of names, and the first have one more', () => {
  const members = ['c', 'a', 'b'].map(memberId => ({ memberId, topics: ['q'] }))
  assert.deepEqual(Object.fromEntries(assignRange(members, [['q', 7]])), { a: { q: [0, 1, 2] }, b: { q: [3, 4] }, c: { q: [5, 6] } })
})

test('who has no topic, or comes after the last partition, gets none', () => {
  const members = [{ memberId: 'a', topics: ['q'] }, { memberId: 'b', topics: ['q'] }, { memberId: 'c', topics: ['other'] }]
  assert.deepEqual(Object.fromEntries(assignRange(members, [['q', 1]])), { a: { q: [0] }, b: {}, c: {} })
})

test('an agenda gives the earliest first', () => {
  const agenda = new Agenda()
  const times = Array.from({ length: 200 }, (_, number) => (number * 7919) % 1009)
  for (const at of times) agenda.add(at, at)
  const taken = times.map(() => agenda.take().at)
  assert.deepEqual(taken, times.toSorted((a, b) => a - b))
  assert.equal(agenda.next, Infinity)
})

test('it does so too when what is of no use was dropped', () => {
  const agenda = new Agenda()
  for (let n = 0; n < 1000; n++) agenda.add((n * 7919) % 1000, n)
  agenda.tidy(10, ({ at }) => at % 3 === 0)
  const ticks = []
  while (agenda.size > 0) ticks.push(agenda.take().at)
  assert.deepEqual(ticks, Array.from({ length: 334 }, (_, n) => 3 * n))
})
