/** Connections to brokers, and what is asked of whom. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'

import { Brokers } from '../src/bus_brokers.js'
import { COMMITTED } from '../src/bus_read.js'
import { resolve } from '../src/settings.js'
import { beaten, COORDINATOR, coordinated, HEARTBEAT, withBroker } from './support/broker.js'

const HOUR = 3_600_000
const BEAT = { groupId: 'g', groupGenerationId: 1, memberId: 'm' }
const genuine = Date.now
const open = []

afterEach(() => {
  Date.now = genuine
  for (const brokers of open.splice(0)) brokers.close()
})

function brokersAt (port, answer) {
  const brokers = new Brokers(resolve({ queue: 'q', brokers: `127.0.0.1:${port}` }, {}), 'test', () => {}, answer)
  brokers.know(1, '127.0.0.1', port)
  open.push(brokers)
  return brokers
}

/** The wall clock goes that much further. */
function jump (milliseconds) {
  Date.now = () => genuine() + milliseconds
}

test('an answer is waited for by a clock that never jumps', async () => {
  let reply = async () => beaten(0)
  await withBroker(() => reply(), async ({ port }) => {
    const brokers = brokersAt(port, 300)
    assert.equal((await brokers.ask(1, 'Heartbeat', BEAT)).errorCode, 0)
    reply = () => null
    const lost = brokers.ask(1, 'Heartbeat', BEAT)
    setTimeout(jump, 20, -HOUR)
    await assert.rejects(lost, /no answer within 0.3 s/)
    reply = () => new Promise(resolve => setTimeout(resolve, 150, beaten(27)))
    const late = brokers.ask(1, 'Heartbeat', BEAT)
    setTimeout(jump, 50, HOUR)
    assert.equal((await late).errorCode, 27)
  })
})

test('a broker that wants to be left alone for a while is, by a clock that never jumps', async () => {
  await withBroker(() => beaten(0, 200), async ({ port }) => {
    const brokers = brokersAt(port, 5000)
    await brokers.ask(1, 'Heartbeat', BEAT)
    jump(-HOUR)
    const begin = performance.now()
    await brokers.ask(1, 'Heartbeat', BEAT)
    assert.ok(performance.now() - begin > 150)
  })
})

test('what is asked while the connection is made waits for it', async () => {
  await withBroker(() => beaten(0), async ({ port }) => {
    const brokers = brokersAt(port, 5000)
    const first = brokers.ask(1, 'Heartbeat', BEAT)
    await new Promise(resolve => setTimeout(resolve, 50))
    const second = brokers.ask(1, 'Heartbeat', BEAT)
    assert.deepEqual((await Promise.all([first, second])).map(({ errorCode }) => errorCode), [0, 0])
  }, 200)
})

test('what is asked while the connection is thrown away fails', async () => {
  await withBroker(() => beaten(0), async ({ port }) => {
    const brokers = brokersAt(port, 60_000)
    await brokers.ask(1, 'Heartbeat', BEAT)
    const asked = brokers.ask(1, 'Heartbeat', BEAT)
    brokers.close()
    await assert.rejects(asked, /Not connected|is closed/)
  })
})

test('a client that is closed while it connects leaves no connection', async () => {
  await withBroker(() => beaten(0), async (broker) => {
    for (let turn = 0; turn < 12; turn++) {
      const brokers = brokersAt(broker.port, 5000)
      const asked = brokers.ask(1, 'Fetch', {}).catch(() => {})
      for (let n = 0; n < turn; n++) await new Promise(resolve => setImmediate(resolve))
      brokers.close()
      await asked
    }
    const end = performance.now() + 5000
    while (broker.sockets.size > 0) {
      assert.ok(performance.now() < end, `${broker.sockets.size} connections are left`)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  })
})

test('each time another broker is asked first: one may know nothing new', async () => {
  await withBroker(() => coordinated(1, 1), async (one) => {
    await withBroker(() => coordinated(2, 2), async (two) => {
      const brokers = brokersAt(one.port, 5000)
      brokers.know(2, '127.0.0.1', two.port)
      const found = []
      for (let n = 0; n < 4; n++) found.push((await brokers.askAny('GroupCoordinator', { groupId: 'g' })).coordinator.nodeId)
      assert.deepEqual(found, [1, 2, 1, 2])
      assert.deepEqual([one, two].map(({ asked }) => asked.filter(api => api === COORDINATOR).length), [2, 2])
      assert.ok(!one.asked.includes(HEARTBEAT))
    })
  })
})

// --- who leads what ---

/** Brokers whose answers are these: leaders of partition 0, 1, ...; offsets: node -> what a question for offsets gets. */
class Told extends Brokers {
  constructor (leaders, offsets) {
    super(resolve({ queue: 'q', brokers: '127.0.0.1:1' }, {}), 'test', () => {})
    this.leaders = leaders
    this.answers = offsets
    this.questions = 0
  }

  async askAny () {
    this.questions += 1
    const partitionMetadata = this.leaders.map((leader, partitionId) => ({ partitionId, leader }))
    return { brokers: [], topicMetadata: [{ topic: 'q', topicErrorCode: 0, partitionMetadata }] }
  }

  async ask (node, api, { topics }) {
    const answer = this.answers[node]
    if (answer instanceof Error) throw answer
    return { responses: [{ partitions: topics[0].partitions.map(({ partition }) => ({ partition, errorCode: answer, offset: String(10 * partition) })) }] }
  }
}

test('offsets of partitions that have a leader are found, and what is wrong with the others is told', async () => {
  const leaders = [1, -1, 2, 3]
  const brokers = new Told(leaders, { 1: 0, 2: new Error('gone'), 3: 6 })
  const { found, why } = await brokers.offsets('q', [0, 1, 2, 3], -1, COMMITTED)
  assert.deepEqual([...found], [[0, 0]])
  assert.equal(why, 'q[1] has no leader')
  await assert.rejects(brokers.allOffsets('q', [0, 2], -1, COMMITTED), /^Error: gone$/)
})

test('a leader that does not answer is looked for anew', async () => {
  const brokers = new Told([1], { 1: new Error('gone'), 2: 0 })
  assert.equal((await brokers.offsets('q', [0], -1, COMMITTED)).why, 'gone')
  brokers.leaders = [2]
  assert.deepEqual([...(await brokers.offsets('q', [0], -1, COMMITTED)).found], [[0, 0]])
  assert.equal(brokers.questions, 2)
})
