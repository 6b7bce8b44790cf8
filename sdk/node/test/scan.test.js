/** Looking through `status`, with brokers that answer what they are told to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Bus } from '../src/bus.js'
import { Brokers } from '../src/bus_brokers.js'
import { encode } from '../src/codec.js'
import { resolve } from '../src/settings.js'
import { batchOf } from './support/batches.js'

const END = 5 // of the one partition
const LATEST = -1

const report = encode('ExecutionStatus', {
  execution_id: '01a20dc8-e780-84a3-82a6-000000000001',
  task_id: '25863586-ab2e-5a4d-ae75-e2f830b9b6e4',
  attempt: 1,
  event_id: '931c68c2-dd45-494e-8ae7-78f29a4cf900',
  status: 'RUNNING',
  reason: 'NONE',
  occurred_at: 1,
  worker: { name: 'w', incarnation: '931c68c2-dd45-494e-8ae7-78f29a4cf900' },
  message: null,
  exit_code: null,
  result: null
})

/** What a look through one partition has come to; answers: of one fetch after the other, batches or an Error. The last one is given again. */
async function scanned (t, ...answers) {
  const words = []
  const offsets = []
  t.mock.method(Brokers.prototype, 'leaderOf', () => 1)
  t.mock.method(Brokers.prototype, 'forgetLeaders', () => {})
  t.mock.method(Brokers.prototype, 'byLeader', async (topic, partitions) => ({ nodes: new Map([[1, partitions]]), leaderless: [] }))
  t.mock.method(Brokers.prototype, 'allOffsets', async (topic, partitions, since) => new Map([[0, since === LATEST ? END : 0]]))
  t.mock.method(Brokers.prototype, 'ask', async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer instanceof Error) throw answer
    return { errorCode: 0, partitions: [{ partition: 0, errorCode: 0, highWatermark: END, lastStableOffset: 0, aborted: [], records: answer }] }
  })
  const end = await new Promise(resolve => {
    const engine = {
      reported: (scan, reports) => offsets.push(...reports.map(({ offset }) => offset)),
      scanned: () => resolve('scanned'),
      notScanned: (scan, why) => resolve(why)
    }
    const bus = new Bus(resolveSettings(), f => f(engine), (level, text) => words.push(`${level} ${text}`))
    bus.scan(1, [0], 0)
    t.after(() => bus.close())
  })
  return { end, words, offsets }
}

const resolveSettings = () => resolve({ queue: 'q', brokers: '127.0.0.1:1' }, {})

test('it goes on where a broker did not answer once', async (t) => {
  const { end, words, offsets } = await scanned(t, batchOf(0, [report, report]), new Error('cut'), batchOf(2, [report, 'x', report]))
  assert.deepEqual([end, words, offsets], ['scanned', ['WARN could not read cronobs.status: cut'], [0, 1, 2, 4]])
})

test('it goes on behind a batch that cannot be unpacked', async (t) => {
  const bad = batchOf(0, ['x', 'y'], { attributes: 2 })
  const { end, words, offsets } = await scanned(t, bad, bad, bad, batchOf(2, [report, report, report]))
  assert.deepEqual([end, offsets], ['scanned', [2, 3, 4]])
  assert.match(words.at(-1), /^ERROR passed over in cronobs\.status\[0\]: the batch that begins at 0 cannot be unpacked \(it is compressed by snappy/)
})
