/** Reading, with brokers that answer what they are told to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { COMMITTED, Fetcher, UNCOMMITTED } from '../src/bus_read.js'
import { batchOf } from './support/batches.js'

/** One broker that leads all but `leaderless`; answers: of one fetch after the other, a list of partitions or an Error. Behind the last one it is silent. */
function world (answers, isolation = COMMITTED, leaderless = []) {
  const seen = { asked: [], messages: [], ends: [], lost: [], why: [], forgotten: 0, questions: 0 }
  const leads = partition => !leaderless.includes(partition)
  const brokers = {
    leaderOf: (topic, partition) => leads(partition) ? 1 : undefined,
    byLeader: async (topic, partitions) => {
      const own = partitions.filter(leads)
      if (own.length < partitions.length) seen.questions += 1
      return { nodes: new Map(own.length > 0 ? [[1, own]] : []), leaderless: partitions.filter(partition => !leads(partition)) }
    },
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
      seen.messages.push(...messages.map(({ partition, offset, at, why = at }) => `${partition}@${offset} ${why}`))
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

test('a partition that nobody leads does not hold up the others', async () => {
  const more = Array.from({ length: 40 }, (_, n) => [part({ records: batchOf(n, ['a']) })])
  const { fetcher, seen } = world(more, COMMITTED, [1])
  fetcher.begin(0, 0)
  fetcher.begin(1, 0)
  await Promise.race([fetcher.fetch(), until(() => seen.messages.length === 40)])
  await until(() => seen.messages.length === 40)
  assert.match(seen.why[0], /^could not read q: q\[1\] has no leader$/)
  assert.ok(seen.questions < 10, `it asked ${seen.questions} times who leads it`)
  fetcher.stop()
})

test('a batch that cannot be unpacked is passed over after three tries, and nothing of the other partitions is lost', async () => {
  const bad = part({ records: batchOf(3, ['x', 'y'], { attributes: 4 }) })
  const answer = n => [part({ partition: 1, records: batchOf(n, ['a']) }), bad]
  const { fetcher, seen } = world([answer(0), answer(1), answer(2), [part({ records: batchOf(5, ['z']) })]])
  fetcher.begin(1, 0)
  fetcher.begin(0, 3)
  await fetcher.fetch()
  await until(() => seen.messages.length === 5)
  assert.deepEqual(seen.messages, ['1@0 1000000', '1@1 1000000', '1@2 1000000',
    '0@4 the batch that begins at 3 cannot be unpacked (it is compressed by zstd, which is not known here)', '0@5 1000000'])
  assert.match(seen.why[0], /^could not read q: partition 0: the batch that begins at 3 cannot be unpacked/)
  fetcher.stop()
})

test('a batch that was damaged on its way is read when it comes again', async () => {
  const bad = batchOf(0, ['a', 'b'])
  bad[70] ^= 1
  const { fetcher, seen } = world([[part({ records: bad })], [part({ records: batchOf(0, ['a', 'b']) })]])
  fetcher.begin(0, 0)
  await fetcher.fetch()
  await until(() => seen.messages.length === 2)
  assert.deepEqual(seen.messages, ['0@0 1000000', '0@1 1001000'])
  fetcher.stop()
})

test('a damaged batch is passed over no further than to the end of what may be read', async () => {
  const bad = batchOf(0, ['a', 'b'])
  bad.writeInt32BE(2 ** 30, 23)
  const { fetcher, seen } = world([1, 2, 3].map(() => [part({ records: bad, lastStableOffset: 2 })]))
  fetcher.begin(0, 0)
  await fetcher.fetch()
  await until(() => seen.messages.length === 1)
  assert.deepEqual([seen.messages, seen.ends], [['0@1 the batch that begins at 0 cannot be unpacked (its checksum is wrong)'], [{ 0: 2 }]])
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
