/** The member of the group, with a coordinator that answers what it is told to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { MemberAssignment } from 'kafkajs/src/consumer/assignerProtocol.js'
import { Member } from '../src/bus_member.js'
import { resolve } from '../src/settings.js'
import { beaten, COMMIT, COORDINATOR, coordinated, HEARTBEAT, JOIN, joined, LEAVE, left, shared, SYNC, withBroker } from './support/broker.js'

const assignment = MemberAssignment.encode({ version: 0, assignment: { q: [1, 0] } })

/** A member that has its partitions. codes: of the answers to those who leave, one after the other. A commit has no answer, the connection ends. */
async function membered (codes, use) {
  const broker = { port: 0 }
  const answers = {
    [COMMIT]: () => {
      for (const socket of broker.sockets) socket.destroy()
      return null
    },
    [COORDINATOR]: () => coordinated(1, broker.port),
    [JOIN]: () => joined(0, 'me'),
    [SYNC]: () => shared(assignment),
    [HEARTBEAT]: () => beaten(0),
    [LEAVE]: () => left(codes.shift())
  }
  await withBroker(api => answers[api](), async ({ port, asked, sockets, stop }) => {
    Object.assign(broker, { port, sockets })
    const words = []
    const hear = { revoking: async () => {} }
    const isAssigned = new Promise(resolve => { hear.assigned = resolve })
    const member = new Member(settingsOf(port), 'q', hear, (level, text) => words.push(text))
    const isOver = member.run()
    assert.deepEqual(await isAssigned, [0, 1])
    await use({ member, words, stop, times: api => asked.filter(one => one === api).length })
    member.close()
    await isOver
  })
}

const settingsOf = port => resolve({ queue: 'q', brokers: `127.0.0.1:${port}` }, {})

test('whoever leaves finds a coordinator that has moved', async () => {
  const codes = [16, 14, 0]
  await membered(codes, async ({ member, words, times }) => {
    const before = times(COORDINATOR)
    await member.leave()
    assert.deepEqual([words, codes, times(LEAVE), times(COORDINATOR) - before], [[], [], 3, 2])
  })
})

test('a commit that had no answer may have been made, and one that never left was not', async () => {
  await membered([0], async ({ member, stop, times }) => {
    assert.equal((await member.commit(new Map([[0, 7]]))).outcome, 'unanswered')
    await stop()
    const { outcome, why } = await member.commit(new Map([[0, 7]]))
    assert.deepEqual([outcome, times(COMMIT)], ['refused', 1])
    assert.match(why, /ECONNREFUSED/)
  })
})

test('whoever was thrown out has left', async () => {
  await membered([25], async ({ member, words, times }) => {
    await member.leave()
    assert.deepEqual([words, times(LEAVE)], [[], 1])
  })
})
