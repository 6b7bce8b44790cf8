/** The producer, with brokers that answer what they are told to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Brokers } from '../src/bus_brokers.js'
import { Sender } from '../src/bus_send.js'
import { resolve } from '../src/settings.js'

const SETTINGS = resolve({ queue: 'q', brokers: '127.0.0.1:1' }, {})
const TOO_LARGE = 10
const INVALID = 87
const NOT_LEADER = 6

/**
 * A sender whose partitions are led by these nodes (undefined: by none). answer: what a request gets, from [partition of a topic, values]: a code each,
 * or an Error for all. told: what became of each record.
 */
function world (t, leaders, answer) {
  const seen = { requests: [], told: [], questions: 0 }
  t.mock.method(Brokers.prototype, 'leaderOf', (topic, partition) => leaders[partition])
  t.mock.method(Brokers.prototype, 'forgetLeaders', () => {})
  t.mock.method(Brokers.prototype, 'metadata', async () => { seen.questions += 1 })
  t.mock.method(Brokers.prototype, 'ask', async (node, api, { topicData }) => {
    const parts = topicData.flatMap(({ topic, partitions }) => partitions.map(({ partition, messages }) => [topic, partition, messages.map(({ value }) => String(value))]))
    seen.requests.push(`${node}: ${parts.map(([topic, partition, values]) => `${topic.replace('cronobs.', '')}/${partition} ${values.map(v => v.slice(0, 3))}`).join(' ')}`)
    const codes = await answer(parts, node)
    return { topics: parts.map(([topic, partition], n) => ({ topicName: topic, partitions: [{ partition, errorCode: codes[n] }] })) }
  })
  const answers = {
    answered: (run, error, isHopeless) => seen.told.push(`${run}${error === null ? '' : ` ${error.split(':')[0]}`}${isHopeless ? ' for good' : ''}`),
    beatAnswered: (run, error) => seen.told.push(`${run} beat${error === null ? '' : ` ${error}`}`)
  }
  const sender = new Sender(SETTINGS, answers, () => {})
  t.after(() => sender.stop())
  return { sender, seen, send: (value, partition = 0, topic = 'status') => sender.send({ topic, partition, key: 'k', value: Buffer.from(value) }, value.slice(0, 3)) }
}

async function until (condition) {
  const end = performance.now() + 5000
  while (!condition()) {
    assert.ok(performance.now() < end, condition.toString())
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

const taken = parts => parts.map(() => 0)

test('what is sent in one turn makes one request a broker, and one is on its way at a time', async (t) => {
  let answer
  const { seen, send } = world(t, [1, 2], parts => new Promise(resolve => { answer = () => resolve(taken(parts)) }))
  send('a')
  send('b', 0, 'logs')
  await until(() => seen.requests.length === 1)
  send('c')
  send('d', 0, 'heartbeats')
  await new Promise(resolve => setTimeout(resolve, 10))
  assert.deepEqual(seen.requests, ['1: status/0 a logs/0 b'])
  answer()
  await until(() => seen.requests.length === 2)
  answer()
  await until(() => seen.told.length === 4)
  assert.deepEqual([seen.requests[1], seen.told], ['1: status/0 c heartbeats/0 d', ['a', 'b', 'c', 'd beat']])
})

for (const [code, name] of [[TOO_LARGE, 'MESSAGE_TOO_LARGE'], [INVALID, 'INVALID_RECORD']]) {
  test(`what is refused for good is found by sending each by itself: ${name}`, async (t) => {
    const { seen, send } = world(t, [1], parts => parts.map(([, , values]) => values.includes('bad') ? code : 0))
    for (const value of ['a', 'bad', 'c']) send(value)
    await until(() => seen.told.length === 3)
    assert.deepEqual([seen.requests.length, seen.told], [4, ['a', `bad ${name} for good`, 'c']])
  })
}

test('what is refused for now, or has no answer, is told, and leaders are looked for anew', async (t) => {
  const answers = [() => [NOT_LEADER], () => { throw new Error('cut') }]
  const { seen, send } = world(t, [1], () => answers.shift()())
  send('a')
  await until(() => seen.told.length === 1)
  send('b')
  await until(() => seen.told.length === 2)
  assert.deepEqual(seen.told, ['a NOT_LEADER_FOR_PARTITION', 'b cut'])
  assert.equal(Brokers.prototype.forgetLeaders.mock.callCount(), 4)
})

test('a partition without a leader does not hold up the others', async (t) => {
  const { seen, send } = world(t, [1, undefined], taken)
  send('a')
  send('b', 1)
  await until(() => seen.told.length === 2)
  assert.deepEqual([seen.told.sort(), seen.questions], [['a', 'b cronobs.status[1] has no leader'], 1])
})

test('a request holds no more than a broker takes', async (t) => {
  const { seen, send } = world(t, [1], taken)
  for (let n = 0; n < 30; n++) send(`${String(n).padStart(3, '0')}${'x'.repeat(400_000)}`, 0, n % 2 ? 'logs' : 'status')
  await until(() => seen.told.length === 30)
  assert.equal(seen.requests[0], '1: status/0 000,002 logs/0 001,003')
  assert.equal(seen.requests.length, 8)
})

test('once it is stopped nothing is told', async (t) => {
  const { sender, seen, send } = world(t, [1], () => new Promise(resolve => setTimeout(resolve, 10, [0])))
  send('a')
  await until(() => seen.requests.length === 1)
  sender.stop()
  await new Promise(resolve => setTimeout(resolve, 30))
  assert.deepEqual(seen.told, [])
})
