/** The inbox does what every SDK's does: sdk/conformance/inbox.json. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { Inbox } from '../src/inbox.js'

const { cases } = JSON.parse(readFileSync(new URL('../../conformance/inbox.json', import.meta.url), 'utf8'))

const names = claims => claims.map(claim => claim.key)

function executionOf (what, startBy = null) {
  const [id, attempt] = what.split('/')
  return { execution_id: id, task_id: 'task', attempt: Number(attempt), start_by: startBy }
}

/** Each step is a function of its arguments; what it returns is what the step expects. */
function interpreter ({ concurrency = 16, room = 500 }) {
  const inbox = new Inbox(concurrency, room)
  const claims = new Map()
  let commit = null
  const told = gone => ({ handed: names(gone.handed), forgotten: names(gone.forgotten) })
  return {
    assign: ({ partitions }) => told(inbox.assign(partitions)),
    revoke: () => told(inbox.revoke()),
    begin: ({ partition, stored, oldest }) => inbox.begin(partition, stored, oldest),
    take: ({ partition, offset, what, start_by: startBy, at }) => inbox.take(partition, offset, what === null ? null : executionOf(what, startBy), at),
    end: ({ partition, offset }) => inbox.end(partition, offset),
    cancels_known: () => inbox.cancelsAreKnown(),
    cancel: ({ what, task = 'task' }) => inbox.cancel(what.split('/')[0], task, Number(what.split('/')[1]))?.key ?? null,
    claim: ({ now = 0 }) => {
      const claimed = inbox.claim(now)
      for (const claim of claimed) claims.set(claim.key, claim)
      return names(claimed)
    },
    announced: ({ what }) => inbox.announced(claims.get(what)),
    commit: () => {
      const asked = inbox.commit()
      if (asked === null) return null
      commit = asked
      return Object.fromEntries(asked.positions)
    },
    answer: ({ outcome }) => inbox[outcome](commit),
    hand_out: () => names(inbox.handOut()),
    done: ({ what }) => inbox.done(claims.get(what)),
    note: ({ what, count }) => {
      for (let number = 0; number < (count ?? 0); number++) inbox.note(`${what}-${number}`, 1)
      if (count === undefined) inbox.note(what.split('/')[0], Number(what.split('/')[1]))
    },
    look: ({ expect }) => {
      const all = { waiting: inbox.waiting, busy: inbox.busy, claiming: inbox.isClaiming, alone: inbox.isAnnouncing, paused: inbox.isPaused }
      return Object.fromEntries(Object.keys(expect).map(name => [name, all[name]]))
    }
  }
}

for (const given of cases.filter(given => given.not?.node === undefined)) {
  test(given.name, () => {
    const steps = interpreter(given)
    given.steps.forEach((step, number) => {
      const result = steps[step.do](step) ?? null
      if ('expect' in step) assert.deepEqual(result, step.expect, `step ${number + 1}, ${JSON.stringify(step)}`)
    })
  })
}

test('the end of a forgotten claim frees no place of another one', () => {
  const inbox = new Inbox(1)
  inbox.cancelsAreKnown()
  const claims = []
  for (let time = 0; time < 2; time++) {
    inbox.assign([0])
    inbox.begin(0, 0)
    inbox.take(0, 0, executionOf('a/1'))
    claims.push(...inbox.claim(0))
  }
  inbox.done(claims[0])
  assert.equal(inbox.busy, 1)
  inbox.done(claims[1])
  assert.equal(inbox.busy, 0)
})

test('a generation says that an assignment is another one', () => {
  const inbox = new Inbox(1)
  const seen = [inbox.generation]
  for (let time = 0; time < 2; time++) {
    inbox.assign([0])
    seen.push(inbox.generation)
  }
  inbox.revoke()
  assert.deepEqual([...seen, inbox.generation], [0, 1, 2, 3])
})

test('cancellations that are too many are counted', () => {
  const inbox = new Inbox(1, 500, { cancelsMax: 2 })
  for (let number = 0; number < 3; number++) inbox.cancel(`execution-${number}`, 'task', 1)
  assert.equal(inbox.cancelsLost, 1)
})
