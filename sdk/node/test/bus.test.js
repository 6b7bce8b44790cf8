/** Reading, with brokers that answer what they are told to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { COMMITTED, Fetcher, UNCOMMITTED } from '../src/bus_read.js'
import { batchOf } from './support/batches.js'

/** One broker that leads all; answers: of one fetch after the other, a list of partitions or an Error. Behind the last one it is silent. */
function world (answers, isolation = COMMITTED) {
  const seen = { asked: [], messages: [], ends: [], lost: [], why: [], forgotten: 0 }
  const brokers = {
    byLeader: async (topic, partitions) => new Map(partitions.length > 0 ? [[1, partitions]] : []),
    forgetLeaders: () => { seen.forgotten += 1 },
    ask: async (node, api, { topics }) => {
      seen.asked.push(topics[0].partitions.map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`).join(' '))
      const answer = answers.shift() ?? await new Promise(() => {})
      if (typeof answer === 'function') return answer()
      if (answer instanceof Error) throw answer
      return { errorCode: 0, partitions: answer }
    }
  }
  const fetcher = new Fetcher(brokers, 'q', isolation, {
    fetched: (messages, ends) => {
      seen.messages.push(...messages.map(({ partition, offset, at }) => `${partition}@${offset} ${at}`))
      if (ends.size > 0) seen.ends.push(Object.fromEntries(ends))
      fetcher.fetch()
    },
    lost: partition => seen.lost.push(partition),
    failed: why => seen.why.push(why)
  })
  return { fetcher, seen }
}

const part = (given = {}) => ({ partition: 0, errorCode: 0, highWatermark: 9, lastStableOffset: 9, aborted: [], records: Buffer.alloc(0), ...given })

async function until (condition) {
  const end = performance.now() + 5000
  while (!condition()) {
    assert.ok(performance.now() < end, condition.toString())
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}

test('it reads on behind what it has read, and tells an end once', async () => {
  const { fetcher, seen } = world([[part({ records: batchOf(3, ['a', 'b']) })], [part({ lastStableOffset: 5 })], [part({ lastStableOffset: 5 })]])
  fetcher.begin(0, 3)
  await fetcher.fetch()
  await until(() => seen.asked.length === 4)
  assert.deepEqual(seen.messages, ['0@3 1000000', '0@4 1001000'])
  assert.deepEqual(seen.asked, ['0@3', '0@5', '0@5', '0@5'])
  assert.deepEqual(seen.ends, [{ 0: 5 }])
  fetcher.stop()
})

test('the end is that of what may be read: behind open transactions nothing is', async () => {
  const open = [part({ highWatermark: 9, lastStableOffset: 3 })]
  for (const [isolation, ends] of [[COMMITTED, [{ 0: 3 }]], [UNCOMMITTED, []]]) {
    const { fetcher, seen } = world([open], isolation)
    fetcher.begin(0, 3)
    await fetcher.fetch()
    await until(() => seen.asked.length === 2)
    assert.deepEqual(seen.ends, ends)
    fetcher.stop()
  }
})

test('a position that is gone is told, and the partition is read no more until it is begun anew', async () => {
  const { fetcher, seen } = world([[part({ errorCode: 1 }), part({ partition: 1 })], [part({ partition: 1 })]])
  fetcher.begin(0, 3)
  fetcher.begin(1, 4)
  await fetcher.fetch()
  await until(() => seen.asked.length === 3)
  assert.deepEqual(seen.lost, [0])
  assert.deepEqual(seen.asked, ['0@3 1@4', '1@4', '1@4'])
  fetcher.stop()
})

test('what goes wrong is told, leaders are looked for anew, and it reads on', async () => {
  const { fetcher, seen } = world([new Error('cut'), [part({ errorCode: 6 })], [part({ records: batchOf(3, ['a']) })]])
  fetcher.begin(0, 3)
  await fetcher.fetch()
  await until(() => seen.messages.length === 1)
  assert.match(seen.why[0], /^could not read q: cut/)
  assert.match(seen.why[1], /^could not read q: partition 0: NOT_LEADER/)
  assert.equal(seen.forgotten, 2)
  fetcher.stop()
})

test('an answer about a position that was begun anew meanwhile counts for nothing', async () => {
  let answer
  const { fetcher, seen } = world([() => new Promise(resolve => { answer = resolve })])
  fetcher.begin(0, 3)
  await fetcher.fetch()
  fetcher.begin(0, 7)
  answer({ errorCode: 0, partitions: [part({ records: batchOf(3, ['a']) })] })
  await until(() => seen.asked.length === 2)
  assert.deepEqual([seen.messages, seen.asked], [[], ['0@3', '0@7']])
  fetcher.stop()
})

test('once it is stopped nothing is heard', async () => {
  let answer
  const { fetcher, seen } = world([() => new Promise(resolve => { answer = resolve })])
  fetcher.begin(0, 3)
  await fetcher.fetch()
  fetcher.stop()
  answer({ errorCode: 0, partitions: [part({ records: batchOf(3, ['a']) })] })
  await new Promise(resolve => setImmediate(resolve))
  assert.deepEqual(seen.messages, [])
})
