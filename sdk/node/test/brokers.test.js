/** Connections to brokers, and what is asked of whom. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Brokers } from '../src/bus_brokers.js'
import { COMMITTED } from '../src/bus_read.js'
import { resolve } from '../src/settings.js'

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
